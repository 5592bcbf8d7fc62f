//! Numbers of people, companies and other things.

use super::figures::{self, Figured, Figures, Stated};
use super::numbers::{Decimal, factor};
use super::{Context, Note, Reading, areas};
use crate::kernel::values::Amount;

/// Reads a text as a number of something. The type holds one number alone: a range, and a text
/// without a number, have no value.
pub fn read_count(text: &str, context: &Context) -> Reading<Amount> {
    let by_figures = |figured: Figured<'_>| {
        let Figured {
            stated,
            words,
            figures,
            mut notes,
        } = figured;
        let context = &figures::with_unit(context, &figures);
        match amount(&figures, context, words, &mut notes) {
            Ok(amount) => Reading::of(stated, amount, notes),
            Err(note) => {
                notes.push(note);
                Reading {
                    notes,
                    ..Reading::blank(stated)
                }
            }
        }
    };
    figures::reading(text, |_| None, by_figures)
}

/// Returns the number that figures state, or why they state none.
fn amount(
    figures: &Figures,
    context: &Context,
    words: String,
    notes: &mut Vec<Note>,
) -> Result<Amount, Note> {
    let Stated::One(figure) = &figures.stated else {
        return Err(Note::range_not_held());
    };
    let unit = figures::unit_of(figure, context).ok_or_else(Note::unit_unknown)?;
    let (by, mut word) = factor(&unit);
    for tail in ["예정", "계획", "목표"] {
        if let Some(before) = word.strip_suffix(tail).map(str::trim_end) {
            word = before;
            notes.push(Note::planned());
        }
    }
    // `450명 고용` is `고용 450명`.
    for act in ACTS {
        word = word.strip_suffix(act).map_or(word, str::trim_end);
    }
    let of_header = figure.after.is_empty();
    let is_year = word == "년" && figure.value >= Decimal::whole(1000);
    let is_dotted = figure.dotted && by == Decimal::whole(1) && word != "%";
    if !(of_header || is_counter(word)) || is_year || is_dotted || figures::is_no_total(figures) {
        return Err(Note::not_understood());
    }
    let value = figure.value.times(by).map(Decimal::as_f64);
    let value = value.ok_or_else(Note::not_understood)?;
    if value > 9_007_199_254_740_991.0 || word.chars().count() > 50 || word.is_empty() {
        return Err(Note::not_understood());
    }
    Ok(Amount {
        value,
        unit: unit_name(word),
        approximate: figures.approximate,
        as_stated: Some(words),
    })
}

/// Words that count things.
const COUNTERS: [&str; 79] = [
    "명",
    "인",
    "사람",
    "분",
    "가구",
    "세대",
    "호",
    "쌍",
    "팀",
    "조",
    "반",
    "개",
    "건",
    "점",
    "일자리",
    "곳",
    "개소",
    "개사",
    "개국",
    "개교",
    "개년",
    "개월",
    "년",
    "달",
    "주",
    "일",
    "시간",
    "회",
    "차례",
    "번",
    "종",
    "권",
    "부",
    "편",
    "장",
    "매",
    "본",
    "그루",
    "마리",
    "두",
    "필지",
    "동",
    "실",
    "층",
    "면",
    "석",
    "좌석",
    "병상",
    "학급",
    "학교",
    "과정",
    "과목",
    "강좌",
    "기",
    "기관",
    "기업",
    "업체",
    "사",
    "단체",
    "대",
    "척",
    "량",
    "톤",
    "t",
    "리터",
    "미터",
    "제곱미터",
    "킬로미터",
    "세트",
    "상자",
    "박스",
    "포",
    "퍼센트",
    "%",
    "%p",
    "배",
    "인분",
    "객실",
    "교",
];

/// Words behind a number that say what becomes of what it counts.
const ACTS: [&str; 5] = ["고용", "채용", "양성", "유치", "창출"];

/// English words that count things, with the registry's names of the units.
const ENGLISH: [(&str, &str); 7] = [
    ("persons", "persons"),
    ("person", "persons"),
    ("people", "persons"),
    ("employees", "persons"),
    ("jobs", "jobs"),
    ("job", "jobs"),
    ("items", "items"),
];

/// Returns whether a word counts things, rather than going on with a text.
fn is_counter(word: &str) -> bool {
    let word = word.trim().trim_matches(['.', ',']);
    let of_things = word.strip_prefix('개').map(str::trim_start);
    let is_thing = |thing: &str| {
        let hangul = thing.chars().all(|c| ('가'..='힣').contains(&c));
        hangul && thing.chars().count() <= 5
    };
    let is_symbol = !word.is_empty()
        && word.chars().count() <= 6
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '/');
    COUNTERS.contains(&word)
        || ENGLISH.iter().any(|(name, _)| *name == word)
        || of_things.is_some_and(is_thing)
        || areas::is_unit(word)
        || super::money::is_unit(word)
        || (is_symbol && word.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Returns the registry's name for a unit, or the word itself.
fn unit_name(word: &str) -> String {
    let word = word.trim();
    let english = ENGLISH.iter().find(|(name, _)| *name == word);
    let name = match english.map_or(word, |(_, unit)| unit) {
        "명" | "인" | "사람" => "persons",
        "개" | "건" | "점" => "items",
        "일자리" | "개 일자리" => "jobs",
        _ if areas::is_unit(word) && matches!(word, "m2" | "제곱미터") => "square_metres",
        other => other,
    };
    name.to_owned()
}
