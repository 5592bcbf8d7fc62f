//! Proposals from papers as cities write them.

use chrono::NaiveDate;
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

pub(super) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, 1).unwrap()
}

fn read(text: &str) -> Proposal {
    let passage = Passage {
        page: None,
        paragraph: Some(1),
        text: text.to_owned(),
    };
    propose(&Paper::of(&[passage]), today())
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
    assert_eq!(of("signed_on")["as_stated"], "2021년 4월 16일");
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

#[test]
fn a_dot_that_a_reader_of_pages_made_up_is_not_quoted() {
    let passage = |page, paragraph| Passage {
        page,
        paragraph,
        text: PAPER.replace('②', "•"),
    };
    let text = |passage: Passage| {
        let read = propose(&Paper::of(&[passage]), today());
        assert_eq!(read.body["signed_on"]["edtf"], "2021-04-16");
        let place = read
            .places
            .iter()
            .find(|one| one.pointer == "/commitments/3");
        place.unwrap().text.clone()
    };
    let sentence = "“을”은 회원사에 투자를 안내한다.";
    assert_eq!(text(passage(Some(1), None)), sentence);
    assert_eq!(text(passage(None, Some(1))), format!("• {sentence}"));
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
#[case("MOU between Goyang and Hakodate", "MOU between Goyang and Hakodate", &["Goyang", "Hakodate"])]
#[case("붙임 1. 협약식 개최 계획\n지역 돌봄을 위한\n업 무 협 약 (MOU)", "지역 돌봄을 위한 업무협약 (MOU)", &[])]
fn titles_and_parties(#[case] text: &str, #[case] title: &str, #[case] parties: &[&str]) {
    let read = read(text);
    let stated = &read.body["title"];
    assert_eq!(stated.get("ko").or(stated.get("en")), Some(&json!(title)));
    assert_eq!(names(&read), parties);
}

/// A title in the style of the text, as readers of PDF join it with the sentence on the parties.
#[rstest]
#[case(
    "돌봄 업무협약서 고양시(이하 “갑”이라 한다)와 무지개재단(이하 “을”이라 한다)은 다음과 같이 협약한다.",
    "돌봄 업무협약"
)]
#[case(
    "지역 돌봄을 위한 업 무 협 약 서 고양시(시장 이동환, 이하 “갑”)와 무지개재단(이하 “을”)은 협약한다.",
    "지역 돌봄을 위한 업무협약"
)]
#[case(
    "고양시와 무지개재단 간 업무협약서 고양시(이하 “갑”)와 무지개재단(이하 “을”)은 협약을 체결한다.",
    "고양시와 무지개재단 간 업무협약"
)]
#[case(
    "돌봄 업무협약(MOU) 고양시(이하 “갑”)와 무지개재단(이하 “을”)은 협약한다.",
    "돌봄 업무협약(MOU)"
)]
#[case(
    "업무협약 체결을 위한 합의서 고양시와 무지개재단은 다음과 같이 합의한다.",
    "업무협약 체결을 위한 합의서"
)]
#[case(
    "돌봄 양해각서(MOU) 고양시와 무지개재단은 다음과 같이 협약을 체결한다.",
    "돌봄 양해각서(MOU)"
)]
#[case(
    "돌봄 업무협약서 본 협약은 고양시(이하 “시”라 한다)와 무지개재단(이하 “재단”이라 한다) 간에 체결한다.",
    "돌봄 업무협약"
)]
#[case(
    "돌봄 업무협약서 2021. 4. 16. 고양시와 무지개재단은 아래와 같이 합의한다.",
    "돌봄 업무협약"
)]
#[case(
    "돌봄 업무협약서 협약기관 고양시(이하 “시”라 한다) 무지개재단(이하 “재단”이라 한다)",
    "돌봄 업무협약"
)]
#[case(
    "지역 돌봄을 위한\n업무협약서 고양시(이하 “갑”)와 무지개재단(이하 “을”)은 협약한다.",
    "지역 돌봄을 위한 업무협약"
)]
#[case(
    "돌봄 업무협약서 제1조(당사자) 고양시(이하 “갑”)와 무지개재단(이하 “을”)은 협약한다.",
    "돌봄 업무협약"
)]
fn a_title_ends_where_the_sentence_on_the_parties_begins(#[case] text: &str, #[case] title: &str) {
    for end in ["", "\n제1조(목적) 협력한다."] {
        let read = read(&format!("{text}{end}{SIGNED}"));
        assert_eq!(read.body["title"]["ko"], title);
        assert_eq!(names(&read), ["고양시", "무지개재단"]);
    }
}

