//! Proposals from papers as cities write them.

use rstest::rstest;
use serde_json::{Value, json};

use super::lines::Paper;
use super::propose::{Proposal, propose};
use crate::extract::Passage;

const PAPER: &str = "\
의료·바이오 클러스터 조성을 위한
업 무 협 약 서
고양시(이하 “갑”이라 한다)와 한국바이오의약품협회(이하 “을”이라 한다)는 클러스터 조성을 위하여 다음과 같이 협약을 체결한다.
제1조(목적) 이 협약은 의료·바이오 클러스터의 조성에 협력함을 목적으로 한다.
제2조(협력 사항) “갑”과 “을”은 다음 각 호의 사항에 대하여 협력한다.
1. 의료·바이오 클러스터의 육성 지원
2. 일산테크노밸리의 경쟁력을 위한 대상 발굴
제3조(역할 분담) ① “갑”은 부지와 기반 시설을 지원한다.
② “을”은 회원사에 투자를 안내한다.
제4조(협약 기간) ① 이 협약의 유효기간은 체결일로부터 2년으로 한다.
② 만료 1개월 전까지 이의가 없으면 1년씩 자동 연장한다.
제5조(비밀 유지) “갑”과 “을”은 제3조에 따라 알게 된 비밀을 지킨다.
제6조(효력) 이 협약은 법적 구속력을 갖지 아니한다.
2021년 4월 16일
고양시 한국바이오의약품협회
시장 이재준 회장 이정석";

fn read(text: &str) -> Proposal {
    let passage = Passage {
        page: None,
        paragraph: Some(1),
        text: text.to_owned(),
    };
    propose(&Paper::of(&[passage]), 2026)
}

fn names(proposal: &Proposal) -> Vec<&str> {
    proposal.parties.iter().map(|p| p.name.as_str()).collect()
}

#[test]
fn a_whole_paper_is_read_with_its_places() {
    let read = read(PAPER);
    let of = |member: &str| read.body.get(member).cloned().unwrap_or_default();
    assert_eq!(
        of("title"),
        json!({"ko": "의료·바이오 클러스터 조성을 위한 업무협약"})
    );
    assert_eq!((of("kind"), of("status")), (json!("mou"), json!("signed")));
    assert_eq!(names(&read), ["고양시", "한국바이오의약품협회"]);
    assert_eq!(of("signed_on")["edtf"], "2021-04-16");
    assert_eq!(
        of("purpose")["ko"],
        "이 협약은 의료·바이오 클러스터의 조성에 협력함을 목적으로 한다."
    );
    let to = &of("effective_until")["relative_to"];
    assert_eq!(
        (&to["anchor"], &to["years"]),
        (&json!("signing"), &json!(2))
    );
    assert_eq!(of("auto_renews"), json!(true));
    assert_eq!(of("renewal")["months"], 12);
    assert_eq!(of("legally_binding"), json!(false));
    let commitments = of("commitments");
    let each = |at: usize| {
        let one: &Value = &commitments[at];
        (
            one["text"]["ko"].as_str().unwrap().to_owned(),
            one["owed_by"].clone(),
        )
    };
    let both = json!([{"party": 0}, {"party": 1}]);
    assert_eq!(commitments.as_array().unwrap().len(), 4);
    assert_eq!(
        each(0),
        ("의료·바이오 클러스터의 육성 지원".to_owned(), both.clone())
    );
    assert_eq!(each(1).1, both);
    assert_eq!(each(2).1, json!([{"party": 0}]));
    assert_eq!(
        each(3),
        (
            "“을”은 회원사에 투자를 안내한다.".to_owned(),
            json!([{"party": 1}])
        )
    );
    let place = |pointer: &str| {
        let found = read.places.iter().find(|place| place.pointer == pointer);
        let found = found.unwrap_or_else(|| panic!("no place for {pointer}"));
        (found.paragraph.unwrap(), found.text.as_str())
    };
    assert_eq!(place("/signed_on"), (14, "2021년 4월 16일"));
    assert_eq!(place("/commitments/1").0, 7);
    assert_eq!(place("/parties/1").0, 3);
    assert_eq!(place("/effective_until").0, 10);
    assert_eq!(place("/renewal").0, 11);
}

/// As readers of PDF join what belongs apart.
#[test]
fn joined_lines_are_cut() {
    let (head, articles) = PAPER.split_once("제1조").unwrap();
    let joined = format!("{head}제1조{}", articles.replace('\n', " "));
    let (whole, cut) = (read(PAPER), read(&joined));
    for member in [
        "signed_on",
        "effective_until",
        "renewal",
        "legally_binding",
        "purpose",
    ] {
        assert_eq!(cut.body.get(member), whole.body.get(member), "{member}");
    }
    let commitments = cut.body["commitments"].as_array().unwrap().len();
    assert!(commitments >= 2, "{:?}", cut.body["commitments"]);
}

#[rstest]
#[case("고양시와 명지의료재단 간\n업무협약서\n제1조(목적) 협력한다.", "고양시와 명지의료재단 간 업무협약", &["고양시", "명지의료재단"])]
#[case("투자협약서\n갑시(이하 '갑'), (주)을전자(이하 '을'), 병은행(이하 '병')은 협약한다.", "투자협약", &["갑시", "(주)을전자", "병은행"])]
#[case("MOU between Goyang and Hakodate", "MOU between Goyang and Hakodate", &[])]
fn titles_and_parties(#[case] text: &str, #[case] title: &str, #[case] parties: &[&str]) {
    let read = read(text);
    let stated = &read.body["title"];
    assert_eq!(stated.get("ko").or(stated.get("en")), Some(&json!(title)));
    assert_eq!(names(&read), parties);
}

/// What is not there, or not certain, is left out.
#[rstest]
#[case("")]
#[case("회의 자료\n다음 회의는 2021년 4월 16일이다.")]
#[case("제1조(목적) 제3조에 따라 협력한다.\n2021년 4월\n2021년 4월 16일에 서명한 것은 아니다.")]
fn nothing_is_made_up(#[case] text: &str) {
    let read = read(text);
    for member in [
        "title",
        "signed_on",
        "effective_until",
        "commitments",
        "status",
    ] {
        assert_eq!(read.body.get(member), None, "{text}: {member}");
    }
    assert!(read.parties.is_empty());
}
