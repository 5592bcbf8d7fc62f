//! The municipalities of the official list that a text can mean.

use crate::directory::municipalities::{MUNICIPALITIES, ReferenceMunicipality};
use crate::kernel::text::squeeze;

/// Municipalities that a text can mean at most.
const MOST: usize = 20;

/// Ends of names that people leave out or shorten: 서울시 for 서울특별시.
const ENDS: [&str; 8] = [
    "특별자치시",
    "특별자치도",
    "특별시",
    "광역시",
    "도",
    "시",
    "군",
    "구",
];

/// A municipality that a text can mean.
#[derive(Clone, Copy, Debug)]
pub struct Meant {
    pub one: &'static ReferenceMunicipality,
    /// The municipality of former days that the text names, which this one succeeds.
    pub former: Option<&'static ReferenceMunicipality>,
}

/// Returns the municipalities that a text can mean: by their codes, their names, the beginnings of their
/// names, and those of their predecessors.
pub fn meant(text: &str) -> Vec<Meant> {
    let wanted = squeeze(text);
    let wanted = wanted.strip_suffix('청').unwrap_or(&wanted);
    if wanted.is_empty() {
        return Vec::new();
    }
    let named = |is: &dyn Fn(&str) -> bool| -> Vec<Meant> {
        let found = MUNICIPALITIES.iter().filter(|one| {
            let mut names = one.name.texts().chain(one.full_name.texts());
            one.code == wanted || names.any(|name| is(&squeeze(name)))
        });
        found.flat_map(present).collect()
    };
    let mut all = named(&|name| name == wanted);
    if all.is_empty() {
        let end = ENDS.iter().find_map(|end| wanted.strip_suffix(end));
        let stem = end.filter(|stem| !stem.is_empty()).unwrap_or(wanted);
        all = named(&|name| name.starts_with(stem));
    }
    all.sort_by(|a, b| (a.former.is_some(), &a.one.code).cmp(&(b.former.is_some(), &b.one.code)));
    all.dedup_by(|later, earlier| later.one.code == earlier.one.code);
    all.truncate(MOST);
    all
}

/// Returns a municipality, or those that succeed it today.
fn present(one: &'static ReferenceMunicipality) -> Vec<Meant> {
    if one.valid_to.is_none() {
        return vec![Meant { one, former: None }];
    }
    let codes = one.succeeded_by.iter();
    let all = codes.filter_map(|code| MUNICIPALITIES.iter().find(|known| known.code == *code));
    let all = all.map(|new| Meant {
        one: new,
        former: Some(one),
    });
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        let all = meant(text).into_iter();
        all.filter_map(|meant| meant.one.full_name.ko.as_deref())
            .collect()
    }

    #[test]
    fn a_municipality_is_found_as_people_write_it() {
        for (text, name) in [
            ("고양시", "경기도 고양시"),
            ("고양", "경기도 고양시"),
            ("성남시청", "경기도 성남시"),
            ("서울시", "서울특별시"),
            ("Goyang", "경기도 고양시"),
            ("4128000000", "경기도 고양시"),
            ("전라북도", "전북특별자치도"),
            ("경기도 광주시", "경기도 광주시"),
        ] {
            assert!(names(text).contains(&name), "{text}: {:?}", names(text));
        }
        assert_eq!(names("고성군").len(), 2);
        assert!(names("동구").len() > 2);
        assert_eq!(names("성남"), ["경기도 성남시"]);
        let former = meant("전라북도")[0].former.unwrap();
        assert_eq!(former.name.ko.as_deref(), Some("전라북도"));
        assert!(!names("광주광역시").is_empty());
        for none in ["", "청", "없는곳시", "9999999999"] {
            assert!(names(none).is_empty(), "{none}");
        }
    }
}
