//! The names of the importing municipality and of its departments.

use std::collections::BTreeSet;

use crate::db::AnyConnection;
use crate::directory::legal_forms::name_key;
use crate::directory::municipalities as reference;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::Localized;
use crate::organizations::store;

/// The importing municipality, as cells name it.
#[derive(Clone, Debug)]
pub struct Own {
    id: OrganizationId,
    keys: BTreeSet<String>,
}

impl Own {
    /// Reads its names: those recorded and those of the official list.
    ///
    /// # Errors
    /// `not_found`
    pub fn load(conn: &mut AnyConnection, id: OrganizationId) -> Result<Self, ApiError> {
        let record = store::get(conn, id, None)?;
        let content = &record.doc.content;
        let official = record.code.as_deref().and_then(reference::municipality);
        let official = official
            .into_iter()
            .flat_map(|one| one.name.texts().chain(one.full_name.texts()));
        let short = content.short_name.iter().flat_map(Localized::texts);
        let names = content.full_names().chain(short).chain(official);
        Ok(Self::of(record.meta.id, names))
    }

    fn of<'a>(id: OrganizationId, names: impl Iterator<Item = &'a str>) -> Self {
        let names = names.flat_map(|name| {
            let english = english(name).into_iter().flatten();
            english.chain([name.to_owned()])
        });
        let keys = names.map(|name| name_key(&name));
        let keys = keys.filter(|key| !key.is_empty()).collect();
        Self { id, keys }
    }

    pub fn id(&self) -> OrganizationId {
        self.id
    }

    /// Returns whether a name is that of the municipality, of its office (시청) or of its head, perhaps with
    /// its province.
    pub fn is_named(&self, name: &str) -> bool {
        let key = match reference::within_parent(name) {
            Some((full, _)) => name_key(&full),
            None => name_key(name),
        };
        let office = ["청", "장"].iter().find_map(|end| key.strip_suffix(end));
        let itself = [
            "우리시",
            "본시",
            "당시",
            "우리군",
            "본군",
            "우리구",
            "본구",
            "우리도",
        ];
        self.keys.contains(&key)
            || office.is_some_and(|before| self.keys.contains(before))
            || itself.contains(&key.as_str())
    }

    /// Returns the department that a name is: one behind the name of the municipality, or one alone.
    pub fn part(&self, name: &str) -> Option<String> {
        const ENDS: [&str; 4] = ["과", "팀", "담당관", "기획실"];
        const BEHIND: [&str; 9] = ["국", "실", "단", "본부", "소", "사업소", "센터", "읍", "면"];
        // Bodies of their own, even behind the name of the city.
        const OTHERS: [&str; 6] = ["재단", "공단", "상공회의소", "산학협력단", "우체국", "학과"];
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let name = name.trim();
        // A district (일반구) of a city, and none that governs itself (자치구).
        let is_district = || name.ends_with('구') && reference::within_parent(name).is_none();
        if let Some((city, part)) = name.split_once(' ')
            && self.is_named(city)
            && (ends(&ENDS) || ends(&BEHIND) || is_district())
            && !ends(&OTHERS)
        {
            return Some(part.trim().to_owned());
        }
        // A department of a university is none of the city.
        let other = name.ends_with("학과")
            || name.contains("대학")
            || name.contains(' ')
            || name.contains('(');
        (ends(&ENDS) && !other && name.chars().count() > 2).then(|| name.to_owned())
    }
}

/// Ends of romanized names of municipalities, and their kinds in English.
const KINDS: [(&str, &str); 4] = [
    ("-si", "City"),
    ("-gun", "County"),
    ("-gu", "District"),
    ("-do", "Province"),
];

/// Returns the romanized name of a municipality: `Suwon-si` of `Suwon City`.
pub(super) fn romanized(name: &str) -> Option<String> {
    let found = |(end, kind): (&str, &str)| {
        let before = name.strip_suffix(kind).map(str::trim_end);
        let behind = || name.strip_prefix(kind)?.strip_prefix(" of ");
        Some(format!("{}{end}", before.or_else(behind)?))
    };
    KINDS.into_iter().find_map(found)
}

/// Returns the names in English of a municipality whose official one is romanized: `Goyang City` of
/// `Goyang-si`.
fn english(name: &str) -> Option<[String; 3]> {
    let found = |(end, kind): (&str, &'static str)| Some((name.strip_suffix(end)?, kind));
    let (place, kind) = KINDS.into_iter().find_map(found)?;
    Some([
        format!("{place} {kind}"),
        format!("{kind} of {place}"),
        format!("{place} Special {kind}"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_is_known_by_its_names_and_departments() {
        let id = OrganizationId::from(uuid::Uuid::nil());
        let names = ["고양시", "경기도 고양시", "갑시", "Goyang-si"];
        let own = Own::of(id, names.into_iter());
        for name in [
            "고양시",
            "갑시",
            "경기도 고양시",
            "고양시청",
            "고양시장",
            "고양특례시",
            "고양특례시청",
            "고양특례시장",
            "경기도 고양특례시",
            "경기 고양시",
            "우리 시",
            "Goyang City",
            "City of Goyang",
            "Goyang-si",
        ] {
            assert!(own.is_named(name), "{name}");
        }
        assert_eq!(romanized("Suwon City").as_deref(), Some("Suwon-si"));
        assert_eq!(romanized("City of Suwon").as_deref(), Some("Suwon-si"));
        for name in [
            "고양시의회",
            "을시",
            "고양도시관리공사",
            "Goyang City Council",
        ] {
            assert!(!own.is_named(name), "{name}");
        }
        for (name, part) in [
            ("갑시 기업지원과", Some("기업지원과")),
            ("고양시청 경제국", Some("경제국")),
            ("고양시 일산동구", Some("일산동구")),
            ("일자리정책과", Some("일자리정책과")),
            ("감사담당관", Some("감사담당관")),
            ("을대학교 간호학과", None),
            ("간호학과", None),
            ("갑시 문화재단", None),
            ("갑시 시설관리공단", None),
            ("갑시 상공회의소", None),
            ("을전자", None),
            ("우체국", None),
        ] {
            assert_eq!(own.part(name).as_deref(), part, "{name}");
        }
    }
}
