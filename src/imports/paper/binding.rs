//! Whether a paper denies that it binds by law.

use serde_json::json;

use super::lines::{Line, Paper};
use super::propose::Proposal;

/// Takes over that an agreement does not bind, if all that is said of it denies that of the whole.
pub(super) fn binding(paper: &Paper, out: &mut Proposal) {
    let on_it = |line: &&Line| line.text.contains("구속력");
    let lines = || paper.lines().filter(on_it);
    if !lines().all(line_denies) {
        return;
    }
    let mut sentences = lines().flat_map(Line::sentences);
    if let Some(line) = sentences.find(|line| on_it(&line)) {
        out.set("legally_binding", json!(false), &line);
    }
}

/// Returns whether every sentence of a line on it denies it, and none makes an exception.
fn line_denies(line: &Line) -> bool {
    line.sentences().all(|sentence| {
        let text = sentence.text.as_str();
        let except = text.starts_with("다만") || text.starts_with("단,");
        match text.contains("구속력") {
            true => denies(text),
            false => {
                !except
                    || !["제외", "예외", "그러하지"]
                        .iter()
                        .any(|word| text.contains(word))
            }
        }
    })
}

/// Returns whether a sentence denies the force of all articles: `제3조를 제외하고는` leaves it open.
fn denies(sentence: &str) -> bool {
    const EXCEPT: [&str; 8] = [
        "제외",
        "외에",
        "외의",
        "외하고",
        "이외",
        "빼고",
        "한하여",
        "예외",
    ];
    let text: String = sentence.split_whitespace().collect();
    let Some((before, after)) = text.split_once("구속력") else {
        return false;
    };
    if EXCEPT.iter().any(|word| text.contains(word)) || names_an_article(before) {
        return false;
    }
    let said = clause(after);
    let negations = ["없", "않", "아니", "못"]
        .iter()
        .map(|word| said.matches(word).count());
    // `없는 것은 아니다` denies nothing, and `없는 조항` is one of several.
    let of_some = ["없는조항", "없는사항", "없는경우", "없는부분", "없는한"];
    negations.sum::<usize>() == 1 && !of_some.iter().any(|word| said.contains(word))
}

fn names_an_article(text: &str) -> bool {
    let mut all = text.split('제').skip(1);
    all.any(|rest| {
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        digits.len() < rest.len() && digits.starts_with('조')
    })
}

/// Returns the part of a sentence without white space that says something of its first word: up to a
/// comma or an ending that goes on to something else.
fn clause(text: &str) -> &str {
    const ENDS: [&str; 13] = [
        ",",
        "，",
        ";",
        "며",
        "므로",
        "지만",
        "으나",
        "하되",
        "있어",
        "가져",
        "면서",
        "기때문",
        "는바",
    ];
    let plain = ENDS.iter().filter_map(|end| text.find(end));
    // `있다고 볼 수 없다` and `가지고 있지 않다` go on with it.
    let and = text.match_indices('고').filter(|(at, and)| {
        let (before, after) = (&text[..*at], &text[at + and.len()..]);
        !before.ends_with(['다', '라']) && !after.starts_with("있") && !before.ends_with('권')
    });
    let end = plain.chain(and.map(|(at, _)| at)).min();
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::denies;

    #[rstest]
    #[case("이 협약은 법적 구속력을 갖지 아니한다.", true)]
    #[case("본 협약은 법적 구속력은 없다.", true)]
    #[case("이 협약은 법적 구속력이 없으며, 상호 신의로 이행한다.", true)]
    #[case(
        "이 양해각서는 서명일로부터 효력을 발생하며 법적 구속력을 가지지 아니한다.",
        true
    )]
    #[case("본 협약은 법적 구속력을 가지고 있지 않다.", true)]
    #[case("이 협약은 법적 구속력이 있는 것으로 보지 아니한다.", true)]
    #[case("이 협약은 법적 구속력이 있다고 볼 수 없다.", true)]
    #[case(
        "이 협약은 법적 구속력을 부여하는 것이 아니며 의향을 밝힌 것이다.",
        true
    )]
    #[case("이 협약은 법적 구속력을 가지며, 일방이 임의로 해지할 수 없다.", false)]
    #[case("이 협약은 법적 구속력을 가지며 일방이 임의로 해지할 수 없다.", false)]
    #[case("이 협약은 법적 구속력이 있고 제3자에게 양도할 수 없다.", false)]
    #[case("이 협약은 법적 구속력이 있으므로 위반하여서는 아니 된다.", false)]
    #[case("이 협약은 법적 구속력을 가진다.", false)]
    #[case("이 협약은 제3조(비밀유지)를 제외하고는 법적 구속력이 없다.", false)]
    #[case("비밀유지 외의 조항은 법적 구속력이 없다.", false)]
    #[case("제2조의 협력사항은 법적 구속력이 없다.", false)]
    #[case("이 협약이 법적 구속력이 없는 것은 아니다.", false)]
    #[case("이 협약은 체결일부터 효력이 있다.", false)]
    fn a_denial_belongs_to_the_force_of_the_whole(#[case] sentence: &str, #[case] denied: bool) {
        assert_eq!(denies(sentence), denied);
    }
}
