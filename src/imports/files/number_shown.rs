//! Numbers as their cells show them: 2021.1 with two decimals is October, 0.75 is 75%, 7 is `2021-007`.

/// A number format, as far as a number is shown by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NumberShown {
    tokens: Vec<Token>,
    is_grouped: bool,
    /// Powers of ten by which the number is shown greater, or smaller.
    shift: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A digit, which is shown even where the number has none there if it is required.
    Digit {
        required: bool,
    },
    Point,
    Literal(String),
}

impl NumberShown {
    /// Reads a format; `None` for one of dates, texts, fractions or powers, and one with conditions.
    ///
    /// A bare `$` and a won sign are left out: they stand for the currency of the place.
    pub fn of(code: &str) -> Option<Self> {
        let mut format = Self::default();
        let mut chars = code.chars().peekable();
        while let Some(c) = chars.next() {
            let token = match c {
                ';' => break,
                '0' => Token::Digit { required: true },
                '#' | '?' => Token::Digit { required: false },
                '.' => Token::Point,
                ',' => {
                    format.comma(chars.peek().copied());
                    continue;
                }
                '%' => {
                    format.shift += 2;
                    Token::Literal("%".to_owned())
                }
                '"' => Token::Literal(chars.by_ref().take_while(|c| *c != '"').collect()),
                '\\' => Token::Literal(chars.next()?.to_string()),
                '[' => {
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    Token::Literal(symbol(&inside)?)
                }
                '_' | '*' => {
                    chars.next();
                    continue;
                }
                '$' => continue,
                '/' | '@' => return None,
                c if c.is_ascii_alphabetic() => return None,
                c => Token::Literal(c.to_string()),
            };
            format.tokens.push(token);
        }
        let is_won = |token: &Token| matches!(token, Token::Literal(text) if text == "₩");
        format.tokens.retain(|token| !is_won(token));
        let is_digit = |token: &Token| matches!(token, Token::Digit { .. });
        format.tokens.iter().any(is_digit).then_some(format)
    }

    /// Takes a comma: between digits it groups them, behind the last one it shows thousands.
    fn comma(&mut self, next: Option<char>) {
        match next {
            Some('0' | '#' | '?') => self.is_grouped = true,
            _ => self.shift -= 3,
        }
    }

    /// Returns a number as it is shown, with all of its decimals; `None` where that says no more than the
    /// number itself. Negative numbers have formats of their own.
    pub fn show(&self, number: f64) -> Option<String> {
        if !number.is_finite() || number < 0.0 {
            return None;
        }
        let exact = match self.shift {
            0 => number.to_string(),
            shift => {
                let shifted = format!("{:.6}", number * 10_f64.powi(shift));
                let shifted = shifted.trim_end_matches('0');
                shifted.trim_end_matches('.').to_owned()
            }
        };
        let (whole, part) = exact.split_once('.').unwrap_or((&exact, ""));
        let point = self.tokens.iter().position(|token| *token == Token::Point);
        let (before, after) = self.tokens.split_at(point.unwrap_or(self.tokens.len()));
        let mut text = self.whole(before, whole);
        let mut rest = part.chars();
        let mut decimals = String::new();
        let mut behind = String::new();
        for token in after {
            match token {
                Token::Digit { required } => {
                    let filler = required.then_some('0');
                    decimals.extend(rest.next().or(filler));
                }
                Token::Literal(literal) => behind.push_str(literal),
                Token::Point => {}
            }
        }
        decimals.extend(rest);
        if !decimals.is_empty() {
            // Without a point in the format, what stands behind the digits is in `text`.
            let digits = text.rfind(|c: char| c.is_ascii_digit());
            let end = digits.filter(|_| point.is_none()).map(|at| at + 1);
            text.insert_str(end.unwrap_or(text.len()), &format!(".{decimals}"));
        }
        text.push_str(&behind);
        let text = text.trim().to_owned();
        (text.replace(',', "") != number.to_string()).then_some(text)
    }

    /// Lays the digits of a whole number out, from the right; the first place takes those that are left.
    fn whole(&self, tokens: &[Token], whole: &str) -> String {
        let is_digit = |token: &Token| matches!(token, Token::Digit { .. });
        let first = tokens.iter().position(is_digit);
        let digits = match self.is_grouped {
            true => grouped(whole),
            false => whole.to_owned(),
        };
        let mut left: Vec<char> = digits.chars().collect();
        let mut text: Vec<String> = Vec::new();
        for (place, token) in tokens.iter().enumerate().rev() {
            text.push(match token {
                Token::Literal(literal) => literal.clone(),
                Token::Digit { .. } if Some(place) == first => {
                    let rest: String = left.drain(..).collect();
                    match (rest.is_empty(), token) {
                        (true, Token::Digit { required: true }) => "0".to_owned(),
                        _ => rest,
                    }
                }
                Token::Digit { .. } if self.is_grouped => String::new(),
                Token::Digit { required } => {
                    let filler = required.then_some('0');
                    left.pop().or(filler).into_iter().collect()
                }
                Token::Point => String::new(),
            });
        }
        text.into_iter().rev().collect()
    }
}

/// Returns the sign of a currency in brackets, nothing for a colour or a place; `None` for a condition.
fn symbol(inside: &str) -> Option<String> {
    if let Some(sign) = inside.strip_prefix('$') {
        return Some(sign.split('-').next().unwrap_or_default().to_owned());
    }
    let is_condition = inside.starts_with(['<', '>', '=']);
    (!is_condition).then(String::new)
}

/// Returns digits with commas between the thousands.
fn grouped(digits: &str) -> String {
    let length = digits.len();
    let mut text = String::with_capacity(length + length / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (length - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_their_formats_show_them() {
        for (code, number, right) in [
            ("0.00", 2021.1, Some("2021.10")),
            ("0.00", 2021.11, None),
            ("0.00", 2021.125, None),
            ("0.0", 5.0, Some("5.0")),
            ("0%", 0.75, Some("75%")),
            ("0%", 0.333_333, Some("33.3333%")),
            ("0.00%", 0.5, Some("50.00%")),
            ("\"2021-\"000", 7.0, Some("2021-007")),
            ("000-00-00000", 1_248_100_998.0, Some("124-81-00998")),
            ("0000\".\"00", 202_110.0, Some("2021.10")),
            ("00000", 7.0, Some("00007")),
            ("#,##0\"억\"", 1_200.0, Some("1,200억")),
            ("#,##0\"명\"", 12.5, Some("12.5명")),
            ("#,##0,", 120_000.0, Some("120")),
            ("[$$-409]#,##0", 1_000.0, Some("$1,000")),
            ("#,##0", 1_234_567.5, None),
            ("\"₩\"#,##0", 1_200.0, None),
            ("_($* #,##0_);_($* (#,##0)", 1_200.0, None),
            ("0%", -0.5, None),
        ] {
            let shown = NumberShown::of(code).unwrap().show(number);
            assert_eq!(shown.as_deref(), right, "{code} {number}");
        }
        for code in [
            "General",
            "@",
            "yyyy-mm-dd",
            "# ?/?",
            "0.00E+00",
            "[>=100]0",
            "",
        ] {
            assert_eq!(NumberShown::of(code), None, "{code}");
        }
    }
}
