//! Hangul readings of hanja, by which a text is found in either script.
//!
//! Source: field `kHangul` of the Unihan database 14.0.0 (© Unicode, Inc., Unicode License v3), the
//! characters of the basic plane, each with one reading: that of the school list where several are
//! stated. 車 has its common reading 차. Words in which a character has another reading (變更, 金浦, 十月), or an
//! initial sound that changes inside of a compound (國際聯盟), are listed one by one. Initial and medial changes
//! are those of 한글 맞춤법 제10항 to 제12항, and words that change by themselves those of 제52항.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Lines of a reading followed by the characters that are read so.
static TABLE: &str = include_str!("hanja.txt");

static READINGS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter_map(|line| {
        let mut chars = line.chars();
        Some((chars.next()?, chars))
    });
    lines
        .flat_map(|(reading, read)| read.map(move |hanja| (hanja, reading)))
        .collect()
});

/// Lines of a reading followed by the words that are read so, each as long as its reading.
static WORDS_TABLE: &str = include_str!("hanja_words.txt");

/// A word with its reading.
type Word = (Vec<char>, Vec<char>);

/// Words by their first character, the longest first.
static WORDS: LazyLock<HashMap<char, Vec<Word>>> = LazyLock::new(|| {
    let mut words: HashMap<char, Vec<Word>> = HashMap::new();
    for line in WORDS_TABLE.lines() {
        let (hangul, hanja): (Vec<char>, Vec<char>) = line.chars().partition(|c| !is_hanja(*c));
        for word in hanja.chunks_exact(hangul.len().max(1)) {
            let known = words.entry(word[0]).or_default();
            known.push((word.to_vec(), hangul.clone()));
        }
    }
    for known in words.values_mut() {
        known.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    }
    words
});

/// The surname 김, which is 금 elsewhere, and the characters that follow it in words of three that are no names.
const SURNAME: char = '金';
const KIM: &[char] = &['김'];
const AFTER_GOLD: &str = "融屬額剛利製曜庫賞銀錢泥色石鑛塊貨冠箔星杯屋管品型箱城谷村陵山";

/// The first of the precomposed syllables; they follow by initial, vowel and final.
const FIRST: u32 = 0xac00;
const FINALS: u32 = 28;
const PER_INITIAL: u32 = 21 * FINALS;

/// Initials by their place among the 19: ㄴ, ㄷ, ㄹ, ㅇ, ㅈ.
const NIEUN: u32 = 2;
const TIKEUT: u32 = 3;
const RIEUL: u32 = 5;
const IEUNG: u32 = 11;
const CIEUC: u32 = 12;

/// The final ㄴ by its place among the 28; 0 is none.
const FINAL_NIEUN: u32 = 4;

/// The vowels before which an initial ㄴ or ㄹ falls away: ㅑ, ㅒ, ㅕ, ㅖ, ㅛ, ㅠ, ㅣ.
const IOTATED: [u32; 7] = [2, 3, 6, 7, 12, 17, 20];

/// Returns the place of a syllable's initial among the 19; `None` if `c` is no syllable.
fn initial_place(c: char) -> Option<u32> {
    matches!(c, '가'..='힣').then(|| (u32::from(c) - FIRST) / PER_INITIAL)
}

/// Returns the initial consonant of a syllable as a jamo (U+1100 to U+1112), and such a jamo itself.
pub fn initial(c: char) -> Option<char> {
    if is_initial(c) {
        return Some(c);
    }
    initial_place(c).and_then(|place| char::from_u32(0x1100 + place))
}

/// Returns whether a character is an initial consonant alone, in its folded form.
pub fn is_initial(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{1112}')
}

/// Returns the reading of a hanja; `None` if `c` is none.
fn reading(c: char) -> Option<char> {
    // Most characters are syllables, for which the table is not asked.
    is_hanja(c).then(|| READINGS.get(&c).copied())?
}