#[rstest]
#[case("돌봄 업무협약 체결 계획")]
#[case("고양시 업무협약 추진 현황 및 다음과 같이 협약한 기관")]
fn a_title_that_goes_on_is_whole(#[case] title: &str) {
    assert_eq!(read(title).body["title"]["ko"], title);
}

#[test]
fn what_is_personal_is_left_out_of_papers() {
    let read = with(
        "제2조(협력사항) ① “갑”은 시설을 제공한다(문의: 주무관 031-123-4567, care@goyang.go.kr).\n\
         ② “을”은 대표(800101-1234567)가 정한 인력을 보낸다.\n\
         ③ ☎ 031-123-4567\n\
         제3조(기간) 유효기간은 해지 통보(02-123-4567)까지 2년으로 한다.",
    );
    let body = Value::Object(read.body.clone()).to_string();
    for number in ["031-123", "care@", "800101", "02-123"] {
        assert!(!body.contains(number), "{number}: {body}");
    }
    assert_eq!(commitments(&read).len(), 2, "{:?}", commitments(&read));
    let withheld = |pointer: &str| {
        let place = read.places.iter().find(|place| place.pointer == pointer);
        place.map(|place| place.withheld)
    };
    assert_eq!(withheld("/commitments/0"), Some(true));
    assert_eq!(withheld("/commitments/1"), Some(true));
    assert_eq!(withheld("/signed_on"), Some(false));
}

#[rstest]
#[case(
    "고양시(이하 “갑”)와 무지개재단(이하 “을”)은 2021년 4월 16일 체결한 돌봄 업무협약을 갱신하기 위하여 다음과 같이 협약한다.",
    Some("2021-04-16")
)]
#[case(
    "고양시(이하 “갑”)와 무지개재단(이하 “을”)은 2021. 4. 16.자로 체결한 기존 협약을 대체하여 다음과 같이 협약한다.",
    Some("2021-04-16")
)]
#[case(
    "고양시(이하 “갑”)와 무지개재단(이하 “을”)은 2021년 4월 16일 체결한 협약의 일부를 변경한다.",
    None
)]
#[case(
    "고양시(이하 “갑”)와 무지개재단(이하 “을”)은 협약하며, 2023년 4월 16일까지 이의가 없으면 갱신한다.",
    None
)]
fn the_earlier_agreement_is_told_by_its_signing(#[case] text: &str, #[case] day: Option<&str>) {
    let read = read(&format!(
        "돌봄 업무협약서\n{text}\n제1조(목적) 협력한다.{SIGNED}"
    ));
    let found = read.renews.as_ref().map(|(day, _)| day.to_string());
    assert_eq!(found.as_deref(), day);
    assert_eq!(names(&read), ["고양시", "무지개재단"]);
    assert_eq!(read.body["signed_on"]["edtf"], "2025-03-12");
}

const HEAD: &str = "돌봄 업무협약서\n고양시(이하 “갑”이라 한다)와 무지개재단(이하 “을”이라 한다)은 다음과 같이 협약을 체결한다.\n\
제1조(목적) 이 협약은 돌봄에 협력함을 목적으로 한다.\n";
const SIGNED: &str = "\n2025년 3월 12일\n고양시장 이동환\n무지개재단 이사장 김하늘";

