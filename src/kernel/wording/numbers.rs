//! Numbers as Korean texts write them: `8,493억`, `1조 6천억`, `1400여 억`, `350백만`.

/// A number, exact to a millionth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decimal(i128);

const SCALE: i128 = 1_000_000;
/// Far beyond any amount, and far from overflow.
const MOST: i128 = 10_i128.pow(22);

impl Decimal {
    pub fn whole(value: u32) -> Self {
        Self(i128::from(value) * SCALE)
    }

    /// Returns the product; `None` beyond any amount.
    pub fn times(self, other: Self) -> Option<Self> {
        Self::within(self.0.checked_mul(other.0)? / SCALE)
    }

    fn plus(self, other: Self) -> Option<Self> {
        Self::within(self.0.checked_add(other.0)?)
    }

    fn within(scaled: i128) -> Option<Self> {
        (scaled <= MOST * SCALE).then_some(Self(scaled))
    }

    /// Returns the nearest whole number, and whether it is exact.
    pub fn rounded(self) -> (i128, bool) {
        ((self.0 + SCALE / 2) / SCALE, self.0 % SCALE == 0)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "figures of ledgers have fewer digits"
    )]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / SCALE as f64
    }
}

/// A number at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number<'a> {
    pub value: Decimal,
    /// Whether `여` makes it approximate.
    pub approximate: bool,
    /// The product of the words behind its last figures, such as 억; 1 if there are none.
    pub scale: Decimal,
    /// Whether a point stands before its last three figures, which can divide thousands.
    pub dotted: bool,
    pub rest: &'a str,
}

/// Returns the value of a digit in Hangul.
fn hangul(c: char) -> Option<u32> {
    let at = "일이삼사오육칠팔구".chars().position(|digit| digit == c)?;
    u32::try_from(at + 1).ok()
}

/// Returns whether a character is a digit or a word of a number.
pub(super) fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || hangul(c).is_some() || small(c).is_some() || large(c).is_some()
}

/// Reads a number that is written in Hangul at the beginning of a text: `삼천만`, `천만`.
pub(super) fn in_hangul(text: &str) -> Option<Number<'_>> {
    let width = text.find(|c| !is_numeral(c)).unwrap_or(text.len());
    let (words, rest) = text.split_at(width);
    let digits = |c: char| hangul(c).is_some();
    let is_pair = words
        .chars()
        .zip(words.chars().skip(1))
        .any(|(a, b)| digits(a) && digits(b));
    // `사회` is no number, and `백만` is rather a unit.
    let is_number = words.contains(|c| small(c).is_some() || large(c).is_some());
    if is_pair || !is_number || ["십", "백", "천", "백만", "십억"].contains(&words) {
        return None;
    }
    let figures: String = words
        .chars()
        .map(|c| hangul(c).map_or(c, |digit| char::from_digit(digit, 10).unwrap_or(c)))
        .collect();
    let read = number(&figures)?;
    (!words.is_empty() && read.rest.is_empty()).then_some(Number {
        value: read.value,
        approximate: false,
        scale: read.scale,
        dotted: false,
        rest,
    })
}

fn small(c: char) -> Option<u32> {
    Some(match c {
        '십' => 10,
        '백' => 100,
        '천' => 1000,
        _ => return None,
    })
}

fn large(c: char) -> Option<Decimal> {
    Some(Decimal(
        SCALE
            * match c {
                '만' => 10_i128.pow(4),
                '억' => 10_i128.pow(8),
                '조' => 10_i128.pow(12),
                _ => return None,
            },
    ))
}

/// Returns whether `여` at the beginning of a text makes the number before it approximate.
fn is_about(text: &str, apart: bool) -> bool {
    let Some(after) = text.strip_prefix('여') else {
        return false;
    };
    // `5억 여성기업` holds another word.
    let of_unit = |c: char| " 명개건인곳원억만천백조평m회대호세달필가".contains(c);
    !apart || after.starts_with(of_unit)
}

