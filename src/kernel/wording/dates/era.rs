//! Years of eras: 令和3年, 단기 4354년.

/// Eras by name, with the year before their first one and the number of their last.
const ERAS: [(&str, i32, i32); 12] = [
    ("令和", 2018, OPEN),
    ("平成", 1988, 31),
    ("昭和", 1925, 64),
    ("大正", 1911, 15),
    ("레이와", 2018, OPEN),
    ("헤이세이", 1988, 31),
    ("쇼와", 1925, 64),
    ("民國", 1911, OPEN),
    ("民国", 1911, OPEN),
    ("단기", -2333, OPEN),
    ("檀紀", -2333, OPEN),
    ("서기", 0, OPEN),
];
/// The last number of an era that goes on.
const OPEN: i32 = 9999;

/// Writes the words for year, month and day in Hangul, and the year of an era as one of the common
/// era; returns whether there was an era.
pub(super) fn resolve(text: &str) -> (String, bool) {
    let text = text
        .replace('年', "년")
        .replace('月', "월")
        .replace('日', "일");
    for (name, before, last) in ERAS {
        let Some((left, right)) = text.split_once(name) else {
            continue;
        };
        let right = right.trim_start();
        let (year, rest) = if let Some(rest) = right.strip_prefix('元') {
            (Some(1), rest)
        } else {
            let width = right.bytes().take_while(u8::is_ascii_digit).count();
            (right[..width].parse::<i32>().ok(), &right[width..])
        };
        let year = year.filter(|year| (1..=last).contains(year));
        let year = year.and_then(|year| year.checked_add(before));
        if let Some(year) = year.filter(|year| (1..=9999).contains(year)) {
            return (format!("{left}{year:04}{rest}"), before != 0);
        }
    }
    (text, false)
}
