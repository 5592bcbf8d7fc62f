//! Official codes of municipalities (행정구역코드) as names of recorded ones.

use diesel::prelude::*;

use super::municipalities::municipality;
use crate::db::AnyConnection;
use crate::db::schema::organizations as o;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::stored_id;

/// Number of digits of a code.
pub const DIGITS: usize = 10;

/// Returns true if a text has the form of a code.
pub fn is_code(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the recorded municipality with a code. A former code without a record of its own leads to
/// the municipality that took its place, unless there were several.
pub fn recorded(conn: &mut AnyConnection, code: &str) -> Result<Option<OrganizationId>, ApiError> {
    for code in line(code) {
        let id = o::table.filter(o::code.eq(code)).select(o::id);
        let id: Option<String> = id.first(conn).optional()?;
        if let Some(id) = id {
            return stored_id(&id).map(Some);
        }
    }
    Ok(None)
}

/// Returns a code with those that replaced it one after the other, up to a split.
fn line(code: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(code), |code| {
        match municipality(code)?.succeeded_by.as_slice() {
            [sole] => Some(sole.as_str()),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::municipalities::MUNICIPALITIES;

    #[test]
    fn a_code_has_ten_digits() {
        assert!(is_code("4128000000"));
        for other in [
            "",
            "412800000",
            "41280000000",
            "４１２８００００００",
            "41280000-0",
        ] {
            assert!(!is_code(other), "{other}");
        }
    }

    #[test]
    fn a_former_code_leads_to_its_sole_successor() {
        let all = |code| line(code).collect::<Vec<_>>();
        assert_eq!(all("4128000000"), ["4128000000"]);
        // Gunsan, when the province became a special self-governing one.
        assert_eq!(all("4513000000"), ["4513000000", "5213000000"]);
        assert_eq!(all("0000000000"), ["0000000000"]);
        let split = MUNICIPALITIES.iter().find(|m| m.succeeded_by.len() > 1);
        let split = split.unwrap().code.as_str();
        assert_eq!(all(split), [split]);
        // No line runs in a circle.
        for m in MUNICIPALITIES.iter() {
            assert!(line(&m.code).take(20).count() < 20, "{}", m.code);
        }
    }
}
