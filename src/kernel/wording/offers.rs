//! Dates in words where a form of dates is expected: offered to whoever wrote them, and never taken.

use super::{Context, read_date};
use crate::kernel::language::Message;
use crate::kernel::values::ImpreciseDate;

/// Returns how to write a date that a text states in words; `None` if it states none.
pub fn offered_date(text: &str) -> Option<Message> {
    let dates = dates(text).filter_map(|date| date.edtf());
    offer(text, dates)
}

/// Returns how to write a day that a text states in words; `None` if it states none, or a longer time.
pub fn offered_day(text: &str) -> Option<Message> {
    let days = dates(text).filter(ImpreciseDate::is_certain_day);
    let days = days.filter_map(|date| date.earliest());
    offer(text, days.map(|day| day.to_string()))
}

/// Returns the dates that a text can mean.
fn dates(text: &str) -> impl Iterator<Item = ImpreciseDate> {
    let reading = read_date(text, &Context::default());
    let choices = reading.choices.into_iter().map(|choice| choice.value);
    let all = reading.value.into_iter().chain(choices);
    all.filter(ImpreciseDate::is_dated)
}

/// Returns the words for some forms. What stands there already is refused for another reason.
fn offer(text: &str, forms: impl Iterator<Item = String>) -> Option<Message> {
    let forms: Vec<String> = forms.filter(|form| form != text.trim()).collect();
    match &forms[..] {
        [] => None,
        [one] => Some(Message::new(
            format!("이 형식은 받지 않습니다. {} 적으십시오.", written(one)),
            format!("This form is not taken: write {one}."),
        )),
        several => Some(Message::new(
            format!(
                "이 형식은 받지 않습니다. 다음 가운데 맞는 것으로 적으십시오: {}",
                several.join(", ")
            ),
            format!(
                "This form is not taken: write the one that is meant, {}.",
                several.join(" or ")
            ),
        )),
    }
}

/// Returns a form with the particle that follows it, by how its last digit is read.
pub fn written(form: &str) -> String {
    let is_closed = form.ends_with(['0', '3', '6']);
    format!("{form}{}", if is_closed { "으로" } else { "로" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_in_words_is_offered_in_its_form() {
        for (text, day) in [
            ("'24.2.29.", "2024-02-29로"),
            ("2024.2.29", "2024-02-29로"),
            ("2024. 2. 29.(목)", "2024-02-29로"),
            ("2024년 12월 30일", "2024-12-30으로"),
            ("단기 4357년 2월 29일", "2024-02-29로"),
            ("令和6年2月29日", "2024-02-29로"),
            ("20240229", "2024-02-29로"),
            ("Feb 29, 2024", "2024-02-29로"),
        ] {
            let offered = offered_day(text).map(|message| message.ko.into_owned());
            let offered = offered.unwrap_or_default();
            assert!(offered.contains(day), "{text}: {offered}");
        }
        for (text, date) in [
            ("令和6年", "2024"),
            ("단기 4357년", "2024"),
            ("2024년 하반기", "2024-41"),
        ] {
            assert_eq!(offered_day(text), None, "{text}");
            let offered = offered_date(text).map(|message| message.en.into_owned());
            let expected = format!("This form is not taken: write {date}.");
            assert_eq!(offered, Some(expected), "{text}");
        }
    }

    #[test]
    fn what_can_mean_several_days_offers_each() {
        let offered = offered_day("24.2.29.").map(|message| message.ko.into_owned());
        let offered = offered.unwrap_or_default();
        assert!(offered.ends_with(": 2024-02-29, 2029-02-24"), "{offered}");
        let offered = offered_day("04.05.06").map(|message| message.en.into_owned());
        let offered = offered.unwrap_or_default();
        assert!(offered.contains("2004-05-06 or "), "{offered}");
    }

    #[test]
    fn nothing_is_offered_for_what_is_no_date() {
        for text in [
            "",
            "미정",
            "2024-02-30",
            "2023.2.29.",
            "준공 시까지",
            "<script>",
        ] {
            assert_eq!(offered_day(text), None, "{text}");
            assert_eq!(offered_date(text), None, "{text}");
        }
    }
}