/// A paper with some articles.
fn with(articles: &str) -> Proposal {
    read(&format!("{HEAD}{articles}{SIGNED}"))
}

/// The commitments, each behind the places of those who owe it.
fn commitments(read: &Proposal) -> Vec<String> {
    let all = read.body.get("commitments").and_then(Value::as_array);
    let one = |one: &Value| {
        let owing = one["owed_by"].as_array().unwrap().iter();
        let owing: Vec<String> = owing.map(|by| by["party"].to_string()).collect();
        format!(
            "{} {}",
            owing.join(","),
            one["text"]["ko"].as_str().unwrap()
        )
    };
    all.into_iter().flatten().map(one).collect()
}

#[rstest]
#[case("고양시(시장 이동환, 이하 “갑”이라 한다)와 무지개재단(이사장 김하늘, 이하 “을”이라 한다)은 협약을 체결한다.", &["고양시", "무지개재단"])]
#[case("고양시(이하 “갑”이라 한다)\n무지개재단(이하 “을”이라 한다)\n새봄병원(이하 “병”이라 한다)\n위 기관은 다음과 같이 협약을 체결한다.", &["고양시", "무지개재단", "새봄병원"])]
#[case("고양시, 파주시, 김포시(이하 “3개 시”라 한다)는 다음과 같이 협약한다.", &["고양시", "파주시", "김포시"])]
#[case("고양시와 무지개재단(이하 “양 기관”이라 한다)은 협약한다.", &["고양시", "무지개재단"])]
#[case("고양시와 무지개재단은 다음과 같이 협약을 체결한다.", &["고양시", "무지개재단"])]
#[case("대한민국 경기도 고양시와 일본국 하코다테시는 우호 증진을 위하여 아래와 같이 합의한다.", &["경기도 고양시", "일본국 하코다테시"])]
#[case("상호 협력을 위하여 고양시(이하 “갑”)와 새봄병원(이하 “을”)은 협약한다.", &["고양시", "새봄병원"])]
#[case("본 협약은 고양시(이하 “시”라 한다)와 ㈜나래(이하 “회사”라 한다) 간에 체결한다.", &["고양시", "㈜나래"])]
#[case("고양시(이하 “갑”)와 사단법인 한국드론협회(회장 박○○)(이하 “을”), 그리고 새봄병원(이하 “병”)은 협약한다.", &["고양시", "사단법인 한국드론협회", "새봄병원"])]
#[case("고양특례시장(이하 “갑”이라 한다)과 ㈜엘에스전자 대표이사(이하 “을”이라 한다)는 구축사업에 관하여 협약한다.", &["고양특례시", "㈜엘에스전자"])]
#[case("고양시장 이동환(이하 “갑”)과 무지개재단 이사장 김하늘(이하 “을”)은 협약한다.", &["고양시", "무지개재단"])]
#[case("경기도지사(이하 “도”), 고양시장(이하 “시”) 및 주식회사 한빛바이오(이하 “회사”)는 협약한다.", &["경기도", "고양시", "주식회사 한빛바이오"])]
#[case("협 약 기 관 고양산업진흥원 (이하 “진흥원”이라 한다.) 경기신용보증재단 (이하 “재단”이라 한다.) NH농협은행 고양시지부 (이하 “은행”이라 한다.)", &["고양산업진흥원", "경기신용보증재단", "NH농협은행 고양시지부"])]
#[case("공사(사장 김○○, 이하 ʻ공사’라 함)와 (사)자원봉사센터(이하 ʻ센터’라 함) 는 협약한다.", &["공사", "(사)자원봉사센터"])]
#[case("고양시(“갑”)와 Acme Co., Ltd.(“을”)는 돌봄 사업(이하 “돌봄사업”이라 한다)을 추진한다.", &["고양시", "Acme Co., Ltd."])]
#[case("고양시(이하 “갑”)와 가락시장 상인회(이하 “을”)는 시설 개선 사업(이하 “사업”)에 협력한다.", &["고양시", "가락시장 상인회"])]
fn parties_are_read_as_papers_name_them(#[case] text: &str, #[case] parties: &[&str]) {
    let read = read(&format!(
        "돌봄 업무협약서\n{text}\n제1조(목적) 협력한다.{SIGNED}"
    ));
    assert_eq!(names(&read), parties);
}

