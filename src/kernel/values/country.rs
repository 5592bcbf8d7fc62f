//! Countries of bodies abroad.
//!
//! Source: ISO 3166-1, all 249 officially assigned alpha-2 codes, as in `iso3166.tab` of the IANA time
//! zone database 2025b, and compared with the crate `iso_country` 0.1.4, which has the same ones.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// The code of the Republic of Korea.
pub const KOREA: &str = "KR";

const CODES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ \
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM \
    DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS \
    GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN \
    KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM \
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI \
    VN VU WF WS YE YT ZA ZM ZW";

/// Returns whether a text is an officially assigned alpha-2 code, in capitals.
pub fn is_country(text: &str) -> bool {
    text.len() == 2 && CODES.split(' ').any(|code| code == text)
}

/// A name as it is written where the organization is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"language": "ja", "text": "唐津市"}))]
pub struct LocalName {
    /// Language as a BCP 47 tag, with the script where it matters (`zh-Hant`).
    #[schema(max_length = 35, pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: String,
    /// The name in that language and its script.
    #[schema(max_length = 500, pattern = r"^.+$")]
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assigned_codes_are_countries() {
        assert_eq!(CODES.split(' ').count(), 249);
        assert!(CODES.split(' ').is_sorted());
        for code in [KOREA, "JP", "CN", "US", "TW", "SS"] {
            assert!(is_country(code), "{code}");
        }
        for other in ["", "jp", "J", "JPN", "XX", "UK", "A ", " A"] {
            assert!(!is_country(other), "{other}");
        }
    }
}