/// The part of a number that is read: `1억 2천` of `1억 2천3백만`.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// What stands before the last of 만, 억 and 조.
    total: Decimal,
    /// What stands behind it.
    section: Decimal,
    /// The last of 만, 억 and 조; zero if there is none.
    large: Decimal,
    /// The last of 십, 백 and 천 behind it; zero if there is none.
    small: Decimal,
}

impl Sum {
    /// Returns a part if it is smaller than the unit before it: `5억 3억` is two numbers.
    fn below(unit: Decimal, part: Decimal) -> Option<Decimal> {
        (unit == Decimal(0) || part < unit).then_some(part)
    }

    /// Adds figures with a word such as 천.
    fn add_small(&mut self, figures: Decimal, unit: Decimal) -> Option<()> {
        let part = Self::below(self.small, figures.times(unit)?)?;
        (self.section, self.small) = (self.section.plus(part)?, unit);
        Some(())
    }

    /// Returns what stands behind the last of 만, 억 and 조, with figures at its end.
    fn behind(&self, figures: Decimal) -> Option<Decimal> {
        self.section.plus(Self::below(self.small, figures)?)
    }

    /// Closes the section with a word such as 억.
    fn add_large(&mut self, section: Decimal, unit: Decimal) -> Option<()> {
        let part = Self::below(self.large, section.times(unit)?)?;
        *self = Self {
            total: self.total.plus(part)?,
            large: unit,
            ..Self::default()
        };
        Some(())
    }
}

/// Reads a number in figures, with or without words for its units, at the beginning of a text. A word
/// such as 천 without a figure counts once: `천5백억`, `1억 천만`.
pub(super) fn number(text: &str) -> Option<Number<'_>> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || small(c).is_some()) {
        return None;
    }
    let one = Decimal::whole(1);
    let mut dotted = false;
    let zero = Decimal(0);
    let (mut sum, mut figures) = (Sum::default(), None::<Decimal>);
    let (mut approximate, mut scale) = (false, one);
    let mut rest = text;
    loop {
        let ahead = rest.trim_start_matches(' ');
        let Some(c) = ahead.chars().next() else { break };
        let after = &ahead[c.len_utf8()..];
        if c.is_ascii_digit() {
            // Two numbers in a row are two numbers.
            if figures.is_some() {
                break;
            }
            let (value, after) = in_figures(ahead)?;
            let read = &ahead[..ahead.len() - after.len()];
            dotted = read
                .split_once('.')
                .is_some_and(|(_, fraction)| fraction.len() == 3);
            (figures, rest, scale) = (Some(value), after, one);
        } else if is_about(ahead, ahead.len() < rest.len()) && rest.len() < text.len() {
            (approximate, rest) = (true, after);
        } else if let Some(unit) =
            small(c).filter(|_| figures.is_some() || begins(&sum, rest, text))
        {
            let unit = Decimal::whole(unit);
            sum.add_small(figures.take().unwrap_or(one), unit)?;
            (scale, rest) = (scale.times(unit)?, after);
        } else if let Some(unit) = large(c) {
            let section = sum.behind(figures.take().unwrap_or(zero))?;
            if section == zero && sum.total != zero {
                break;
            }
            sum.add_large(section, unit)?;
            (scale, rest) = (scale.times(unit)?, after);
        } else {
            break;
        }
    }
    // `5억 5천` and `5억 5000` are rather 550 million, but can be read as 500,005,000.
    let left = Sum::below(sum.large, sum.behind(figures.unwrap_or(zero))?)?;
    let follows_hundreds_of_millions = sum.large >= Decimal::whole(100_000_000);
    if follows_hundreds_of_millions && left != zero && left < Decimal::whole(10_000) {
        return None;
    }
    let value = sum.total.plus(left)?;
    Some(Number {
        value,
        approximate,
        scale,
        dotted: dotted && scale == one,
        rest,
    })
}

/// Returns whether a word such as 천 without a figure counts once: where a number begins, or goes on
/// behind a larger word.
fn begins(sum: &Sum, rest: &str, text: &str) -> bool {
    let zero = Decimal(0);
    rest.len() == text.len() || sum.large != zero || (sum.section != zero && !rest.starts_with(' '))
}

