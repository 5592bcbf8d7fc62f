//! The mapping of columns to members of a record, by the names in their headers.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::kind::ImportKind;
use super::rows::steps;
use crate::kernel::text::is_word;
use crate::projects::milestones::types::MilestoneKind;

/// How it was found what a column states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportMappingRule)]
pub enum MappingRule {
    /// The header is a name of the field.
    Name,
    /// The header without what it has in parentheses is a name of the field.
    NameWithoutUnit,
    /// The header ends with a name of the field.
    Ending,
    /// An import of the municipality with the same headers was mapped so.
    Remembered,
    /// The caller states it.
    Given,
    /// The file is an export of the registry, and the column is one of its columns.
    Exported,
    /// The column is hidden in the file. It is left out until the caller states its field.
    Hidden,
    /// No field takes the column; its content is kept in the remarks.
    None,
}

/// What a column states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    pub field: Option<String>,
    /// From 0 to 100.
    pub score: u8,
    pub rule: MappingRule,
}

impl Match {
    pub const NONE: Self = Self {
        field: None,
        score: 0,
        rule: MappingRule::None,
    };
}

/// Lowest score of a header that is known.
pub const KNOWN: u8 = 55;

type Names = HashMap<String, Vec<(&'static str, u8)>>;

/// The names of fields in headers, with their scores, and the fields in alphabetical order.
struct Fields {
    names: Names,
    all: Vec<&'static str>,
}

static AGREEMENTS: LazyLock<Fields> = LazyLock::new(|| Fields::of(include_str!("agreements.tsv")));
static ORGANIZATIONS: LazyLock<Fields> =
    LazyLock::new(|| Fields::of(include_str!("organizations.tsv")));
static ANNOUNCEMENTS: LazyLock<Fields> =
    LazyLock::new(|| Fields::of(include_str!("announcements.tsv")));
static MEETINGS: LazyLock<Fields> = LazyLock::new(|| Fields::of(include_str!("meetings.tsv")));
static MILESTONES: LazyLock<Fields> = LazyLock::new(|| Fields::of(include_str!("milestones.tsv")));

impl Fields {
    fn of(table: &'static str) -> Self {
        let names = names(table);
        let mut all: Vec<&str> = names.values().flatten().map(|(field, _)| *field).collect();
        all.sort_unstable();
        all.dedup();
        Self { names, all }
    }
}

fn names(table: &'static str) -> Names {
    let mut names = Names::new();
    for line in table.lines() {
        let mut parts = line.split('\t');
        if let (Some(field), Some(name), Some(Ok(score))) =
            (parts.next(), parts.next(), parts.next().map(str::parse))
        {
            names.entry(plain(name)).or_default().push((field, score));
        }
    }
    names
}

fn table(kind: ImportKind) -> &'static Fields {
    match kind {
        ImportKind::Agreements => &AGREEMENTS,
        ImportKind::Organizations => &ORGANIZATIONS,
        ImportKind::Meetings => &MEETINGS,
        ImportKind::Announcements => &ANNOUNCEMENTS,
        ImportKind::Milestones => &MILESTONES,
    }
}

/// Returns the fields of a kind of records, in alphabetical order.
pub fn fields(kind: ImportKind) -> &'static [&'static str] {
    &table(kind).all
}

/// Words of headers of columns with data about persons.
const PERSONAL: [&str; 14] = [
    "담당자",
    "담당공무원",
    "실무자",
    "주무관",
    "이메일",
    "전자우편",
    "email",
    "휴대폰",
    "휴대전화",
    "핸드폰",
    "생년월일",
    "주민등록번호",
    "주민번호",
    "집주소",
];

/// Returns whether a column holds data about persons, such as the officer in charge. These are never kept
/// in public remarks by themselves.
pub fn is_personal(header: &str) -> bool {
    let plain = plain(header);
    let is_name = plain.ends_with("성명") && !plain.ends_with("공동성명");
    is_name || PERSONAL.iter().any(|word| plain.contains(word))
}

/// Returns a header without spaces and punctuation, in lower case.
pub fn plain(header: &str) -> String {
    let folded = header.nfkc().flat_map(char::to_lowercase);
    folded.filter(|c| is_word(*c)).collect()
}

