//! The department and the officers in charge. Names, numbers and addresses of officers are personal data:
//! they go into the contact, never into a department or the remarks, which are public.

use serde_json::{Map, Value, json};

use super::cells::{short, stated};
use super::persons::{FAMILY, RANKS, is_person, person_in};
use super::row::{OFFICER_APART, Reader, line};
use super::words::is_department;
use crate::imports::mapping::apart::begins_department;
use crate::kernel::language::Message;

/// A cell of a department and officers, in parts.
#[derive(Debug, Default, PartialEq)]
struct Parts {
    departments: Vec<String>,
    names: Vec<String>,
    phones: Vec<String>,
    emails: Vec<String>,
}

/// Reads the department in charge and the contact.
pub fn contact(reader: &mut Reader<'_>) {
    let mut all = Parts::default();
    let mut department = None;
    if let Some((column, text)) = stated(reader, "lead_department").pop() {
        department = lead_department(reader, column, &text, &mut all);
    }
    for (n, (column, text)) in stated(reader, "contact").into_iter().enumerate() {
        let header = reader.ledger.columns[column].header.clone();
        let parts = of_officer(&text);
        if n > 0 || is_of_partner(&header) {
            all.names.push(format!("{header}: {}", line(&text, 200)));
            continue;
        }
        if header.contains("부서") && department.is_none() && !parts.departments.is_empty() {
            department = Some(parts.departments.join(" "));
        }
        all.departments.extend(parts.departments);
        all.names.extend(parts.names);
        all.phones.extend(parts.phones);
        all.emails.extend(parts.emails);
    }
    for (column, text) in stated(reader, "contact_phone") {
        let header = &reader.ledger.columns[column].header;
        if let Some(parts) = named_beside_number(&text).filter(|_| !is_of_partner(header)) {
            all.departments.extend(parts.departments);
            all.names.extend(parts.names);
            all.phones.extend(parts.phones);
            all.emails.extend(parts.emails);
            continue;
        }
        match (is_email(&text), is_of_partner(header)) {
            (true, _) => all.emails.push(text),
            (false, true) => all.names.push(format!("{header}: {}", line(&text, 50))),
            (false, false) => all.phones.push(line(&text, 50)),
        }
    }
    for (column, text) in stated(reader, "contact_email") {
        let header = &reader.ledger.columns[column].header;
        match is_email(&text) && !is_of_partner(header) {
            true => all.emails.push(text),
            false => all.names.push(format!("{header}: {}", line(&text, 200))),
        }
    }
    if let Some(department) = department.filter(|department| !department.is_empty()) {
        reader.set("lead_department", json!(department));
    }
    let contact = members(all);
    if !contact.is_empty() {
        reader.set("contact", Value::Object(contact));
    }
}

/// Returns the department of a cell; officers in it are added to `all`.
fn lead_department(
    reader: &mut Reader<'_>,
    column: usize,
    text: &str,
    all: &mut Parts,
) -> Option<String> {
    let names_officers = reader.ledger.columns[column].is_personal;
    let Some(parts) = of_department(text, names_officers) else {
        return Some(short(reader, column, text, 200));
    };
    all.names.extend(parts.names);
    all.phones.extend(parts.phones);
    all.emails.extend(parts.emails);
    let message = Message::fixed(
        "부서와 담당자를 나누었습니다. 담당자는 직원에게만 보이는 연락처에 적습니다.",
        "The department and the officer are told apart; the officer goes into the contact, which staff alone see.",
    );
    reader.note(Some(column), "/lead_department", OFFICER_APART, message);
    let department = parts.departments.join(" ");
    (!department.is_empty()).then(|| line(&department, 200))
}

/// Returns the department of a cell in a list without a place for officers, who are left out.
pub fn department_alone(reader: &mut Reader<'_>, column: usize, text: &str) -> String {
    let names_officers = reader.ledger.columns[column].is_personal;
    let Some(parts) = of_department(text, names_officers) else {
        return line(text, 200);
    };
    reader.note(
        Some(column),
        "/lead_department",
        "personal_data",
        no_place(),
    );
    line(&parts.departments.join(" "), 200)
}

/// Returns what is told of officers who are left out.
pub fn no_place() -> Message {
    Message::fixed(
        "사람의 이름이나 연락처는 누구나 볼 수 있는 곳에 적지 않습니다.",
        "Names, numbers and addresses of persons are left out, since everyone could see them.",
    )
}

/// Returns a contact of as many parts as it has room for.
fn members(parts: Parts) -> Map<String, Value> {
    let Parts {
        departments,
        mut names,
        phones,
        emails,
    } = parts;
    let mut emails = emails.into_iter();
    let email = emails.next();
    names.extend(emails);
    let mut contact = Map::new();
    for (member, values, most) in [
        ("department", departments, 200),
        ("name", names, 200),
        ("phone", phones, 50),
    ] {
        if !values.is_empty() {
            contact.insert(member.into(), json!(line(&values.join(", "), most)));
        }
    }
    contact.extend(email.map(|email| ("email".to_owned(), json!(email))));
    contact
}