fn is_hanja(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Returns a text with each hanja replaced by its reading.
pub fn read(text: impl Iterator<Item = char>) -> String {
    let text: String = text.collect();
    if !text.chars().any(is_hanja) {
        return text;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        if let Some(word) = word(&chars[at..], before) {
            out.extend(word);
            before = word.last().copied();
            at += word.len();
            continue;
        }
        at += 1;
        let read = match reading(*c) {
            Some(own) => {
                let next = chars.get(at).map(|c| reading(*c).unwrap_or(*c));
                spoken(own, before, next)
            }
            None => *c,
        };
        before = read.is_alphanumeric().then_some(read);
        out.push(read);
    }
    out
}

/// Returns the reading of the word with which a text begins, if it is a known one.
fn word(text: &[char], before: Option<char>) -> Option<&'static [char]> {
    let first = text.first()?;
    let known = WORDS.get(first).into_iter().flatten();
    let mut known = known.filter(|(word, _)| text.starts_with(word));
    if let Some((_, hangul)) = known.next() {
        return Some(hangul.as_slice());
    }
    // A name by itself has three characters.
    let own = text.iter().take_while(|c| is_hanja(**c)).count();
    let is_name = *first == SURNAME && before.is_none() && own == 3;
    (is_name && !AFTER_GOLD.contains(text[1])).then_some(KIM)
}

/// Returns the reading of a hanja between two characters, as it is written in Hangul.
fn spoken(reading: char, before: Option<char>, next: Option<char>) -> char {
    let Some(before) = before else {
        return at_the_start(negated(reading, next));
    };
    let open = initial_place(before).is_some_and(|_| {
        let last = (u32::from(before) - FIRST) % FINALS;
        last == 0 || last == FINAL_NIEUN
    });
    match reading {
        '률' if open => '율',
        '렬' if open => '열',
        reading => negated(reading, next),
    }
}

/// 불 (不) is read 부 before ㄷ and ㅈ.
fn negated(reading: char, next: Option<char>) -> char {
    match next.and_then(initial_place) {
        Some(TIKEUT | CIEUC) if reading == '불' => '부',
        _ => reading,
    }
}

/// Applies the rule for initial sounds (두음법칙).
fn at_the_start(reading: char) -> char {
    let Some(initial) = initial_place(reading) else {
        return reading;
    };
    let rest = (u32::from(reading) - FIRST) % PER_INITIAL;
    let iotated = IOTATED.contains(&(rest / FINALS));
    let initial = match initial {
        NIEUN | RIEUL if iotated => IEUNG,
        RIEUL => NIEUN,
        initial => initial,
    };
    char::from_u32(FIRST + initial * PER_INITIAL + rest).unwrap_or(reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hanja_are_read_as_they_are_written_in_hangul() {
        for (hanja, hangul) in [
            ("業務協約", "업무협약"),
            ("협약(協約)", "협약(협약)"),
            ("勞動", "노동"),
            ("勤勞者", "근로자"),
            ("女性", "여성"),
            ("理事", "이사"),
            ("樂園", "낙원"),
            ("比率", "비율"),
            ("出産率", "출산율"),
            ("合格率", "합격률"),
            ("不動産", "부동산"),
            ("不法", "불법"),
            ("株式会社", "주식회사"),
            ("自動車", "자동차"),
            ("ひらがな 漢字", "ひらがな 한자"),
            ("金浦文化院", "김포문화원"),
            ("金海市", "김해시"),
            ("金映俊", "김영준"),
            ("金融界", "금융계"),
            ("金剛 金屬製", "금강 금속제"),
            ("變更協約", "변경협약"),
            ("更新", "갱신"),
            ("復興財團", "부흥재단"),
            ("復舊", "복구"),
            ("十月 六月", "시월 유월"),
            ("音樂堂", "음악당"),
            ("自轉車", "자전거"),
            ("容易", "용이"),
            ("貿易", "무역"),
            ("參拾", "삼십"),
            ("宅內", "댁내"),
            ("沈氏", "심씨"),
            ("便所", "변소"),
            ("省略", "생략"),
            ("國際聯盟", "국제연맹"),
            ("統率", "통솔"),
        ] {
            assert_eq!(read(hanja.chars()), hangul);
        }
    }

    #[test]
    fn words_are_as_long_as_their_readings() {
        for line in WORDS_TABLE.lines() {
            let hanja = line.chars().filter(|c| is_hanja(*c)).count();
            let hangul = line.chars().count() - hanja;
            assert!(hanja > 0 && hanja % hangul == 0, "{line}");
        }
    }

    #[test]
    fn syllables_have_initials() {
        let initials = |text: &str| text.chars().filter_map(initial).collect::<String>();
        assert_eq!(initials("협약 a까"), "\u{1112}\u{110b}\u{1101}");
        assert_eq!(initials("\u{1112}"), "\u{1112}");
    }
}
