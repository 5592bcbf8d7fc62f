//! Identifiers of organizations issued by others.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::rule::rule_error;

/// The issuer of an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Scheme {
    /// 사업자등록번호, the 10-digit business registration number of Korea's tax office.
    #[serde(rename = "KR-BRN")]
    BusinessNumber,
    /// 법인등록번호, the 13-digit corporate registration number of Korea's courts.
    #[serde(rename = "KR-CRN")]
    CorporateNumber,
    /// Any other scheme; the id should begin with its name.
    #[serde(rename = "other")]
    Other,
}

impl Scheme {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BusinessNumber => "KR-BRN",
            Self::CorporateNumber => "KR-CRN",
            Self::Other => "other",
        }
    }
}

/// An identifier of an organization, issued by another body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_well_formed"))]
#[schema(example = json!({"scheme": "KR-BRN", "id": "1248100998"}))]
pub struct Identifier {
    /// The issuer.
    pub scheme: Scheme,
    /// The identifier. In a registration number, spaces and dashes of all kinds are ignored, and
    /// full-width digits are those of ASCII.
    #[schema(min_length = 1, max_length = 100, pattern = r"^.+$")]
    pub id: String,
}

impl Identifier {
    /// Returns the form in which identifiers are compared.
    pub fn key(&self) -> String {
        match self.scheme {
            Scheme::Other => self.id.trim().to_owned(),
            // NFKC turns full-width digits into those of ASCII.
            _ => self.id.nfkc().filter(|c| !is_separator(*c)).collect(),
        }
    }

    /// Returns false for a corporate number with a wrong check digit. Such numbers were issued, so
    /// this deserves a warning and no more. Returns true if there is nothing to check.
    pub fn is_plausible(&self) -> bool {
        match (self.scheme, digits(&self.key()).as_deref()) {
            (Scheme::CorporateNumber, Some(digits)) => {
                let sum: u32 = digits
                    .iter()
                    .zip([1, 2].iter().cycle())
                    .take(12)
                    .map(|(d, w)| d * w)
                    .sum();
                digits.get(12) == Some(&((10 - sum % 10) % 10))
            }
            _ => true,
        }
    }
}

/// Returns true for dashes of all kinds, spaces and invisible characters.
fn is_separator(c: char) -> bool {
    let is_dash = matches!(
        c,
        '-' | '\u{AD}' | '\u{58A}' | '\u{5BE}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{207B}'
                | '\u{208B}'
                | '\u{2212}'
                | '\u{2E3A}'
                | '\u{2E3B}'
                | '\u{301C}'
                | '\u{3030}'
                | '\u{30FC}'
                | '\u{3161}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
    );
    is_dash || c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|c| c.to_digit(10)).collect()
}

/// Returns true if a business number can have been issued: three digits of the tax office, from 101,
/// two of the kind of business, from 01, four of the serial number, from 0001, and the check digit,
/// with the weights 1,3,7,1,3,7,1,3,5 and the tens of the last product.
fn is_business_number(digits: &[u32]) -> bool {
    let [head @ .., last] = digits else {
        return false;
    };
    if digits.len() != 10
        || digits[..3] < [1, 0, 1][..]
        || digits[3..5] == [0; 2]
        || digits[5..9] == [0; 4]
    {
        return false;
    }
    let sum: u32 = head
        .iter()
        .zip([1, 3, 7, 1, 3, 7, 1, 3, 5])
        .map(|(d, w)| d * w)
        .sum();
    (10 - (sum + head[8] * 5 / 10) % 10) % 10 == *last
}

fn is_well_formed(identifier: &Identifier) -> Result<(), ValidationError> {
    let digits = digits(&identifier.key());
    match identifier.scheme {
        Scheme::BusinessNumber if !digits.as_deref().is_some_and(is_business_number) => {
            Err(rule_error(
                "business_number",
                "/id",
                "사업자등록번호가 아닙니다. 세무서(101부터), 구분(01부터), 일련번호(0001부터)와 검증번호의 10자리여야 합니다. 예: 124-81-00998",
                "This is not a business number: 10 digits, of the tax office (from 101), the kind (from 01), \
                 the serial number (from 0001) and the right check digit, as 124-81-00998.",
            ))
        }
        Scheme::CorporateNumber if digits.as_deref().is_none_or(|d| d.len() != 13) => {
            Err(rule_error(
                "corporate_number",
                "/id",
                "법인등록번호는 숫자 13자리여야 합니다.",
                "A corporate number has 13 digits.",
            ))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1248100998", true)] // Samsung Electronics, as printed on its receipts
    #[case("124-81-00998", true)]
    #[case("１２４８１００９９８", true)]
    #[case("１２４－８１－００９９８", true)]
    #[case("124\u{2013}81\u{2212}00998", true)]
    #[case("124\u{2010}81\u{2011}00998\u{200B}", true)]
    #[case(" 124 81\u{3000}00998 ", true)]
    // Numbers of no office, no kind, no serial number, though the check digit is right.
    #[case("0000000000", false)]
    #[case("1008100992", false)]
    #[case("0018100996", false)]
    #[case("1240000999", false)]
    #[case("1248100004", false)]
    #[case("1018100001", false)]
    #[case("1018100016", true)]
    #[case("1248100999", false)]
    #[case("124810099", false)]
    #[case("12481009a8", false)]
    fn business_numbers(#[case] id: &str, #[case] good: bool) {
        let identifier = Identifier {
            scheme: Scheme::BusinessNumber,
            id: id.into(),
        };
        assert_eq!(identifier.validate().is_ok(), good);
    }

    #[rstest]
    #[case("1301110006246", true, true)]
    #[case("1301110006247", true, false)]
    #[case("130111000624", false, true)]
    fn corporate_numbers(#[case] id: &str, #[case] accepted: bool, #[case] plausible: bool) {
        let identifier = Identifier {
            scheme: Scheme::CorporateNumber,
            id: id.into(),
        };
        assert_eq!(identifier.validate().is_ok(), accepted);
        if accepted {
            assert_eq!(identifier.is_plausible(), plausible);
        }
    }
}
