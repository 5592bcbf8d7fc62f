//! Proposals from papers in English, and from signatures alone.

use rstest::rstest;
use serde_json::{Value, json};

use super::lines::Paper;
use super::propose::{Proposal, propose};
use crate::extract::Passage;

const PAPER: &str = "\
MEMORANDUM OF UNDERSTANDING
BETWEEN
GOYANG CITY
AND
HAKODATE CITY
This Memorandum of Understanding is made by and between Goyang City, Republic of Korea (hereinafter referred to as “Goyang”) and the City of Hakodate, Japan (hereinafter “Hakodate”), hereinafter collectively the Parties.
Article 1 (Purpose)
The purpose of this MOU is to promote friendship between the Parties.
Article 2 (Cooperation)
The Parties shall cooperate as follows:
1. Exchange of students
2. Exchange of officials
(a) Goyang shall provide a venue.
Article 3 (Term)
This MOU shall remain in force for three years from the date of signing. It shall be automatically renewed unless either party gives written notice.
Article 4 (Confidentiality) The Parties shall keep secrets for five years in accordance with Article 3 of the Act.
Signed at Goyang on 16 April 2021.
For Goyang City
Mayor";

fn read(text: &str) -> Proposal {
    let passage = Passage {
        page: None,
        paragraph: Some(1),
        text: text.to_owned(),
    };
    propose(&Paper::of(&[passage]), super::tests::today())
}

fn names(read: &Proposal) -> Vec<&str> {
    read.parties.iter().map(|p| p.name.as_str()).collect()
}

fn of(read: &Proposal, member: &str) -> Value {
    read.body.get(member).cloned().unwrap_or_default()
}

fn notes(read: &Proposal) -> Vec<&str> {
    read.notes.iter().map(|note| note.code.as_ref()).collect()
}

#[test]
fn a_paper_in_english_is_read_with_its_places() {
    let read = read(PAPER);
    assert_eq!(
        of(&read, "title"),
        json!({"en": "MEMORANDUM OF UNDERSTANDING BETWEEN GOYANG CITY AND HAKODATE CITY"})
    );
    assert_eq!(of(&read, "kind"), "mou");
    assert_eq!(names(&read), ["Goyang City", "City of Hakodate"]);
    assert_eq!(of(&read, "signed_on")["edtf"], "2021-04-16");
    assert_eq!(of(&read, "signed_on")["as_stated"], "16 April 2021");
    assert_eq!(of(&read, "status"), "signed");
    assert_eq!(
        of(&read, "purpose")["en"],
        "The purpose of this MOU is to promote friendship between the Parties."
    );
    let to = &of(&read, "effective_until")["relative_to"];
    assert_eq!(
        (&to["anchor"], &to["years"]),
        (&json!("signing"), &json!(3))
    );
    assert_eq!(of(&read, "auto_renews"), json!(true));
    let commitments = of(&read, "commitments");
    let both = json!([{"party": 0}, {"party": 1}]);
    assert_eq!(commitments[0]["text"]["en"], "Exchange of students");
    assert_eq!(commitments[1]["owed_by"], both);
    assert_eq!(commitments[2]["owed_by"], json!([{"party": 0}]));
    assert_eq!(commitments.as_array().unwrap().len(), 3);
    let place = |pointer: &str| {
        let found = read.places.iter().find(|place| place.pointer == pointer);
        found.and_then(|place| place.paragraph)
    };
    assert_eq!(place("/parties/1"), Some(6));
    assert_eq!(place("/signed_on"), Some(17));
    assert!(read.notes.is_empty(), "{:?}", notes(&read));
}

#[rstest]
#[case("Memorandum of Understanding between Goyang City and Eul Co., Ltd.", "Memorandum of Understanding between Goyang City and Eul Co., Ltd.", &["Goyang City", "Eul Co., Ltd."])]
#[case("MOU\nThis MOU is made on 16 April 2021 between Goyang City (the “City”) and KoreaBIO, an association (“KoreaBIO”).", "MOU", &["Goyang City", "KoreaBIO"])]
#[case("Letter of Intent\non the Bio Cluster\nOn 16 April 2021, Goyang City (hereinafter \"Goyang\") and Eul University (hereinafter \"Eul\") agree on the bio project (hereinafter the \"Project\").", "Letter of Intent on the Bio Cluster", &["Goyang City", "Eul University"])]
#[case("Agreement among A City, B City and C University", "Agreement among A City, B City and C University", &["A City", "B City", "C University"])]
// Which of the two joins the parties is not certain.
#[case("MOU between the Ministry of Trade and Industry and Goyang City", "MOU between the Ministry of Trade and Industry and Goyang City", &[])]
#[case("Cooperation Agreement\nFor and on behalf of Goyang City\nOn behalf of Hakodate City", "Cooperation Agreement", &["Goyang City", "Hakodate City"])]
fn titles_and_parties(#[case] text: &str, #[case] title: &str, #[case] parties: &[&str]) {
    let read = read(text);
    assert_eq!(of(&read, "title")["en"], title);
    assert_eq!(names(&read), parties);
}

