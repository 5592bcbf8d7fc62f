//! The term of an agreement as one text: what was stated, if that says all of it, and else its dates with
//! the renewal.

use serde::Deserialize;
use serde_json::Value;

use crate::kernel::values::RenewalTerms;
use crate::kernel::wording::{Context, Term, read_term};

/// The members of an agreement that a term fills.
pub const MEMBERS: [&str; 4] = [
    "effective_from",
    "effective_until",
    "auto_renews",
    "renewal",
];

/// Returns the term of an agreement as it is typed; empty if nothing is known of it.
pub fn text(record: &Value) -> String {
    let ends = [&record["effective_until"], &record["effective_from"]];
    let stated = ends.iter().filter_map(|date| date["as_stated"].as_str());
    let whole = stated.into_iter().find(|words| says_all(words, record));
    whole.map_or_else(|| composed(record), str::to_owned)
}

/// Returns whether a text, read in one of its ways, states each member that the record has.
fn says_all(text: &str, record: &Value) -> bool {
    let reading = read_term(text, &Context::default());
    let choices = reading.choices.into_iter().map(|choice| choice.value);
    let mut ways = reading.value.into_iter().chain(choices);
    ways.any(|term| {
        let Term {
            from,
            until,
            auto_renews,
            renewal,
        } = term;
        from.is_some() != record["effective_from"].is_null()
            && until.is_some() != record["effective_until"].is_null()
            && auto_renews == record["auto_renews"].as_bool()
            && renewal == renewal_of(record)
    })
}

fn renewal_of(record: &Value) -> Option<RenewalTerms> {
    RenewalTerms::deserialize(&record["renewal"]).ok()
}

/// Returns a text of the dates and of how the term renews.
fn composed(record: &Value) -> String {
    let date = |member: &str| {
        let date = &record[member];
        let words = date["edtf"].as_str().or(date["as_stated"].as_str());
        words.unwrap_or_default().to_owned()
    };
    let (from, until) = (date("effective_from"), date("effective_until"));
    let term = match (from.as_str(), until.as_str()) {
        ("", "") => String::new(),
        ("", until) => until.to_owned(),
        (from, "") => format!("{from} ~"),
        (from, until) => format!("{from} ~ {until}"),
    };
    let renewal = match record["auto_renews"].as_bool() {
        Some(true) => renews(renewal_of(record).as_ref()),
        Some(false) => "자동 연장 없음".to_owned(),
        None => String::new(),
    };
    let parts = [term, renewal];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn renews(renewal: Option<&RenewalTerms>) -> String {
    let Some(terms) = renewal else {
        return "자동 연장".to_owned();
    };
    let length = match terms.months {
        months if months % 12 == 0 => format!("{}년씩", months / 12),
        months => format!("{months}개월씩"),
    };
    let notice = terms.notice_days;
    let notice = notice.map_or_else(String::new, |days| {
        format!("만료 {days}일 전까지 이의 없으면 ")
    });
    let times = terms.times;
    let times = times.map_or_else(String::new, |times| format!(" {times}회"));
    format!("{notice}{length}{times} 자동 연장")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_term_is_shown_as_it_was_stated() {
        for stated in [
            "체결일로부터 3년, 이의 없으면 1년씩 자동 연장",
            "2021. 4. 16. ~ 2024. 4. 15.",
            "무기한",
        ] {
            let reading = read_term(stated, &Context::default());
            let record = serde_json::to_value(reading.value.unwrap()).unwrap();
            assert_eq!(text(&record), stated);
        }
        assert_eq!(text(&json!({"effective_until": null})), "");
    }

    #[test]
    fn a_term_without_words_is_composed_so_that_it_reads_alike() {
        let date = |edtf: &str| json!({"edtf": edtf, "as_stated": null});
        for record in [
            json!({"effective_from": date("2021-04-16"), "effective_until": date("2024-04-15"),
                "auto_renews": null, "renewal": null}),
            json!({"effective_from": null, "effective_until": date("2024-04-15"), "auto_renews": true,
                "renewal": {"months": 12, "notice_days": 30, "times": null}}),
            json!({"effective_from": date("2021-04-16"), "effective_until": date("2024-04-15"),
                "auto_renews": true, "renewal": {"months": 18, "notice_days": null, "times": 2}}),
            json!({"effective_from": null, "effective_until": date("2024-04-15"), "auto_renews": false,
                "renewal": null}),
            // Words of the end alone would lose the beginning and the renewal.
            json!({"effective_from": date("2021-04-16"),
                "effective_until": {"edtf": "2024-04-15", "as_stated": "2024년 4월 15일까지"},
                "auto_renews": true, "renewal": null}),
        ] {
            let shown = text(&record);
            let reading = read_term(&shown, &Context::default());
            let term = reading.value.unwrap_or_else(|| panic!("{shown}"));
            let read = serde_json::to_value(&term).unwrap();
            for end in ["effective_from", "effective_until"] {
                assert_eq!(read[end]["edtf"], record[end]["edtf"], "{shown}");
            }
            assert_eq!(read["auto_renews"], record["auto_renews"], "{shown}");
            assert_eq!(renewal_of(&read), renewal_of(&record), "{shown}");
        }
    }
}