#[rstest]
#[case("제2조(역할) ① “갑”은 「지방재정법」 제17조(기부 또는 보조의 제한)에 따라 사업비 5억원을 매년 지원한다. ② “을”은 결과를 보고한다.",
    &["0 “갑”은 「지방재정법」 제17조(기부 또는 보조의 제한)에 따라 사업비 5억원을 매년 지원한다.", "1 “을”은 결과를 보고한다."])]
#[case("제2조(역할) “갑”은 제3조(비밀유지) 및 지방재정법 제17조(보조) 제1항을 지킨다.\n제3조(비밀유지) 지킨다.",
    &["0 “갑”은 제3조(비밀유지) 및 지방재정법 제17조(보조) 제1항을 지킨다."])]
#[case("제2조(협력사항) 양 기관은 다음 각 호의 사항을 추진한다.\n1. 교육\n2. 2027년까지 돌봄센터 3개소 설치\n3. 3억원 규모 기금 조성\n4. 1.5억원의 지원",
    &["0,1 교육", "0,1 2027년까지 돌봄센터 3개소 설치", "0,1 3억원 규모 기금 조성", "0,1 1.5억원의 지원"])]
#[case("제2조(협약내용) “갑”과 “을”은 다음 사항에 협력한다.\n1. 공동 사업", &["0,1 공동 사업"])]
#[case("제2조(협력내용) 쌍방은 돌봄 사업을 함께 추진한다.", &["0,1 쌍방은 돌봄 사업을 함께 추진한다."])]
#[case("제2조(상호협력) 양 기관은 사업을 함께 추진한다.", &["0,1 양 기관은 사업을 함께 추진한다."])]
#[case("제2조(업무분담) 갑: 예산 지원\n을: 사업 수행", &["0 예산 지원", "1 사업 수행"])]
#[case("제2조(갑의 역할) ① 장소를 제공한다.\n② 다음 세대를 교육한다.", &["0 장소를 제공한다.", "0 다음 세대를 교육한다."])]
#[case("제2조(협력사항) “갑”과 “을”은 다음 각 호의 사항에 협력한다. 가. 인력 양성 나. 시설 개방 다. 자원 연계 제3조(갑의 역할) “갑”은 장소를 제공한다.",
    &["0,1 인력 양성", "0,1 시설 개방", "0,1 자원 연계", "0 “갑”은 장소를 제공한다."])]
#[case("제2조(협력사항) “갑”은 다음 사항을 지원한다. 1. 2025. 4. 1.부터 2026. 3. 31.까지 교육 2. 3억원의 기금",
    &["0 2025. 4. 1.부터 2026. 3. 31.까지 교육", "0 3억원의 기금"])]
fn commitments_are_read_with_those_who_owe_them(#[case] articles: &str, #[case] all: &[&str]) {
    let read = with(articles);
    let found = commitments(&read);
    assert_eq!(found, all);
    assert_eq!(
        read.body["purpose"]["ko"],
        "이 협약은 돌봄에 협력함을 목적으로 한다."
    );
    assert_eq!(read.body["signed_on"]["edtf"], "2025-03-12");
}

/// A law is named with its article and the heading of it.
#[test]
fn an_article_of_a_law_is_no_heading() {
    let text = "이 협약은 「스마트도시 조성 및 산업진흥 등에 관한 법률」 제12조(사업시행자)에 따른 사업의 시행에 필요한 사항을 정함을 목적으로 한다.";
    let read = read(&format!(
        "협약서\n제1조(목적) {text}\n제2조(기간) 체결일로부터 2년"
    ));
    assert_eq!(read.body["purpose"]["ko"], text);
    assert_eq!(read.body["effective_until"]["relative_to"]["years"], 2);
}

