//! Years of eras: 令和3年, 단기 4354년.

/// Eras by name, with the year before their first one.
const ERAS: [(&str, i32); 12] = [
    ("令和", 2018),
    ("平成", 1988),
    ("昭和", 1925),
    ("大正", 1911),
    ("레이와", 2018),
    ("헤이세이", 1988),
    ("쇼와", 1925),
    ("民國", 1911),
    ("民国", 1911),
    ("단기", -2333),
    ("檀紀", -2333),
    ("서기", 0),
];

/// Writes the words for year, month and day in Hangul, and the year of an era as one of the common
/// era; returns whether there was an era.
pub(super) fn resolve(text: &str) -> (String, bool) {
    let text = text
        .replace('年', "년")
        .replace('月', "월")
        .replace('日', "일");
    for (name, before) in ERAS {
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
        let year = year.and_then(|year| year.checked_add(before));
        if let Some(year) = year.filter(|year| (1..=9999).contains(year)) {
            return (format!("{left}{year:04}{rest}"), before != 0);
        }
    }
    (text, false)
}
