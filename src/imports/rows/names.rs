//! Organizations that cells name: the importing city itself, those of the registry, and new ones.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::columns::Ledger;
use super::parties;
use super::words::is_department;
use crate::directory::legal_forms::name_key;
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::squeeze;

/// The importing municipality.
#[derive(Clone, Debug)]
pub struct Own {
    pub id: OrganizationId,
    /// Its names, also earlier ones.
    pub names: Vec<String>,
}

impl Own {
    /// Returns whether a text names the municipality, or a department of it.
    pub fn is(&self, text: &str) -> bool {
        self.is_itself(text) || is_department(text) || self.is_below(text)
    }

    fn is_itself(&self, text: &str) -> bool {
        let wanted = squeeze(text);
        let bare = ["시청", "군청", "구청", "도청"].iter().find_map(|end| {
            let city = wanted.strip_suffix(end)?;
            Some(format!("{city}{}", end.chars().next()?))
        });
        let mut names = self.names.iter().map(|name| squeeze(name));
        names.any(|name| name == wanted || bare.as_ref() == Some(&name))
    }

    fn is_below(&self, text: &str) -> bool {
        let below = self.names.iter().find_map(|name| text.strip_prefix(name.as_str()));
        below.is_some_and(|rest| {
            let rest = rest.trim_matches(['(', ')', ' ', '청']);
            is_department(rest)
        })
    }
}

/// An organization of the registry that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: OrganizationId,
    pub name: String,
}

/// Returns an organization of the registry that has a name.
pub fn found(id: OrganizationId, name: &str) -> Found {
    Found {
        id,
        name: name.to_owned(),
    }
}

/// The organizations of the registry whose names look like those in a table, by the form in which
/// names count as equal.
#[derive(Clone, Debug, Default)]
pub struct Directory(pub HashMap<String, Vec<Found>>);

impl Directory {
    /// Returns the organizations that a name can mean: those with the very name, otherwise those
    /// whose names differ in form alone.
    pub fn find(&self, name: &str) -> Vec<&Found> {
        let all: Vec<&Found> = self.0.get(&name_key(name)).into_iter().flatten().collect();
        let same: Vec<&Found> = all
            .iter()
            .copied()
            .filter(|found| squeeze(&found.name) == squeeze(name))
            .collect();
        if same.is_empty() { all } else { same }
    }
}

/// Returns the name of every organization in the columns of parties.
pub fn party_names(ledger: &Ledger<'_>, own: &Own) -> Vec<String> {
    let mut names = Vec::new();
    for row in &ledger.layout.rows {
        for column in ledger.of("parties") {
            let text = row.cells[column].stated().unwrap_or_default();
            let read = parties::read(&text, |name| own.is(name));
            names.extend(read.named.into_iter().map(|p| p.name));
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Returns an organization that is recorded with the row, as a request names it.
pub fn new_organization(name: &str) -> Value {
    let language = if name.chars().any(|c| !c.is_ascii()) { "ko" } else { "en" };
    json!({ "organization": { "name": { language: name }, "kind": kind(name) } })
}

/// Returns the kind of organization that a name suggests.
fn kind(name: &str) -> &'static str {
    let plain = squeeze(name);
    let has = |parts: &[&str]| parts.iter().any(|part| plain.contains(part));
    let ends = |parts: &[&str]| parts.iter().any(|part| plain.ends_with(part));
    match () {
        () if has(&["주식회사", "유한회사"]) || name.contains(['㈜', '㈕']) => "company",
        () if has(&["(주)", "(유)"]) || name.contains("(주)") || name.contains("(유)") => "company",
        () if ends(&["병원", "의료원", "의원", "의료재단", "메디컬센터"]) => "hospital",
        () if has(&["대학교", "대학원", "산학협력단"]) || ends(&["대학", "대"]) => "university",
        () if ends(&["연구원", "연구소", "테크노파크", "진흥연구원"]) => "research_institute",
        () if ends(&["협회", "협의회", "연합회", "조합", "상공회의소", "총연맹", "연맹", "노총", "상인회", "수의사회", "의사회"]) => {
            "association"
        }
        () if ends(&["공사", "공단", "시설관리공단"]) => "public_corporation",
        () if ends(&["재단", "장학회", "복지재단", "문화재단"]) => "foundation",
        () if ends(&["시", "군", "구", "도", "청", "경찰서", "소방서", "교육지원청", "처", "부", "위원회"]) => {
            "government_agency"
        }
        () if ends(&["은행", "전자", "건설", "카드", "물산", "화학", "제약", "에너지", "증권", "보험"]) => "company",
        () => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_city_is_known_by_its_names_and_departments() {
        let own = Own {
            id: uuid::Uuid::nil().into(),
            names: vec!["갑시".into(), "Gap-si".into()],
        };
        for name in ["갑시", "갑 시", "gap-si", "갑시청", "갑시 기획예산과", "기획예산과", "갑시(환경정책과)"] {
            assert!(own.is(name), "{name}");
        }
        for name in ["갑도시공사", "을시", "갑시체육회"] {
            assert!(!own.is(name), "{name}");
        }
    }

    #[test]
    fn names_suggest_kinds() {
        for (name, right) in [
            ("을전자㈜", "company"),
            ("무병원", "hospital"),
            ("정대학교 산학협력단", "university"),
            ("갑도시공사", "public_corporation"),
            ("정무역협회", "association"),
            ("병군", "government_agency"),
            ("기노인복지관", "other"),
        ] {
            assert_eq!(kind(name), right, "{name}");
        }
    }
}
