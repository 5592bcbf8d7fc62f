//! Which recorded agreement or milestone an announcement is about. Pure.
//!
//! [`Records`] indexes what is recorded by the names of parties and by pairs of characters of titles,
//! so that an announcement is compared with few of them. Each comparison gives points with reasons.

mod days;
#[cfg(test)]
mod invented;
#[cfg(test)]
mod measure_tests;
mod score;
mod text;

use std::collections::{BTreeSet, HashMap, HashSet};

use super::store::Target;
use super::types::{AnnouncementContent, AnnouncementKind};
use crate::directory::legal_forms::name_key;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Bounds, Localized};
use crate::organizations::matching::{Compared, Similar, abbreviated};
use score::rarity;
pub use score::{Candidate, Reason};
use text::{Forms, Pair, Text, title_pairs};

/// Candidates of one announcement at most.
const MOST: usize = 10;
/// Titles that share a pair at most, so that it leads to them.
const RARE: usize = 150;
/// Points from which the first candidate is proposed.
const PROPOSED: i32 = 60;
/// Points by which it leads then.
const LEAD: i32 = 4;

/// Returns the candidates of which one is probably right: the first, and those close behind it; none if
/// the first is not likely enough. One alone is proposed.
pub fn leading(found: &[Candidate]) -> &[Candidate] {
    let best = found.first().map_or(0, |first| first.score);
    let is_close = |one: &&Candidate| best >= PROPOSED && best - one.score < LEAD;
    &found[..found.iter().take_while(is_close).count()]
}

/// What an announcement tells, as far as it is compared.
pub struct Told {
    kind: AnnouncementKind,
    text: Text,
    /// The pairs of its title, and those of its whole text.
    title: HashSet<Pair>,
    pairs: HashSet<Pair>,
    /// The names of parties that it states.
    parties: Vec<String>,
    announced: Bounds,
    happened: Bounds,
}

impl Told {
    pub fn of(content: &AnnouncementContent) -> Self {
        let texts = content.text.iter().flat_map(Localized::texts);
        let parties = content.parties.iter().map(|party| party.name.as_str());
        let text = Text::of(content.title.texts().chain(texts).chain(parties));
        Self {
            kind: content.kind,
            title: Text::of(content.title.texts()).pairs(),
            pairs: text.pairs(),
            text,
            parties: content.parties.iter().map(|one| one.name.clone()).collect(),
            announced: Bounds::of(content.announced_on.as_ref()),
            happened: Bounds::of(content.happened_on.as_ref()),
        }
    }
}

/// A recorded agreement or milestone, as far as it is compared.
#[derive(Clone, Debug)]
pub struct Known {
    pub target: Target,
    pub kind: AnnouncementKind,
    /// Title of the agreement, or of the project of the milestone.
    pub title: Localized,
    /// Day of signing; of a milestone the day on which it was met, or else is expected.
    pub day: Bounds,
    /// Parties beside the owner, or implementers.
    pub parties: Vec<OrganizationId>,
    /// Titles of the projects that the agreement serves.
    pub projects: Vec<Localized>,
}

/// The names of a recorded organization.
#[derive(Clone, Debug, Default)]
pub struct PartyNames {
    pub name: String,
    /// Its names in the form in which names count as equal.
    pub keys: Vec<String>,
}

/// What is recorded, indexed.
pub struct Records {
    all: Vec<Entry>,
    parties: Vec<String>,
    /// The records of each party.
    by_party: Vec<Vec<usize>>,
    by_key: HashMap<String, Vec<usize>>,
    forms: Forms,
    similar: Similar,
    /// The records whose title has a pair.
    by_pair: HashMap<Pair, Vec<usize>>,
}

/// A record with its forms.
struct Entry {
    known: Known,
    /// Places of its parties among all parties.
    parties: Vec<usize>,
    /// Its title in each language: an announcement is mostly in one.
    titles: Vec<Title>,
    /// The pairs of the titles of its projects, in each language.
    projects: Vec<Vec<HashSet<Pair>>>,
}

/// A title in one language.
struct Title {
    /// Its pairs, each with how much it tells.
    pairs: Vec<(Pair, f64)>,
    /// How much all of them tell.
    whole: f64,
}

