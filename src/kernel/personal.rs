//! What is personal in texts: one rule for every kind of file and feed.
//!
//! A number that identifies a person is never taken over. Telephone numbers, addresses of mail and names of
//! officers go where staff alone see them; elsewhere they are left out.

/// What was left out of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// A number that identifies a person.
    Number,
    /// A telephone number or an address of mail.
    Reach,
    /// The name of an officer.
    Name,
}

/// Which telephone numbers and addresses of mail a column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// None.
    None,
    /// Telephone numbers of offices.
    Offices,
    /// All, since staff alone see the field or the caller took them for public.
    All,
}

/// Returns a text without what is personal in it, and what was left out; `None` if nothing is. `header` is
/// that of its column.
pub fn without(text: &str, header: &str, reach: Reach) -> Option<(String, Vec<Withheld>)> {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    if digits < 7 && !text.contains(['@', '＠']) {
        return None;
    }
    let chars: Vec<char> = text.chars().collect();
    let folded: Vec<char> = chars.iter().map(|c| folded(*c)).collect();
    let scan = Scan {
        names_account: names_account(&folded),
        is_of_company: header.contains("법인") || header.to_lowercase().contains("corporate"),
        chars: &folded,
        reach,
    };
    let (mut kept, mut withheld, mut at) = (String::with_capacity(text.len()), Vec::new(), 0);
    while at < chars.len() {
        let Some((end, what)) = scan.found(at) else {
            kept.push(chars[at]);
            at += 1;
            continue;
        };
        kept.truncate(without_label(&kept).len());
        if !withheld.contains(&what) {
            withheld.push(what);
        }
        at = end;
    }
    (!withheld.is_empty()).then(|| (tidy(&kept), withheld))
}

/// Returns a digit or sign in its plain form, one for one.
fn folded(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | 'ㅡ' => '-',
        '●' | '○' | '•' => '*',
        c => c,
    }
}

/// Returns whether a text says that its numbers are those of accounts, passports or licences.
fn names_account(chars: &[char]) -> bool {
    let plain: String = chars.iter().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.to_lowercase();
    let words = [
        "계좌",
        "여권번호",
        "여권",
        "운전면허",
        "passport",
        "accountno",
        "accountnumber",
        "bankaccount",
    ];
    words.iter().any(|word| plain.contains(word))
}

/// A text in which personal data are looked for.
struct Scan<'a> {
    chars: &'a [char],
    names_account: bool,
    /// Whether its numbers of 13 digits are those of companies.
    is_of_company: bool,
    reach: Reach,
}