/// Returns the text of a header before its parentheses, and what is in these.
pub fn with_unit(header: &str) -> (String, Option<String>) {
    let open = |c: char| matches!(c, '(' | '（' | '[' | '〔');
    let close = |c: char| matches!(c, ')' | '）' | ']' | '〕');
    let Some(start) = header.find(open) else {
        return (header.to_owned(), None);
    };
    let inside = &header[start..];
    let end = inside.find(close).unwrap_or(inside.len());
    let unit = inside[..end].trim_start_matches(open).trim().to_owned();
    let after = inside[end..].trim_start_matches(close);
    let name = format!("{} {}", header[..start].trim(), after.trim());
    (name.trim().to_owned(), Some(unit).filter(|u| !u.is_empty()))
}

/// Returns all fields that a header can mean, the likeliest first.
fn candidates(kind: ImportKind, header: &str) -> Vec<Match> {
    let names = &table(kind).names;
    let found = |name: &str, minus: u8, rule| {
        let all = names.get(name).into_iter().flatten();
        all.map(move |(field, score)| Match {
            field: Some((*field).to_owned()),
            score: score.saturating_sub(minus),
            rule,
        })
        .collect::<Vec<_>>()
    };
    let whole = plain(header);
    let bare = plain(&with_unit(header).0);
    let mut all = found(&whole, 0, MappingRule::Name);
    if bare != whole {
        all.extend(found(&bare, 2, MappingRule::NameWithoutUnit));
    }
    if all.is_empty() && kind == ImportKind::Milestones {
        let step = steps::step(header).filter(|step| *step != MilestoneKind::Other);
        all.extend(step.map(|step| Match {
            field: Some(step.as_str().to_owned()),
            score: 90,
            rule: MappingRule::Name,
        }));
    }
    if all.is_empty() {
        let mut endings: Vec<(usize, &String)> = names
            .keys()
            .filter(|name| name.chars().count() >= 2 && bare.ends_with(name.as_str()))
            .map(|name| (name.len(), name))
            .collect();
        endings.sort_unstable_by(|a, b| b.cmp(a));
        if let Some((_, name)) = endings.first() {
            all.extend(found(name, 20, MappingRule::Ending));
        }
    }
    all.sort_by_key(|m| std::cmp::Reverse(m.score));
    // Remarks are perhaps public: what an ending suggests does not make data about persons one.
    let is_private = |m: &Match| {
        m.rule == MappingRule::Ending && m.field.as_deref() == Some("note") && is_personal(header)
    };
    all.retain(|m| m.score >= KNOWN && !is_private(m));
    all
}

/// Fields that several columns can state together.
const SHARED: &[&str] = &[
    "parties",
    "purpose",
    "topics",
    "note",
    "sources_url",
    "commitment_amount",
    "commitment_persons",
    "commitment_area",
    "attendees",
    "officers",
    "activities",
    "contact",
    "contact_phone",
    "contact_email",
];

/// Returns what each column states. A field is given to the column whose header fits best.
pub fn map(kind: ImportKind, headers: &[String]) -> Vec<Match> {
    let all: Vec<Vec<Match>> = headers.iter().map(|h| candidates(kind, h)).collect();
    let mut order: Vec<(u8, usize, usize)> = Vec::new();
    for (column, matches) in all.iter().enumerate() {
        order.extend(
            matches
                .iter()
                .enumerate()
                .map(|(n, m)| (m.score, column, n)),
        );
    }
    order.sort_by_key(|(score, column, n)| (std::cmp::Reverse(*score), *column, *n));
    let mut mapped = vec![Match::NONE; headers.len()];
    let mut taken: Vec<&str> = Vec::new();
    for (_, column, n) in order {
        let found = &all[column][n];
        let Some(field) = found.field.as_deref() else {
            continue;
        };
        if mapped[column].field.is_some() || taken.contains(&field) {
            continue;
        }
        mapped[column] = found.clone();
        if !SHARED.contains(&field) {
            taken.push(field);
        }
    }
    // A second column of money is a part of the first.
    for (column, matches) in all.iter().enumerate() {
        let is_cost = matches.iter().any(|m| m.field.as_deref() == Some("cost"));
        if mapped[column].field.is_none() && is_cost {
            mapped[column] = Match {
                field: Some("commitment_amount".to_owned()),
                ..matches[0].clone()
            };
        }
    }
    if kind == ImportKind::Milestones {
        number_phases(&mut mapped);
    }
    mapped
}