impl Records {
    /// Indexes what is recorded; `names` are those of the organizations that take part, and `own` those
    /// of the municipality, which tell nothing.
    pub fn of(
        known: Vec<Known>,
        names: &HashMap<OrganizationId, PartyNames>,
        own: &[String],
    ) -> Self {
        let mut places: HashMap<OrganizationId, usize> = HashMap::new();
        let (mut parties, mut by_key) = (Vec::new(), HashMap::<String, Vec<usize>>::new());
        for id in known.iter().flat_map(|one| &one.parties) {
            let Some(named) = names.get(id).filter(|_| !places.contains_key(id)) else {
                continue;
            };
            places.insert(*id, parties.len());
            for key in &named.keys {
                by_key.entry(key.clone()).or_default().push(parties.len());
            }
            parties.push(named.name.clone());
        }
        let all_forms = || {
            by_key.iter().flat_map(|(key, of)| {
                let all = std::iter::once(key.clone()).chain(abbreviated(key));
                all.flat_map(|form| of.iter().map(move |of| (form.clone(), *of)))
            })
        };
        let forms = Forms::of(all_forms());
        // The place of none.
        let own = own.iter().map(|name| (name.clone(), usize::MAX));
        let telling_nothing = Forms::of(all_forms().chain(own));
        let entries = known.into_iter();
        let entries = entries.map(|one| Entry::of(one, &places, &telling_nothing));
        let mut all: Vec<Entry> = entries.collect();
        let mut by_party = vec![Vec::new(); parties.len()];
        let mut by_pair: HashMap<Pair, Vec<usize>> = HashMap::new();
        for (at, entry) in all.iter().enumerate() {
            for party in &entry.parties {
                by_party[*party].push(at);
            }
            let pairs = entry.titles.iter().flat_map(|title| &title.pairs);
            let pairs: BTreeSet<Pair> = pairs.map(|(pair, _)| *pair).collect();
            for pair in pairs {
                by_pair.entry(pair).or_default().push(at);
            }
        }
        for title in all.iter_mut().flat_map(|entry| &mut entry.titles) {
            for (pair, tells) in &mut title.pairs {
                *tells = rarity(by_pair[pair].len());
            }
            title.whole = title.pairs.iter().map(|(_, tells)| tells).sum();
        }
        Self {
            all,
            parties,
            by_party,
            similar: Similar::of(by_key.keys()),
            by_key,
            forms,
            by_pair,
        }
    }

    /// Returns the records that an announcement is perhaps about, the likeliest first, without those
    /// that were ruled out.
    pub fn candidates(&self, told: &Told, ruled_out: &BTreeSet<Target>) -> Vec<Candidate> {
        let named = self.named(told);
        let near = self.near(told, &named).into_iter();
        let near = near.filter(|at| !ruled_out.contains(&self.all[*at].known.target));
        let scored = near.filter_map(|at| self.score(told, &named, at));
        let mut found: Vec<Candidate> = scored.filter(|one| one.score > 0).collect();
        found.sort_by(|a, b| (b.score, a.target).cmp(&(a.score, b.target)));
        found.truncate(MOST);
        if let [first] = leading(&found) {
            let proposed = first.target;
            found
                .iter_mut()
                .for_each(|one| one.is_proposed = one.target == proposed);
        }
        found
    }

    /// Returns the parties that an announcement names, in its list or in its text.
    fn named(&self, told: &Told) -> HashSet<usize> {
        let mut named = self.forms.named_in(&told.text);
        for name in &told.parties {
            let key = name_key(name);
            if self.by_key.contains_key(&key) {
                continue;
            }
            let alike = self.similar.to(&Compared::of(&key));
            let best = alike.iter().map(|(_, score, _)| *score).max();
            let keys = alike.iter().filter(|(_, score, _)| Some(*score) == best);
            named.extend(keys.flat_map(|(key, ..)| &self.by_key[key]));
        }
        named
    }

    /// Returns the records that share a party or several rare pairs of the title with an
    /// announcement.
    fn near(&self, told: &Told, named: &HashSet<usize>) -> HashSet<usize> {
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for pair in &told.title {
            let records = self.by_pair.get(pair).filter(|all| all.len() <= RARE);
            for at in records.into_iter().flatten() {
                *shared.entry(*at).or_default() += 1;
            }
        }
        let by_title = shared.into_iter().filter(|(_, pairs)| *pairs >= 2);
        let by_party = named.iter().flat_map(|party| &self.by_party[*party]);
        let near = by_title.map(|(at, _)| at).chain(by_party.copied());
        near.filter(|at| self.all[*at].known.kind == told.kind)
            .collect()
    }
}

impl Entry {
    fn of(known: Known, places: &HashMap<OrganizationId, usize>, names: &Forms) -> Self {
        let parties = known
            .parties
            .iter()
            .filter_map(|id| places.get(id).copied());
        let mut parties: Vec<usize> = parties.collect();
        parties.sort_unstable();
        parties.dedup();
        let pairs = |title: &Localized| -> Vec<HashSet<Pair>> {
            let each = title.texts().map(|text| title_pairs(text, names));
            each.filter(|pairs| !pairs.is_empty()).collect()
        };
        let titles = pairs(&known.title).into_iter().map(|pairs| {
            // In an order, so that the same records give the same points.
            let mut pairs: Vec<Pair> = pairs.into_iter().collect();
            pairs.sort_unstable();
            Title {
                pairs: pairs.into_iter().map(|pair| (pair, 0.0)).collect(),
                whole: 0.0,
            }
        });
        Self {
            parties,
            titles: titles.collect(),
            projects: known.projects.iter().map(pairs).collect(),
            known,
        }
    }
}