fn until(read: &Proposal) -> String {
    let until = read
        .body
        .get("effective_until")
        .cloned()
        .unwrap_or_default();
    match until["edtf"].as_str() {
        Some(edtf) => edtf.to_owned(),
        None => format!("{} years", until["relative_to"]["years"]),
    }
}

#[rstest]
#[case(
    "제2조(효력) 이 협약은 서명한 날부터 효력이 발생한다.\n제3조(유효기간) 2025년 4월 1일부터 2028년 3월 31일까지로 한다.",
    "2028-03-31"
)]
#[case(
    "제2조(사업기간) 사업기간은 2025년 1월부터 2026년 12월까지로 한다.\n제3조(협약의 효력) 이 협약은 체결일로부터 5년간 효력을 가진다.",
    "5 years"
)]
#[case(
    "제2조(비밀유지 기간) 비밀유지 기간은 협약 종료 후 5년간으로 한다.\n제3조(유효기간) 이 협약은 체결일로부터 2년간 유효하다.",
    "2 years"
)]
#[case(
    "제2조(유효 기간) 본 협약의 유효기간은 2024. 1. 1.부터 2025. 12. 31.까지 2년으로 한다.",
    "2025-12-31"
)]
#[case(
    "제2조(유효기간) 이 협약의 유효기간은 2025. 4. 1.부터 2028. 3. 31.까지(3년간)로 한다.",
    "2028-03-31"
)]
#[case(
    "제2조(기간) 협약기간은 체결일부터 2027년 12월 31일까지로 한다.",
    "2027-12-31"
)]
#[case(
    "제2조(협약의 효력 및 유효기간) ① 본 협약은 양 기관의 대표자가 서명한 날부터 효력이 발생하며, 유효기간은 서명일로부터 3년으로 한다.",
    "3 years"
)]
#[case(
    "제2조(협약기간) 협약기간은 체결일로부터 2026년 12월 31일까지로 하되, 협약 만료 1개월 전까지 별도의 의사표시가 없을 경우 1년 단위로 자동 연장되는 것으로 한다.",
    "2026-12-31"
)]
#[case(
    "제2조(기타) ① 이 협약의 유효기간은 체결일로부터 2년으로 한다.",
    "2 years"
)]
#[case("제2조(사업기간) 2025년 1월부터 2026년 12월까지로 한다.", "null years")]
fn the_term_is_that_of_the_agreement(#[case] articles: &str, #[case] expected: &str) {
    assert_eq!(until(&with(articles)), expected);
}

#[rstest]
#[case("② 유효기간 만료 30일 전까지 서면에 의한 해지 통보가 없는 경우 동일한 조건으로 1년간 자동 연장되는 것으로 본다.", json!(true), json!(30))]
#[case("② 만료 30일 전까지 이의가 없으면 1년씩 자동 연장한다.", json!(true), json!(30))]
#[case("② 자동 연장되지 아니하며, 연장은 합의로 한다.", json!(false), json!(null))]
#[case("② 제1항에도 불구하고 자동으로 갱신되지 않는다.", json!(false), json!(null))]
#[case("② 기간 만료 2개월 전까지 상호 협의하여 1년 단위로 연장할 수 있다.", json!(null), json!(null))]
fn another_sentence_says_how_it_renews(
    #[case] sentence: &str,
    #[case] renews: Value,
    #[case] notice: Value,
) {
    let read = with(&format!(
        "제2조(유효기간) ① 유효기간은 체결일로부터 2년으로 한다.\n{sentence}"
    ));
    let of = |member: &str| read.body.get(member).cloned().unwrap_or_default();
    assert_eq!(
        (of("auto_renews"), of("renewal")["notice_days"].clone()),
        (renews, notice)
    );
    assert_eq!(until(&read), "2 years");
}