/// Returns whether a header is of persons at the partner.
fn is_of_partner(header: &str) -> bool {
    const PARTNERS: [&str; 8] = [
        "상대",
        "협약기관",
        "기업",
        "업체",
        "대학",
        "단체",
        "참여기관",
        "체결기관",
    ];
    let mut partners = PARTNERS.iter();
    partners.any(|partner| header.contains(partner) && !begins_department(partner, header))
}

/// Takes a cell of a department apart; `None` if no officer is in it.
fn of_department(text: &str, names_officers: bool) -> Option<Parts> {
    let words = in_whole(words(text));
    let has_department = words.iter().any(|word| is_department(word));
    let mut parts = Parts::default();
    // A rank before its name: `주무관 홍길동`.
    let mut rank: Option<&str> = None;
    for word in &words {
        let word = word.as_str();
        let is_name = is_name(word, names_officers) && (names_officers || has_department)
            || is_sure(word)
            || rank.is_some() && is_person(word);
        match () {
            () if is_email(word) => parts.emails.push(word.to_owned()),
            () if is_phone(word) => parts.phones.push(word.to_owned()),
            () if RANKS.contains(&word) => match parts.names.last_mut() {
                Some(last) => *last = format!("{last} {word}"),
                None => parts
                    .departments
                    .extend(rank.replace(word).map(str::to_owned)),
            },
            () if is_name => {
                let ranked = rank.take().map(|rank| format!("{rank} {word}"));
                parts.names.push(ranked.unwrap_or_else(|| word.to_owned()));
            }
            () => parts.departments.push(word.to_owned()),
        }
    }
    parts.departments.extend(rank.map(str::to_owned));
    let has_officer = [&parts.names, &parts.phones, &parts.emails];
    if has_officer.iter().any(|all| !all.is_empty()) {
        return Some(parts);
    }
    // `김철 팀장`, `Mr. Smith`
    let body = person_in(text).filter(|_| !has_department && !is_field(text))?;
    let name = text.replacen(&body, "", 1);
    Some(Parts {
        departments: Some(body)
            .filter(|body| !body.is_empty())
            .into_iter()
            .collect(),
        names: vec![line(&name, 200)],
        ..Parts::default()
    })
}

/// Joins a name whose syllables stand apart: `홍 길 동`.
fn in_whole(words: Vec<&str>) -> Vec<String> {
    let is_one = |word: &&str| word.chars().count() == 1;
    let mut whole: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let run = words[at..].iter().take_while(|word| is_one(word)).count();
        let joined = words[at..at + run].concat();
        let is_name = (3..=4).contains(&run) && is_person(&joined);
        let taken = if is_name { run } else { 1 };
        whole.push(words[at..at + taken].concat());
        at += taken;
    }
    whole
}

/// Returns whether a word is the name of a person or a name with a rank, also without a department beside it.
fn is_sure(word: &str) -> bool {
    let is_named = person_in(word).is_some_and(|body| body.is_empty());
    is_named && !is_department(word) && !is_field(word)
}

/// Returns whether a text is a field of work that departments are named after, though it could be a name.
fn is_field(text: &str) -> bool {
    const FIELDS: [&str; 6] = ["문화재", "정보화", "선진화", "현대화", "고도화", "공유재"];
    FIELDS.contains(&text.trim())
}

/// Takes a cell of an officer apart. What is neither a department nor a number is the name.
fn of_officer(text: &str) -> Parts {
    let mut parts = Parts::default();
    let mut name: Vec<&str> = Vec::new();
    for word in words(text) {
        match () {
            () if is_email(word) => parts.emails.push(word.to_owned()),
            () if is_phone(word) => parts.phones.push(word.to_owned()),
            () if is_department(word) => parts.departments.push(word.to_owned()),
            () => name.push(word),
        }
    }
    let is_plain = parts == Parts::default();
    match is_plain {
        true => parts.names.push(line(text, 200)),
        false if name.is_empty() => {}
        false => parts.names.push(name.join(" ")),
    }
    parts
}

/// Takes a cell of numbers apart that begins with the name of an officer: `홍길동(031-980-1234)`.
fn named_beside_number(text: &str) -> Option<Parts> {
    let parts = of_officer(text);
    let name = parts.names.first()?.split(' ').next()?;
    (is_person(name) && !parts.phones.is_empty()).then_some(parts)
}

