//! The words around the place in a passage that a query found.

use crate::kernel::text::fold;

/// Number of characters that are shown before and after the place.
const BEFORE: usize = 40;
const AFTER: usize = 80;

/// Returns the line of a passage where the first word of a query stands that it has, from 0, and the
/// characters around it; the beginning if it has none as written.
pub fn snippet(passage: &str, query: &str) -> (usize, String) {
    let letters = letters(passage);
    let at = query.split_whitespace().find_map(|word| {
        let wanted: Vec<char> = fold(word).chars().filter(|c| c.is_alphanumeric()).collect();
        let found = || {
            let mut windows = letters.windows(wanted.len());
            windows.position(|window| window.iter().map(|(c, _)| *c).eq(wanted.iter().copied()))
        };
        (!wanted.is_empty()).then(found).flatten()
    });
    let at = at.map_or(0, |at| letters[at].1);
    let characters: Vec<char> = passage.chars().collect();
    let line = characters[..at].iter().filter(|c| **c == '\n').count();
    let (from, until) = (
        at.saturating_sub(BEFORE),
        (at + AFTER).min(characters.len()),
    );
    let shown: String = characters[from..until].iter().collect();
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let begins = if from > 0 { "… " } else { "" };
    let ends = if until < characters.len() { " …" } else { "" };
    (line, format!("{begins}{shown}{ends}"))
}

/// Returns the folded letters and digits of a text, each with the place of its character.
fn letters(text: &str) -> Vec<(char, usize)> {
    let mut letters = Vec::new();
    for (at, c) in text.chars().enumerate() {
        let folded = fold(c.encode_utf8(&mut [0; 4]));
        letters.extend(
            folded
                .chars()
                .filter(|c| c.is_alphanumeric())
                .map(|c| (c, at)),
        );
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_shown_with_its_line() {
        let passage = "업무협약서\n제1조(목적) 이 협약은 바이오 산업 발전을 목적으로 한다.\n제2조";
        let whole = passage.replace('\n', " ");
        assert_eq!(snippet(passage, "바이오산업"), (1, whole.clone()));
        assert_eq!(snippet(passage, "없음 제2조"), (2, whole.clone()));
        assert_eq!(snippet(passage, "없음"), (0, whole));
        let long = format!("{}\nMOU\n{}", "가".repeat(100), "나".repeat(100));
        let (line, shown) = snippet(&long, "mou");
        assert_eq!(line, 1);
        assert!(shown.starts_with("… 가") && shown.contains(" MOU ") && shown.ends_with("나 …"));
    }
}