/// Takes a column of steps for one of phases where each step has a column of its own.
fn number_phases(mapped: &mut [Match]) {
    let is = |found: &Match, field: &str| found.field.as_deref() == Some(field);
    let is_step = |found: &&Match| found.field.as_deref().and_then(steps::of_field).is_some();
    let steps = mapped.iter().filter(is_step).count();
    if steps < 2 || mapped.iter().any(|found| is(found, "phase")) {
        return;
    }
    if let Some(found) = mapped.iter_mut().find(|found| is(found, "kind")) {
        found.field = Some("phase".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(headers: &[&str]) -> Vec<Option<String>> {
        let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
        let all = map(ImportKind::Agreements, &headers);
        all.into_iter().map(|m| m.field).collect()
    }

    /// Headers of ledgers, and the fields that they state.
    const LEDGERS: &[(&[&str], &[&str])] = &[
        (
            &[
                "연번",
                "협약명",
                "협약기관",
                "체결일",
                "협약기간",
                "담당부서",
                "비고",
            ],
            &[
                "row_number",
                "title",
                "parties",
                "signed_on",
                "effective_period",
                "lead_department",
                "note",
            ],
        ),
        (
            &[
                "번호",
                "MOU명",
                "상대처",
                "협약일자",
                "주요내용",
                "진행 여부",
            ],
            &[
                "row_number",
                "title",
                "parties",
                "signed_on",
                "purpose",
                "status",
            ],
        ),
        (
            &[
                "국내외구분",
                "국가/도시명",
                "결연일자",
                "협정구분",
                "교류내용",
            ],
            &["topics", "parties", "signed_on", "kind", "purpose"],
        ),
        (
            &[
                "투자협약명",
                "투자기업",
                "협약체결일자",
                "유치금액(억원)",
                "고용인원(명)",
            ],
            &[
                "title",
                "parties",
                "signed_on",
                "commitment_amount",
                "commitment_persons",
            ],
        ),
        (
            &[
                "구분",
                "체결 일자",
                "체결 기관",
                "사업비(백만원) 계",
                "사업비(백만원) 시비",
            ],
            &[
                "topics",
                "signed_on",
                "parties",
                "cost",
                "commitment_amount",
            ],
        ),
        (
            &[
                "사업명",
                "기관명",
                "체결연도",
                "면적",
                "홈페이지 링크",
                "데이터기준일자",
            ],
            &[
                "title",
                "parties",
                "signed_on",
                "commitment_area",
                "sources_url",
                "sources_published_on",
            ],
        ),
        (
            &["협약대상", "서명일자", "발효일자", "계약기간"],
            &["parties", "signed_on", "effective_from", "effective_period"],
        ),
    ];

    #[test]
    fn headers_of_ledgers_are_known() {
        for (headers, fields) in LEDGERS {
            let right: Vec<Option<String>> = fields.iter().map(|f| Some((*f).to_owned())).collect();
            assert_eq!(mapped(headers), right, "{headers:?}");
        }
    }

    #[test]
    fn data_about_persons_are_no_remarks() {
        let of = |kind, header: &str| map(kind, &[header.to_owned()])[0].field.clone();
        assert_eq!(of(ImportKind::Organizations, "담당자 연락처"), None);
        assert_eq!(
            of(ImportKind::Organizations, "기관 연락처"),
            Some("note".to_owned())
        );
        assert_eq!(
            of(ImportKind::Agreements, "담당자 연락처"),
            Some("contact_phone".to_owned())
        );
    }

    #[test]
    fn a_field_is_given_to_the_best_header() {
        assert_eq!(
            mapped(&["사업명", "협약명", "우리 시 협약명", "항목가"]),
            [None, Some("title".to_owned()), None, None]
        );
    }

    #[test]
    fn steps_in_columns_leave_the_phases_to_a_column_of_steps() {
        for (headers, fields) in [
            (
                ["사업명", "단계", "착공일", "준공 인가일"],
                ["project", "phase", "groundbreaking", "completion"],
            ),
            (
                ["사업명", "단계", "목표 시점", "사유"],
                ["project", "kind", "target", "reason"],
            ),
        ] {
            let headers = headers.map(str::to_owned);
            let all = map(ImportKind::Milestones, &headers);
            let found: Vec<&str> = all.iter().filter_map(|m| m.field.as_deref()).collect();
            assert_eq!(found, fields);
        }
    }

    #[test]
    fn units_are_told_from_names() {
        let told = |header: &str| with_unit(header);
        assert_eq!(
            told("유치금액(억원)"),
            ("유치금액".into(), Some("억원".into()))
        );
        assert_eq!(
            told("사업비(백만원) 계"),
            ("사업비 계".into(), Some("백만원".into()))
        );
        assert_eq!(told("비고"), ("비고".into(), None));
    }
}