impl Scan<'_> {
    fn at(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    fn is_digit(&self, at: usize) -> bool {
        self.at(at).is_some_and(|c| c.is_ascii_digit())
    }

    /// Returns what begins at a place, and the place behind it.
    fn found(&self, at: usize) -> Option<(usize, Withheld)> {
        let before = at.checked_sub(1).and_then(|before| self.at(before));
        let is_inside = before.is_some_and(|c| c.is_ascii_alphanumeric());
        if is_inside {
            return None;
        }
        let number = self.resident(at).or_else(|| self.account(at));
        number
            .map(|end| (end, Withheld::Number))
            .or_else(|| Some((self.mail(at).or_else(|| self.phone(at))?, Withheld::Reach)))
    }

    /// Returns the number of digits from a place on, up to a number.
    fn digits(&self, at: usize, most: usize) -> usize {
        (0..most).take_while(|n| self.is_digit(at + n)).count()
    }

    fn skip(&self, mut at: usize, signs: &[char]) -> usize {
        while self.at(at).is_some_and(|c| signs.contains(&c)) {
            at += 1;
        }
        at
    }

    /// Reads the number of a resident or foreigner, perhaps half hidden: `800101-1234567`, `800101-1******`.
    fn resident(&self, at: usize) -> Option<usize> {
        if self.is_of_company || self.is_behind_company(at) || self.digits(at, 6) < 6 {
            return None;
        }
        let two = |at: usize| {
            self.chars[at]
                .to_digit(10)
                .zip(self.chars[at + 1].to_digit(10))
        };
        let (month, day) = (two(at + 2)?, two(at + 4)?);
        let is_day = (1..=12).contains(&(month.0 * 10 + month.1))
            && (1..=31).contains(&(day.0 * 10 + day.1));
        let second = self.skip(at + 6, &[' ', '-', '~']);
        let is_apart = second > at + 6;
        let is_sex = self.at(second).is_some_and(|c| ('1'..='8').contains(&c));
        let end = second + 1;
        let hidden = |c: char| c.is_ascii_digit() || matches!(c, '*' | 'x' | 'X');
        let rest = (0..7).take_while(|n| self.at(end + n).is_some_and(hidden));
        let is_whole = rest.count() == 6;
        (is_sex && is_whole && (is_apart || is_day)).then_some(end + 6)
    }

    /// Returns whether the words before a number say that it is that of a company.
    fn is_behind_company(&self, at: usize) -> bool {
        let before: String = self.chars[at.saturating_sub(12)..at].iter().collect();
        before.contains("법인")
    }

    /// Reads the number of an account, passport or licence, where the text names one.
    fn account(&self, at: usize) -> Option<usize> {
        if !self.names_account {
            return None;
        }
        let is_code = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let code: String = self.chars[at..]
            .iter()
            .copied()
            .take_while(|c| is_code(*c))
            .collect();
        let digits = code.chars().filter(char::is_ascii_digit).count();
        let is_date = code.split('-').map(str::len).eq([4, 2, 2]);
        (digits >= 7 && !is_date).then_some(at + code.len())
    }

    fn mail(&self, at: usize) -> Option<usize> {
        let is_name = |c: &char| c.is_ascii_alphanumeric() || "._%+-".contains(*c);
        let name = self.chars[at..].iter().take_while(|c| is_name(c)).count();
        let host = at + name + 1;
        if self.reach == Reach::All || name == 0 || self.at(at + name) != Some('@') {
            return None;
        }
        let is_host = |c: &&char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let host_name: String = self.chars[host..].iter().take_while(is_host).collect();
        host_name
            .trim_end_matches('.')
            .contains('.')
            .then_some(host + host_name.len())
    }

    /// Reads a telephone number: `010-1234-5678`, `(02) 123-4567`, `+82-10-1234-5678`.
    fn phone(&self, at: usize) -> Option<usize> {
        if self.reach == Reach::All {
            return None;
        }
        const GAPS: [char; 5] = [' ', '-', '.', ')', '/'];
        let start = self.skip(at, &['(', '+']);
        let is_abroad = self.chars[start..].starts_with(&['8', '2']);
        let first = match is_abroad {
            true => self.skip(start + 2, &GAPS),
            false => start,
        };
        let area = self.digits(first, 4);
        let code: String = self.chars[first..first + area].iter().collect();
        let code = if is_abroad && !code.starts_with('0') {
            format!("0{code}")
        } else {
            code
        };
        let mobile = ["010", "011", "016", "017", "018", "019"];
        let is_mobile = mobile.iter().any(|mobile| code.starts_with(mobile));
        if is_mobile && self.digits(first, 12) >= 10 {
            let all = self.digits(first, 12);
            return (all <= 11).then_some(first + all);
        }
        // `(02) 123-4567`, not `(010-1234-5678)`.
        if self.at(at) == Some('(') && self.at(first + area) != Some(')') {
            return None;
        }
        let is_office = matches!(
            code.as_str(),
            "02" | "031"
                | "032"
                | "033"
                | "041"
                | "042"
                | "043"
                | "044"
                | "051"
                | "052"
                | "053"
                | "054"
                | "055"
                | "061"
                | "062"
                | "063"
                | "064"
                | "070"
        ) || code.len() == 4 && code.starts_with("050");
        let is_kept = is_office && self.reach == Reach::Offices;
        if is_kept || !(is_office || is_mobile && code.len() == 3) {
            return None;
        }
        let second = self.skip(first + area, &GAPS);
        let middle = self.digits(second, 5);
        let third = self.skip(second + middle, &GAPS);
        let last = self.digits(third, 5);
        let is_apart = second > first + area && third > second + middle;
        ((3..=4).contains(&middle) && last == 4 && is_apart).then_some(third + last)
    }
}