#[rstest]
#[case(
    "제2조(효력) 이 협약은 법적 구속력을 가지며, 일방이 임의로 해지할 수 없다.",
    false
)]
#[case(
    "제2조(법적효력) 이 협약은 제3조(비밀유지)를 제외하고는 법적 구속력이 없다.",
    false
)]
#[case(
    "제2조(효력) 이 협약은 법적 구속력이 없다. 다만, 제3조는 그러하지 아니하다.",
    false
)]
#[case("제2조(효력) 이 협약은 법적 구속력이 없다.", true)]
fn only_a_denial_of_the_whole_is_taken_over(#[case] article: &str, #[case] denied: bool) {
    let stated = with(article).body.get("legally_binding").cloned();
    assert_eq!(stated, denied.then_some(json!(false)));
}

#[rstest]
#[case("2025년 3월 12일(수)")]
#[case("2025년 3월 12일 (수요일)")]
#[case("서기 2025년 3월 12일")]
#[case("체결일: 2025. 3. 12.")]
#[case("협약 체결일자 : 2025년 3월 12일")]
#[case("2025. 3. 12.")]
#[case("2 0 2 5 년 3 월 12 일")]
#[case("2025년 3월 12일\n고양시장 이동환\n별첨 1. 사업 개요\n사업 기간\n2024. 5. 1.")]
#[case("2025년 3월 12일\n[붙임]\n2024. 5. 1.")]
#[case("2025년 3월 12일\n붙임 1. 사업개요 붙임 2. 현황 2024. 9. 30. 현재\n2024. 9. 30.")]
#[case("붙임: 사업계획서 1부.\n2025년 3월 12일")]
fn the_day_of_signing_stands_alone_before_the_annexes(#[case] end: &str) {
    let article = "제2조(기타) 별첨 1과 같다.";
    assert_eq!(
        read(&format!("{HEAD}{article}\n{end}")).body["signed_on"]["edtf"],
        "2025-03-12"
    );
    // A paper without numbered articles.
    let plain = format!("돌봄 협약서\n고양시와 무지개재단은 다음과 같이 협약한다.\n{end}");
    assert_eq!(read(&plain).body["signed_on"]["edtf"], "2025-03-12");
}

#[rstest]
#[case("2025년    월    일")]
#[case("2025년 월 일\n별첨 1. 사업 개요\n2024. 5. 1.")]
fn a_day_that_is_left_blank_is_none(#[case] end: &str) {
    assert_eq!(
        read(&format!("{HEAD}제2조(기타) 협의한다.\n{end}"))
            .body
            .get("signed_on"),
        None
    );
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

#[test]
fn parties_beside_a_name_are_counted() {
    let text = PAPER.replace("한국바이오의약품협회(이하", "(주)을드론 외 2개사(이하");
    let read = read(&text);
    assert_eq!(names(&read), ["고양시", "(주)을드론"]);
    let others = json!({"count": 2, "as_stated": "외 2개사"});
    assert_eq!(read.body.get("other_parties"), Some(&others));
    assert!(
        read.places
            .iter()
            .any(|place| place.pointer == "/other_parties")
    );
}

#[test]
fn each_subject_of_a_sentence_owes_it() {
    let read = with(
        "제2조(역할) ① 갑은 다음을 이행한다.\n1. 부지 제공\n② “갑”은 장비를 지원하고, “을”은 임상 자문을 한다.\n③ “갑”은 “을”이 요청하는 자료를 제공한다.",
    );
    let all = read.body.get("commitments").cloned().unwrap_or_default();
    let owing = |at: usize| all[at]["owed_by"].clone();
    assert_eq!(all[0]["text"]["ko"], "부지 제공");
    assert_eq!(owing(0), json!([{"party": 0}]));
    assert_eq!(owing(1), json!([{"party": 0}, {"party": 1}]));
    assert_eq!(owing(2), json!([{"party": 0}]));
}
