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

/// Name of the field of a term.
pub const FIELD: &str = "effective_until";

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
        // A day alone could also be the first one.
        ("", until) if record["effective_until"]["edtf"].is_string() => format!("{until}까지"),
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
    fn a_term_without_words_is_composed_of_its_dates_and_renewal() {
        let date = |edtf: &str| json!({"edtf": edtf, "as_stated": null});
        let renewal = |months: u32, notice: Value, times: Value| json!({"months": months, "notice_days": notice, "times": times});
        for (from, until, renews, renewal, shown) in [
            (
                date("2021-04-16"),
                date("2024-04-15"),
                json!(null),
                json!(null),
                "2021-04-16 ~ 2024-04-15",
            ),
            (
                json!(null),
                date("2024-04-15"),
                json!(true),
                renewal(12, json!(30), json!(null)),
                "2024-04-15까지, 만료 30일 전까지 이의 없으면 1년씩 자동 연장",
            ),
            (
                date("2021-04-16"),
                date("2024-04-15"),
                json!(true),
                renewal(18, json!(null), json!(2)),
                "2021-04-16 ~ 2024-04-15, 18개월씩 2회 자동 연장",
            ),
            // Words of the end alone would lose the beginning and the renewal.
            (
                date("2021-04-16"),
                json!({"edtf": "2024-04-15", "as_stated": "2024년 4월 15일까지"}),
                json!(true),
                json!(null),
                "2021-04-16 ~ 2024-04-15, 자동 연장",
            ),
        ] {
            let record = json!({"effective_from": from, "effective_until": until,
                "auto_renews": renews, "renewal": renewal});
            assert_eq!(text(&record), shown);
        }
    }
}