/// Reads digits with separators of thousands and decimals.
fn in_figures(text: &str) -> Option<(Decimal, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(text);
    let mut whole = text[..end].to_owned();
    while end <= 15 && text[end..].starts_with(',') && digits(&text[end + 1..]) == 3 {
        whole.push_str(&text[end + 1..end + 4]);
        end += 4;
    }
    // `00명` leaves a number to be filled in.
    if end > 1 && whole.bytes().all(|digit| digit == b'0') {
        return None;
    }
    let mut fraction = String::new();
    if let Some(after) = text[end..].strip_prefix('.') {
        let width = digits(after);
        // Finer figures are no amount.
        if after[..width].trim_end_matches('0').len() > 6 {
            return None;
        }
        if width > 0 {
            fraction = after.chars().take(width.min(6)).collect();
            end += 1 + width;
        }
    }
    let whole: i128 = whole.parse().ok().filter(|value| *value <= MOST)?;
    let fraction: i128 = format!("{fraction:0<6}").parse().ok()?;
    Some((Decimal(whole * SCALE + fraction), &text[end..]))
}

/// Returns the factor and the rest of a unit: of `천㎡`, 1000 and `㎡`.
pub(super) fn factor(unit: &str) -> (Decimal, &str) {
    let one = Decimal::whole(1);
    let mut factor = one;
    let mut rest = unit.trim_start();
    while let Some(c) = rest.chars().next() {
        let Some(by) = small(c).map(Decimal::whole).or_else(|| large(c)) else {
            break;
        };
        factor = factor.times(by).unwrap_or(factor);
        rest = rest[c.len_utf8()..].trim_start();
    }
    (factor, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_their_words() {
        for (text, value, rest) in [
            ("8,493억 원", 849_300_000_000, " 원"),
            ("1조 6천억 원", 1_600_000_000_000, " 원"),
            ("1400여 억원", 140_000_000_000, "원"),
            ("27조7581억", 27_758_100_000_000, ""),
            ("1억 800만 달러", 108_000_000, " 달러"),
            ("350백만원", 350_000_000, "원"),
            ("12.5억", 1_250_000_000, ""),
            ("3천5백만", 35_000_000, ""),
            ("1억2345만6789원", 123_456_789, "원"),
            ("1,790천m2", 1_790_000, "m2"),
            ("976,152m2", 976_152, "m2"),
            ("50여명", 50, "명"),
            ("천5백억원", 150_000_000_000, "원"),
            ("백50만원", 1_500_000, "원"),
            ("1억 천만 원", 110_000_000, " 원"),
            ("천만", 10_000_000, ""),
            ("100억여원", 10_000_000_000, "원"),
            ("30만여m2", 300_000, "m2"),
            ("3천여명", 3000, "명"),
            ("1,25", 1, ",25"),
            ("10 20", 10, " 20"),
        ] {
            let number = number(text).unwrap();
            assert_eq!(
                (number.value.rounded(), number.rest),
                ((value, true), rest),
                "{text}"
            );
        }
    }

    #[test]
    fn several_numbers_are_none() {
        for text in [
            "",
            "약",
            "만",
            "1.1234567",
            "5억 5천",
            "3억 5000",
            "1조 6,000",
            "3억 5억",
            "5억 3억원",
            "1조 2조",
            "2천만 3억",
            "3억5천만 2억",
            "500만 300만",
            "3천5천만원",
            "2백3백만원",
            "1천 2천m2",
            "3만 50000m2",
            "00명",
            "0,000원",
            "999999999999999999999999999999",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_in_hangul_are_read() {
        let value = |text| in_hangul(text).map(|number| number.value.rounded().0);
        assert_eq!(value("삼천만원정"), Some(30_000_000));
        assert_eq!(value("일억이천만원"), Some(120_000_000));
        assert_eq!(value("천만원"), Some(10_000_000));
        assert_eq!((value("만원"), value("원")), (None, None));
        assert_eq!(factor("천m2"), (Decimal::whole(1000), "m2"));
        assert_eq!(factor("백만원"), (Decimal::whole(1_000_000), "원"));
        assert_eq!(factor("억"), (Decimal::whole(100_000_000), ""));
    }
}