fn words(text: &str) -> Vec<&str> {
    let signs = ['(', ')', '（', '）', '[', ']', ',', '/', '☎', ':', ';'];
    let words = text.split(|c: char| c.is_whitespace() || signs.contains(&c));
    // `아동과-홍길동`, but not the parts of a number.
    let words = words.flat_map(|word| {
        let is_number = word.contains(|c: char| c.is_ascii_digit() || c == '@');
        let signs: &[char] = if is_number {
            &[]
        } else {
            &['-', '–', '·', '_', '|']
        };
        word.split(signs)
    });
    words.filter(|word| !word.is_empty()).collect()
}

/// Returns whether a word is the name of a person. Where the header does not say that persons are named, it
/// has three syllables of which the first is a frequent family name.
fn is_name(word: &str, names_officers: bool) -> bool {
    let bare = RANKS.iter().find_map(|rank| word.strip_suffix(rank));
    let bare = bare
        .filter(|bare| bare.chars().count() >= 2)
        .unwrap_or(word);
    let is_letter = |c: char| matches!(c, '가'..='힣' | '○' | '〇' | '*');
    let count = bare.chars().count();
    let of_department = [
        "과", "팀", "실", "국", "관", "단", "소", "센터", "본부", "계", "부", "처",
    ];
    let is_body = of_department.iter().any(|end| bare.ends_with(end));
    let has_family = bare.chars().next().is_some_and(|c| FAMILY.contains(c));
    bare.chars().all(is_letter)
        && (2..=4).contains(&count)
        && !is_department(bare)
        && match names_officers {
            true => !is_body || has_family && count == 3,
            false => has_family && count == 3 && !is_body,
        }
}

/// Returns whether a word is a telephone number or a part of one.
fn is_phone(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    digits >= 3
        && word
            .chars()
            .all(|c| c.is_ascii_digit() || "-.~+".contains(c))
}

fn is_email(word: &str) -> bool {
    let Some((name, host)) = word.split_once('@') else {
        return false;
    };
    !name.is_empty() && host.contains('.') && word.is_ascii() && !word.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn officers_are_told_from_departments() {
        for (text, names_officers, department, name, phone) in [
            ("아동과(홍길동)", false, "아동과", "홍길동", ""),
            ("아동과 홍길동 주무관", false, "아동과", "홍길동 주무관", ""),
            ("아동과/김철", true, "아동과", "김철", ""),
            (
                "교통과(이주무, 031-980-1234)",
                true,
                "교통과",
                "이주무",
                "031-980-1234",
            ),
            ("총무과(☎1234)", false, "총무과", "", "1234"),
            ("복지과\n김○○", false, "복지과", "김○○", ""),
            ("홍길동", false, "", "홍길동", ""),
            ("남궁민수", false, "", "남궁민수", ""),
            ("홍길동 주무관", false, "", "홍길동 주무관", ""),
            ("김철 팀장", false, "", "김철 팀장", ""),
            ("Mr. Smith", false, "", "Mr. Smith", ""),
            ("아동과-홍길동", false, "아동과", "홍길동", ""),
            ("아동과 홍 길 동", false, "아동과", "홍길동", ""),
            ("아동과 주무관 홍길동", false, "아동과", "주무관 홍길동", ""),
            ("총무과 031-980-1234", false, "총무과", "", "031-980-1234"),
        ] {
            let parts = of_department(text, names_officers).unwrap();
            assert_eq!(parts.departments.join(" "), department, "{text}");
            assert_eq!(parts.names.join(" "), name, "{text}");
            assert_eq!(parts.phones.join(" "), phone, "{text}");
        }
        for text in [
            "기획예산과(예산팀)",
            "일자리경제과, 복지과",
            "보건소 건강증진과",
            "문화재",
            "정보화",
            "도서관",
            "기획과(폐지)",
            "기획-예산과",
            "감사관",
        ] {
            assert_eq!(of_department(text, false), None, "{text}");
        }
    }

    #[test]
    fn officers_have_departments_and_numbers() {
        let parts = of_officer("아동과 홍길동(031-980-1234, hong@example.com)");
        assert_eq!(parts.departments, ["아동과"]);
        assert_eq!(parts.names, ["홍길동"]);
        assert_eq!(parts.phones, ["031-980-1234"]);
        assert_eq!(parts.emails, ["hong@example.com"]);
        let parts = named_beside_number("홍길동(031-980-1234)").unwrap();
        assert_eq!(parts.names, ["홍길동"]);
        assert_eq!(parts.phones, ["031-980-1234"]);
        for text in ["031-980-1234", "031-980-1234(내선 12)", "내선 1234"] {
            assert_eq!(named_beside_number(text), None, "{text}");
        }
        assert_eq!(of_officer("김과장").names, ["김과장"]);
        assert_eq!(of_officer("John Kim").names, ["John Kim"]);
    }
}