#[test]
fn a_paper_in_both_languages_has_its_korean_title() {
    let read = read(
        "MEMORANDUM OF UNDERSTANDING\n돌봄 업무협약서\n고양시와 무지개재단은 다음과 같이 협약을 체결한다.",
    );
    assert_eq!(of(&read, "title"), json!({"ko": "돌봄 업무협약"}));
    assert_eq!(names(&read), ["고양시", "무지개재단"]);
}

#[rstest]
#[case("Date: 16 April 2021", Some("2021-04-16"))]
#[case("Date: April 16, 2021", Some("2021-04-16"))]
#[case("16 April 2021", Some("2021-04-16"))]
#[case("Signed on 16 April 2021.", Some("2021-04-16"))]
#[case("Dated this 16th day of April, 2021", Some("2021-04-16"))]
#[case(
    "DONE in duplicate at Goyang, on April 16, 2021, in Korean and English.",
    Some("2021-04-16")
)]
#[case(
    "The MOU signed on 3 May 2018 is replaced by one dated 16 April 2021.",
    None
)]
#[case("This MOU renews the one signed on 3 May 2018.", None)]
#[case("The Parties will meet on 16 April 2021.", None)]
#[case("Date: April 2021", None)]
fn the_day_of_signing_is_stated(#[case] line: &str, #[case] day: Option<&str>) {
    let read = read(&format!("MOU\nArticle 1 (Purpose) Friendship.\n{line}"));
    assert_eq!(of(&read, "signed_on")["edtf"].as_str(), day);
}

#[rstest]
#[case("This MOU shall be valid until 31 December 2026.", Some("2026-12-31"))]
#[case(
    "This MOU is effective from 1 April 2025 to 31 March 2028.",
    Some("2028-03-31")
)]
#[case(
    "This MOU shall remain in force for two years from the date of signing and may be extended by mutual consent.",
    Some("2 years")
)]
#[case("This MOU may be terminated by thirty days' notice.", None)]
// From which day it counts is not understood.
#[case(
    "This MOU is valid for two years from the date on which the council approves it.",
    Some("words")
)]
fn the_term_is_stated(#[case] sentence: &str, #[case] until: Option<&str>) {
    let read = read(&format!("MOU\nArticle 1 (Term and Termination) {sentence}"));
    let stated = of(&read, "effective_until");
    let years = || {
        Some(format!(
            "{} years",
            stated["relative_to"]["years"].as_i64()?
        ))
    };
    let edtf = stated["edtf"].as_str().map(str::to_owned);
    let words = || stated["as_stated"].as_str().map(|_| "words".to_owned());
    assert_eq!(edtf.or_else(years).or_else(words).as_deref(), until);
}

#[rstest]
#[case("Dear Sir,\nThank you for your letter.", &["title_not_found", "parties_not_found", "signing_day_not_found", "term_not_found", "articles_not_found"])]
#[case("돌봄 업무협약서\n고양시(이하 “갑”)와 무지개재단(이하 “을”)은 협약한다.\n2025년 3월 12일", &["term_not_found", "articles_not_found"])]
#[case("", &[])]
fn a_paper_says_what_is_missing(#[case] text: &str, #[case] codes: &[&str]) {
    assert_eq!(notes(&read(text)), codes);
}

#[rstest]
#[case("고양시장 이동환 (인)\n명지병원장 김○○ (서명)", &["고양시", "명지병원"], 3)]
#[case("(갑) 고양시장\n(을) 명지병원장", &["고양시", "명지병원"], 3)]
#[case("고양시\n시장 이동환 (인)\n무지개재단\n이사장 김하늘 (인)", &["고양시", "무지개재단"], 3)]
#[case("무지개재단 이사장 김 하 늘 ㊞\n고양시장 이동환 ㊞", &["무지개재단", "고양시"], 3)]
// Columns side by side say nothing for certain, and one who signs alone sends a letter.
#[case("고양시장 이동환 무지개재단 이사장 김하늘", &[], 0)]
#[case("고양시 무지개재단\n시장 이동환 이사장 김하늘", &[], 0)]
#[case("고양시장", &[], 0)]
fn parties_that_stand_in_the_signatures_alone(
    #[case] block: &str,
    #[case] parties: &[&str],
    #[case] first: u32,
) {
    let day = "2025년 3월 12일";
    let read = read(&format!(
        "돌봄 업무협약서\n고양시와 명지병원은 협력한다.\n{day}\n{block}"
    ));
    assert_eq!(names(&read), parties);
    let place = read
        .places
        .iter()
        .find(|place| place.pointer == "/parties/0");
    let line = place.and_then(|place| place.paragraph);
    assert_eq!(line, (first > 0).then_some(first + 1));
    assert_eq!(of(&read, "signed_on")["edtf"], "2025-03-12");
}
