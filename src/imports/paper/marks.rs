//! The marks in a paper by which its lines are cut: articles, the numbers of items, days.

use super::lines::heading;

/// The letters that number items.
const LETTERS: &str = "가나다라마바사아자차카타파하";
/// Signs before items.
const BULLETS: [char; 10] = ['-', '○', '•', '◦', '●', '▪', '■', '□', 'ㅇ', '❍'];

fn is_circled(c: char) -> bool {
    matches!(c, '①'..='⑳')
}

/// Cuts a line before each article and item that begins in it, and around a day behind a sentence:
/// readers of pages join some that belong apart.
pub(super) struct Cutter {
    /// Number of the last article.
    article: u32,
    /// The item that comes next in a row of letters, and in one of numbers, once one began.
    letter: Option<usize>,
    number: Option<u32>,
    /// The sign of the row.
    bullet: Option<char>,
}

impl Cutter {
    pub fn new(last_article: u32) -> Self {
        Self {
            article: last_article,
            letter: None,
            number: None,
            bullet: None,
        }
    }

    pub fn cut(mut self, line: &str) -> Vec<&str> {
        let (mut parts, mut from) = (Vec::new(), 0);
        self.begin(line);
        for (at, _) in line.match_indices(' ') {
            let (before, after) = (&line[from..at], &line[at + 1..]);
            // A line that begins with a day is a sentence.
            let is_day = from > 0 && day(before).is_some_and(str::is_empty);
            if is_day || self.is_apart(before, after) {
                parts.push(before);
                from = at + 1;
                self.begin(after);
            }
        }
        parts.push(&line[from..]);
        parts
    }

    /// Notes what a part begins with.
    fn begin(&mut self, part: &str) {
        if let Some(heading) = heading(part).filter(|heading| heading.follows(self.article)) {
            self.article = heading.number;
            (self.letter, self.number, self.bullet) = (None, None, None);
        }
        match item(part) {
            Some(Mark::Letter(at)) => self.letter = Some(at + 1),
            Some(Mark::Number(number)) => (self.number, self.letter) = (Some(number + 1), None),
            Some(Mark::Circled) => (self.letter, self.number) = (None, None),
            Some(Mark::Bullet(bullet)) => self.bullet = Some(bullet),
            None => {}
        }
    }

    fn is_apart(&self, before: &str, after: &str) -> bool {
        let is_article = || {
            // Those of a law have its name before them.
            let is_named = before.trim_end().ends_with(['」', '』', '〉', '》']);
            let heading = heading(after).filter(|heading| heading.in_brackets);
            !is_named && heading.is_some_and(|heading| heading.number == self.article + 1)
        };
        // An article begins with its first item.
        let is_bare = heading(before).is_some_and(|heading| heading.rest.is_empty());
        let after_sentence = before.ends_with("다.") || before.ends_with([':', '：']);
        let is_item = || match item(after) {
            _ if is_bare => false,
            Some(Mark::Circled) => true,
            Some(Mark::Letter(at)) => {
                self.letter == Some(at) || (at == 0 && after_sentence && self.letter.is_none())
            }
            // `2024. 2. 3.` is a day.
            Some(Mark::Number(number)) => {
                let in_day = before.ends_with('.')
                    && before[..before.len() - 1].ends_with(|c: char| c.is_ascii_digit());
                !in_day
                    && (self.number == Some(number)
                        || (number == 1 && after_sentence && self.number.is_none()))
            }
            Some(Mark::Bullet(bullet)) => bullet != '-' && self.bullet == Some(bullet),
            None => false,
        };
        let is_day = || before.ends_with("다.") && day(after).is_some();
        is_article() || is_item() || is_day()
    }
}

/// What numbers an item.
enum Mark {
    Circled,
    Letter(usize),
    Number(u32),
    Bullet(char),
}

/// Returns the mark of the item with which a text begins.
fn item(text: &str) -> Option<Mark> {
    let first = text.chars().next()?;
    if is_circled(first) {
        return Some(Mark::Circled);
    }
    if BULLETS.contains(&first) && text[first.len_utf8()..].starts_with(' ') {
        return Some(Mark::Bullet(first));
    }
    numbered(text)?;
    let (number, _) = text.trim_start_matches('(').split_once(['.', ')'])?;
    let letter = || LETTERS.chars().position(|c| number.chars().eq([c]));
    number
        .parse()
        .map(Mark::Number)
        .ok()
        .or_else(|| letter().map(Mark::Letter))
}

/// Returns what follows the number of an item: `①`, `1.`, `(1)`, `가.`, `-`.
pub(super) fn numbered(text: &str) -> Option<&str> {
    let mut rest = text.chars();
    let first = rest.next()?;
    if is_circled(first) || BULLETS.contains(&first) {
        return Some(rest.as_str().trim()).filter(|text| !text.is_empty());
    }
    // The legal form before a name: `(사)한국드론협회`.
    if text
        .strip_prefix("(사)")
        .is_some_and(|name| !name.starts_with(' '))
    {
        return None;
    }
    let inner = text.strip_prefix('(').unwrap_or(text);
    let (number, rest) = inner.split_once(['.', ')'])?;
    let is_digits = (1..=2).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit());
    let mut letters = number.chars();
    let is_one = letters.by_ref().take(2).count() == 1;
    let is_letter = is_one
        && (LETTERS.contains(number) || number.starts_with(|c: char| c.is_ascii_lowercase()));
    let is_number = is_digits && !is_decimal(rest) && !is_day_of(rest);
    let rest = rest.trim();
    ((is_number || is_letter) && !rest.is_empty()).then_some(rest)
}

/// Returns whether digits follow a point as those of `1.5억원`; `2.2027년까지` is an item.
fn is_decimal(rest: &str) -> bool {
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    digits > 0 && !(digits == 4 && rest[digits..].starts_with('년'))
}

/// Returns whether a text goes on from a number as in a day: `5. 3.` of `2. 5. 3.`
fn is_day_of(rest: &str) -> bool {
    let after_number = |text: &str| -> Option<usize> {
        let number = text.trim_start();
        let digits = number.len()
            - number
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .len();
        (1..=2)
            .contains(&digits)
            .then_some(text.len() - number.len() + digits)
    };
    let month = after_number(rest).and_then(|at| rest[at..].strip_prefix('.'));
    month.is_some_and(|rest| {
        let day = after_number(rest).map(|at| &rest[at..]);
        day.is_some_and(|behind| behind.is_empty() || behind.starts_with('.'))
    })
}

/// Returns what follows the day with which a text begins: `2021년 4월 16일`, `2021. 4. 16.`
pub(super) fn day(text: &str) -> Option<&str> {
    let (_, rest) = leading_day(text)?;
    (rest.is_empty() || rest.starts_with(' ')).then_some(rest)
}

/// Returns the day with which a text begins, and what follows it, be it attached.
pub(super) fn leading_day(text: &str) -> Option<(&str, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let dotted = || after_day(text, [".", ".", "."]).filter(|_| digits == 4);
    let rest = after_day(text, ["년", "월", "일"]).or_else(dotted)?;
    text.split_at_checked(text.len() - rest.len())
}

/// Returns what follows three numbers, each with its unit.
fn after_day<'a>(text: &'a str, units: [&str; 3]) -> Option<&'a str> {
    let mut rest = text;
    for unit in units {
        let number = rest.trim_start();
        let behind = number.trim_start_matches(|c: char| c.is_ascii_digit());
        if behind.len() == number.len() {
            return None;
        }
        rest = behind.trim_start().strip_prefix(unit)?;
    }
    Some(rest)
}
