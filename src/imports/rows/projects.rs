//! The projects that the cells of a file name, matched with those of the municipality. Pure.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::kernel::text::squeeze;
use crate::kernel::values::Localized;
use crate::projects::list::NamedProject;

/// Projects that a name perhaps means at most.
const MOST: usize = 5;
/// Lowest score of a name that is alike, from 0 to 100.
const ALIKE: usize = 45;
/// Words at the end of titles that ledgers add and leave out.
const GENERIC: [&str; 3] = ["조성사업", "사업", "project"];

/// The projects of a municipality, by their titles.
#[derive(Default)]
pub struct Projects {
    all: Vec<NamedProject>,
    /// Places by the key of a title.
    by_key: HashMap<String, Vec<usize>>,
}

/// The projects that a text can mean, the likeliest first, with their scores.
pub enum Meant<'a> {
    One(&'a NamedProject),
    Unclear(Vec<(&'a NamedProject, usize)>),
}

impl Projects {
    pub fn of(all: Vec<NamedProject>) -> Self {
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, project) in all.iter().enumerate() {
            for title in project.titles.iter().flat_map(Localized::texts) {
                let places = by_key.entry(key(title)).or_default();
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        Self { all, by_key }
    }

    /// Returns the project of an id, or of a title whatever its spaces and punctuation.
    pub fn meant(&self, text: &str) -> Meant<'_> {
        let id: Option<Uuid> = text.parse().ok();
        if let Some(project) = self.all.iter().find(|p| id == Some(p.id.into())) {
            return Meant::One(project);
        }
        let wanted = key(text);
        let places = self.by_key.get(&wanted).into_iter().flatten();
        let same: Vec<&NamedProject> = places.filter_map(|place| self.all.get(*place)).collect();
        if let [one] = same[..] {
            return Meant::One(one);
        }
        if !same.is_empty() {
            return Meant::Unclear(same.into_iter().map(|project| (project, 100)).collect());
        }
        let mut scores: HashMap<usize, usize> = HashMap::new();
        for (key, places) in &self.by_key {
            let score = likeness(&wanted, key);
            for place in places.iter().filter(|_| score >= ALIKE) {
                let best = scores.entry(*place).or_default();
                *best = score.max(*best);
            }
        }
        let mut alike: Vec<(usize, usize)> = scores.into_iter().collect();
        alike.sort_by_key(|(place, score)| (std::cmp::Reverse(*score), *place));
        let alike = alike.into_iter().take(MOST);
        let alike = alike.filter_map(|(place, score)| Some((self.all.get(place)?, score)));
        Meant::Unclear(alike.collect())
    }
}

/// Returns the form in which titles count as equal.
fn key(title: &str) -> String {
    let plain = squeeze(title);
    let ends = GENERIC.iter();
    let bare = ends.filter_map(|end| plain.strip_suffix(end)).next();
    match bare {
        Some(bare) if !bare.is_empty() => bare.to_owned(),
        _ => plain,
    }
}

/// Returns how alike two titles are, from 0 to 100: by the pairs of letters that they share, and more
/// if one contains the other.
fn likeness(one: &str, other: &str) -> usize {
    let pairs =
        |text: &str| -> HashSet<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (ours, theirs) = (pairs(one), pairs(other));
    let shared = ours.intersection(&theirs).count();
    let score = 200 * shared / (ours.len() + theirs.len()).max(1);
    let is_part = |part: &str, whole: &str| part.chars().count() >= 3 && whole.contains(part);
    match is_part(one, other) || is_part(other, one) {
        true => score.clamp(80, 99),
        false => score.min(99),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::values::Localized;

    fn projects(titles: &[&str]) -> Projects {
        let named = titles.iter().enumerate().map(|(n, title)| NamedProject {
            id: Uuid::from_u128(n as u128).into(),
            titles: vec![Localized {
                ko: Some((*title).to_owned()),
                en: None,
            }],
            phases: Vec::new(),
        });
        Projects::of(named.collect())
    }

    /// Returns the place of the project that is meant, or the places of those that are alike.
    fn meant(titles: &[&str], text: &str) -> Result<u128, Vec<u128>> {
        let number = |project: &NamedProject| Uuid::from(project.id).as_u128();
        match projects(titles).meant(text) {
            Meant::One(project) => Ok(number(project)),
            Meant::Unclear(all) => Err(all.iter().map(|(project, _)| number(project)).collect()),
        }
    }

    #[test]
    fn titles_are_matched_whatever_their_spaces() {
        let titles = [
            "갑을일반산업단지",
            "병정 농공단지 조성사업",
            "을동 도시개발사업",
        ];
        for (text, right) in [
            ("갑을 일반산업단지", Ok(0)),
            ("갑을일반산업단지 조성사업", Ok(0)),
            ("병정농공단지", Ok(1)),
            ("갑을산업단지", Err(vec![0])),
            ("을동 도시개발", Ok(2)),
            ("갑을일반산업단지 진입도로", Err(vec![0])),
            ("무기 체육관", Err(Vec::new())),
            ("00000000-0000-0000-0000-000000000001", Ok(1)),
        ] {
            assert_eq!(meant(&titles, text), right, "{text}");
        }
        let twice = ["가나 산단", "가나산단 조성사업"];
        assert_eq!(meant(&twice, "가나산단"), Err(vec![0, 1]));
    }
}