/// Removes a label at the end of a text, which announces what was left out: `☎`, `Tel.`, `휴대폰:`.
fn without_label(text: &str) -> &str {
    const LABELS: [&str; 20] = [
        "☎",
        "☏",
        "📞",
        "📱",
        "✉",
        "tel",
        "t",
        "hp",
        "h.p",
        "mobile",
        "e-mail",
        "email",
        "전화번호",
        "전화",
        "연락처",
        "휴대폰",
        "휴대전화",
        "핸드폰",
        "이메일",
        "메일",
    ];
    let bare = text.trim_end_matches([' ', '.', ':', '：']);
    let lower = bare.to_lowercase();
    let label = LABELS.iter().find(|label| {
        let before = lower.strip_suffix(**label);
        // `t` ends other words too.
        before.is_some_and(|before| !label.is_ascii() || !before.ends_with(char::is_alphanumeric))
    });
    match label {
        Some(label) if bare.is_char_boundary(bare.len().saturating_sub(label.len())) => {
            &bare[..bare.len() - label.len()]
        }
        _ => text,
    }
}

/// Removes brackets in which nothing is left, and signs that divide nothing any more.
pub fn tidy(text: &str) -> String {
    let mut text = text.replace(", ,", ",");
    for empty in ["()", "( )", "（）", "[]", "[ ]", "(,)", "(, )", "(/)", "<>"] {
        text = text.replace(empty, "");
    }
    for (signs, close) in [
        (" )", ")"),
        (",)", ")"),
        (", )", ")"),
        ("/)", ")"),
        ("( ", "("),
        ("(,", "("),
    ] {
        text = text.replace(signs, close);
    }
    let starts: &[char] = &[' ', ',', '/', ':', ';'];
    let ends: &[char] = &[' ', ',', '/', '-', ':', ';', '·', '('];
    let text = text.trim_start_matches(starts);
    text.trim_end_matches(ends).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_are_left_out_of_texts() {
        use Withheld::{Number, Reach as At};
        for (text, right, withheld) in [
            ("800101-1234567", "", Number),
            ("８００１０１－１２３４５６７", "", Number),
            ("홍길동(800101 - 2******)", "홍길동", Number),
            ("8001011234567", "", Number),
            (
                "대표 홍길동, 주민번호 800101-5234567",
                "대표 홍길동, 주민번호",
                Number,
            ),
            ("농협 계좌 302-1234-5678-91", "농협 계좌", Number),
            ("여권 M12345678 소지", "여권  소지", Number),
            ("을전자 홍길동 010-1234-5678", "을전자 홍길동", At),
            ("을전자 01012345678", "을전자", At),
            ("을전자 hong@eul.kr", "을전자", At),
            ("을전자 02-123-4567", "을전자", At),
            ("을전자(☎031-123-4567)", "을전자", At),
            ("(주)을전자(031-123-4567)", "(주)을전자", At),
            ("을전자 (02) 123-4567", "을전자", At),
            ("을전자 (Tel. +82-10-1234-5678)", "을전자", At),
        ] {
            let found = without(text, "", Reach::None);
            assert_eq!(found, Some((right.to_owned(), vec![withheld])), "{text}");
        }
        for text in [
            "2021-04-16",
            "제2021-031-0001호",
            "사업비 1,234,567,890원",
            "214-81-00554",
            "법인등록번호 110111-1234567",
            "계좌 개설 2021-04-16",
            "123456-0234567",
            "트위터 @gapcity 2021",
        ] {
            assert_eq!(without(text, "", Reach::None), None, "{text}");
        }
        let number = "110111-1234567";
        assert_eq!(without(number, "법인등록번호", Reach::None), None);
        let fax = "031-123-4567";
        assert_eq!(without(fax, "팩스번호", Reach::Offices), None);
        let mobile = without("010-1234-5678", "대표전화", Reach::Offices);
        assert_eq!(mobile.map(|(_, what)| what), Some(vec![At]));
        assert_eq!(without("031-123-4567", "", Reach::All), None);
    }
}
