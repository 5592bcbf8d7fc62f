use rstest::rstest;

use super::codes;
use crate::kernel::wording::{Context, Parties, read_parties};

fn unknown(_: &str) -> bool {
    false
}

fn parties(text: &str) -> Parties {
    let reading = read_parties(text, &Context::default(), &unknown);
    assert!(reading.choices.is_empty(), "{text}: {reading:?}");
    reading.value.unwrap_or_else(|| panic!("{text}"))
}

fn names(parties: &Parties) -> Vec<&str> {
    parties
        .named
        .iter()
        .map(|party| party.name.as_str())
        .collect()
}

#[rstest]
#[case("을전자㈜", &["을전자㈜"])]
#[case("주관: 을대학교, 참여: 병은행, 정재단", &["을대학교", "병은행", "정재단"])]
#[case("갑:을대학교 / 을:병은행", &["을대학교", "병은행"])]
#[case("을전자 외 2개사(병, 정)", &["을전자", "병", "정"])]
#[case("을대학교×병은행", &["을대학교", "병은행"])]
#[case("을대학교=병은행", &["을대학교", "병은행"])]
#[case("을대학교 vs 병은행", &["을대학교", "병은행"])]
#[case("[을전자] [병은행]", &["을전자", "병은행"])]
#[case("「을전자」, 「병은행」", &["을전자", "병은행"])]
#[case("'을전자', '병은행'", &["을전자", "병은행"])]
#[case("‹을전자>", &["을전자"])]
#[case("① 갑시 ② 을대학교: 홍길동", &["갑시", "을대학교"])]
#[case("San Francisco, USA", &["San Francisco"])]
#[case("병대학교, 정대학교 산학협력단", &["병대학교", "정대학교 산학협력단"])]
#[case("무병원\n기노인복지관", &["무병원", "기노인복지관"])]
#[case("[갑시, 갑도시공사, 을전자(주)]", &["갑시", "갑도시공사", "을전자(주)"])]
#[case("[평택시, 평택도시공사, ○○(주)]", &["평택시", "평택도시공사", "○○(주)"])]
#[case("갑시-(주)을산업개발-병은행", &["갑시", "(주)을산업개발", "병은행"])]
#[case("갑시↔무시", &["갑시", "무시"])]
#[case("신은행·임카드㈜", &["신은행", "임카드㈜"])]
#[case("신은행ㆍ임카드㈜", &["신은행", "임카드㈜"])]
#[case("갑시 및 을대학교", &["갑시", "을대학교"])]
#[case("무 진로지원센터", &["무 진로지원센터"])]
#[case("K-water", &["K-water"])]
#[case("고양시와 한국바이오의약품협회", &["고양시", "한국바이오의약품협회"])]
#[case("을전자(주) 대표이사 홍길동", &["을전자(주)"])]
#[case("을시 대표도서관", &["을시 대표도서관"])]
#[case("Acme Co., Ltd., 을시", &["Acme Co., Ltd.", "을시"])]
#[case("① 을병원\n② 병의료재단", &["을병원", "병의료재단"])]
#[case("뷁소프트㈜", &["뷁소프트㈜"])]
#[case("펲시식품(유)", &["펲시식품(유)"])]
#[case("갑시，을시", &["갑시", "을시"])]
#[case("LH(85%)·경기도(15%)", &["LH", "경기도"])]
#[case("LH(51%)/GH(49%)", &["LH", "GH"])]
#[case("고양시(60%)-LH(40%)", &["고양시", "LH"])]
#[case("LH(85%) 및 경기도(15%)", &["LH", "경기도"])]
#[case("LH(85%)와 경기도(15%)", &["LH", "경기도"])]
#[case("LH(85%) GH(15%)", &["LH", "GH"])]
#[case("LH(지분 85%, 대표)", &["LH"])]
#[case("1. 고양시 2. LH 3. 경기도", &["고양시", "LH", "경기도"])]
#[case("1) 고양시 2) LH", &["고양시", "LH"])]
#[case("① 고양시 ② LH", &["고양시", "LH"])]
#[case("(갑)고양시 (을)KT", &["고양시", "KT"])]
#[case("갑: 고양시", &["고양시"])]
#[case("갑: 고양시, 을: KT", &["고양시", "KT"])]
#[case("갑 : 고양시 을 : KT", &["고양시", "KT"])]
#[case("고양시와 파주시와 김포시", &["고양시", "파주시", "김포시"])]
#[case("「평택시, LH」", &["평택시", "LH"])]
#[case("고양시, KT, and LG Electronics Inc.", &["고양시", "KT", "LG Electronics Inc."])]
#[case("LG U+", &["LG U+"])]
#[case("(을전자, 병은행)", &["을전자", "병은행"])]
#[case("(갑시)-(을전자)", &["갑시", "을전자"])]
#[case("(을전자), (병은행)", &["을전자", "병은행"])]
#[case("(주)을전자, (병은행)", &["(주)을전자", "병은행"])]
#[case("『을전자』·『병은행』", &["을전자", "병은행"])]
#[case("을대학교(서울)·병대학교(부산)", &["을대학교", "병대학교"])]
#[case("을대학교(서울)-병대학교(부산)", &["을대학교", "병대학교"])]
#[case("을대학교(서울)/병대학교(부산)", &["을대학교", "병대학교"])]
#[case("갑시(甲)·을전자(乙)", &["갑시", "을전자"])]
#[case("갑시(갑)·을전자(을)", &["갑시", "을전자"])]
#[case("갑시(甲) 을전자(乙)", &["갑시", "을전자"])]
#[case("갑시(갑) / 을전자(을)", &["갑시", "을전자"])]
#[case("갑시(갑) 및 을전자(을)", &["갑시", "을전자"])]
#[case("주무관청: 갑시, 사업시행자: 을전자", &["갑시", "을전자"])]
#[case("주무관청(갑시), 사업시행자(을전자)", &["갑시", "을전자"])]
#[case("위탁자 갑시, 수탁자 을재단", &["갑시", "을재단"])]
#[case("대표기관 을전자, 참여기관 병건설", &["을전자", "병건설"])]
#[case("시행자: 을전자 / 시공자: 병건설", &["을전자", "병건설"])]
#[case("참여기관 협의체", &["참여기관 협의체"])]
#[case("구성원 협회", &["구성원 협회"])]
#[case("대표사: 을전자, 구성원: 병건설", &["을전자", "병건설"])]
#[case("당사자(발표한 대로)", &["당사자"])]
#[case("을전자(이름 을사 → 을전자)", &["을전자"])]
#[case("甲 갑시 / 乙 을전자", &["갑시", "을전자"])]
#[case("甲:갑시 乙:을전자", &["갑시", "을전자"])]
#[case("갑(갑시), 을(을전자)", &["갑시", "을전자"])]
#[case("갑)갑시 을)을전자", &["갑시", "을전자"])]
#[case("“갑”: 갑시, “을”: 을전자", &["갑시", "을전자"])]
#[case("A: 갑시, B: 을전자", &["갑시", "을전자"])]
#[case("Party A: Gap-si, Party B: Eul Inc.", &["Gap-si", "Eul Inc."])]
#[case("컨소시엄(을전자, 병건설)", &["을전자", "병건설"])]
#[case("을(주)", &["을(주)"])]
#[case("갑시와 을대학교 간", &["갑시", "을대학교"])]
#[case("갑시 ~ 을대학교", &["갑시", "을대학교"])]
#[case("갑시_을대학교", &["갑시", "을대학교"])]
#[case("가. 을전자 나. 병은행", &["을전자", "병은행"])]
#[case("가. 을전자\n나. 병은행", &["을전자", "병은행"])]
#[case("사) 을협회, 재) 병재단", &["사) 을협회", "재) 병재단"])]
#[case("ㅇ을전자 ㅇ병은행", &["을전자", "병은행"])]
#[case("ㅇㅇ은행, ㅇㅇ카드", &["ㅇㅇ은행", "ㅇㅇ카드"])]
#[case("을전자1)", &["을전자"])]
#[case("\"A\" Account", &["\"A\" Account"])]
#[case("인천 뷰티·바이오융합MC", &["인천 뷰티·바이오융합MC"])]
#[case("을전자 주1)", &["을전자"])]
#[case("을전자 60 : 병은행 40", &["을전자", "병은행"])]
#[case("Springfield, IL", &["Springfield, IL"])]
#[case("KT, LG", &["KT", "LG"])]
#[case("을대학교: 홍길동", &["을대학교"])]
#[case("A Corp., B Inc. and C University", &["A Corp.", "B Inc.", "C University"])]
#[case("A Inc. and B Inc.", &["A Inc.", "B Inc."])]
#[case("Ministry of Trade and Industry", &["Ministry of Trade and Industry"])]
#[case("Science and Technology Institute", &["Science and Technology Institute"])]
#[case("Johnson & Johnson Inc.", &["Johnson & Johnson Inc."])]
fn one_splitting(#[case] text: &str, #[case] expected: &[&str]) {
    assert_eq!(names(&parties(text)), expected, "{text}");
}

#[test]
fn a_sign_that_may_belong_to_a_name_is_a_question() {
    let reading = read_parties("한국바이오·의약품협회", &Context::default(), &unknown);
    assert_eq!(reading.value, None);
    let all: Vec<_> = reading
        .choices
        .iter()
        .map(|choice| names(&choice.value))
        .collect();
    assert_eq!(
        all,
        [
            vec!["한국바이오", "의약품협회"],
            vec!["한국바이오·의약품협회"]
        ]
    );
    let known = |name: &str| name == "한국바이오·의약품협회";
    let reading = read_parties("한국바이오·의약품협회", &Context::default(), &known);
    assert_eq!(names(&reading.value.unwrap()), ["한국바이오·의약품협회"]);
}

#[rstest]
#[case("일산동부·서부경찰서")]
#[case("고양시+LH")]
#[case("고양시 → LH")]
#[case("고양·파주시")]
#[case("을사·병사")]
#[case("을테크/병소프트")]
#[case("을전자→병전자")]
#[case("University of California, Berkeley")]
#[case("Eul Institute and Byeong School")]
#[case("Research and Development Inc.")]
fn one_or_several(#[case] text: &str) {
    let reading = read_parties(text, &Context::default(), &unknown);
    let counts: Vec<_> = reading
        .choices
        .iter()
        .map(|c| c.value.named.len())
        .collect();
    assert_eq!((reading.value, counts), (None, vec![2, 1]), "{text}");
}

#[rstest]
#[case("을대·병대·정대", &[&["을대", "병대", "정대"][..], &["을대·병대·정대"][..]])]
#[case("갑시:을전자", &[&["갑시", "을전자"][..], &["갑시"][..]])]
#[case("갑시: 을전자, 병은행", &[&["갑시", "을전자", "병은행"][..], &["갑시", "병은행"][..]])]
#[case("을전자→병전자", &[&["을전자", "병전자"][..], &["병전자"][..]])]
#[case("을전자(병은행 외 3개사)", &[&["을전자", "병은행"][..], &["을전자"][..]])]
#[case("을전자(병은행 등 3개사)", &[&["을전자", "병은행"][..], &["을전자"][..]])]
fn either_reading_has_whole_names(#[case] text: &str, #[case] expected: &[&[&str]]) {
    let reading = read_parties(text, &Context::default(), &unknown);
    let choices = reading.choices.iter();
    let all: Vec<_> = choices.map(|choice| names(&choice.value)).collect();
    assert_eq!(all, expected, "{text}");
}

#[rstest]
#[case("을전자(외 3개사)", &["을전자"], Some(3))]
#[case("을전자(외3)", &["을전자"], Some(3))]
#[case("을전자 외(3개사)", &["을전자"], Some(3))]
#[case("을전자, 병은행(외 3개 기관)", &["을전자", "병은행"], Some(3))]
#[case("을전자(외 3개사), 갑시", &["을전자", "갑시"], Some(3))]
#[case("을전자 포함 5개사", &["을전자"], Some(4))]
#[case("을전자를 포함한 5개사", &["을전자"], Some(4))]
#[case("을전자, 병은행 포함 5개사", &["을전자", "병은행"], Some(3))]
#[case("병은행을 포함하여 총 5개 기관", &["병은행"], Some(4))]
#[case("을전자 외 수개사", &["을전자"], None)]
#[case("을전자 외 ○개사", &["을전자"], None)]
#[case("을전자 외 n개사", &["을전자"], None)]
#[case("을전자 외 ○○개", &["을전자"], None)]
#[case("을전자 외 여러 곳", &["을전자"], None)]
#[case("을전자 외 다수 기관", &["을전자"], None)]
#[case("을전자 외 복수기관", &["을전자"], None)]
#[case("을전자 외 00개사", &["을전자"], None)]
#[case("을전자 외 3~5개사", &["을전자"], None)]
#[case("을전자 외 3~5개사, 갑시", &["을전자", "갑시"], None)]
#[case("을전자 등 컨소시엄", &["을전자"], None)]
#[case("을전자 외 세 곳", &["을전자"], Some(3))]
#[case("을전자 외 두 개 기관", &["을전자"], Some(2))]
#[case("을전자 외 三社", &["을전자"], Some(3))]
#[case("한국을협회 외 회원사 132개사", &["한국을협회"], Some(132))]
#[case("을전자 외 관내 기업 5개사", &["을전자"], Some(5))]
#[case("을전자 외 협력업체 5개사", &["을전자"], Some(5))]
#[case("을전자 외 중소기업 25개", &["을전자"], Some(25))]
#[case("명지병원 외 관내 병원 5개소", &["명지병원"], Some(5))]
#[case("을대학교 외 도내 5개 대학", &["을대학교"], Some(5))]
#[case("을전자 외 해외 5개 대학", &["을전자"], Some(5))]
#[case("을전자 외 협력사", &["을전자"], None)]
#[case("을전자와 그 외 5개사", &["을전자"], Some(5))]
#[case("을병원과 그 외 5개사", &["을병원"], Some(5))]
#[case("을전자 외 25개사 및 병은행", &["을전자", "병은행"], Some(25))]
#[case("을전자 외 25개사와 병은행", &["을전자", "병은행"], Some(25))]
#[case("을전자 외 25개사 / 병은행", &["을전자", "병은행"], Some(25))]
#[case("을전자 외 25개사 및 병사", &["을전자", "병사"], Some(25))]
#[case("을전자 외 협력업체 5개사 및 병은행", &["을전자", "병은행"], Some(5))]
#[case("을전자 외 3개사 및 병은행 외 2개사", &["을전자", "병은행"], Some(5))]
#[case("을전자 외 2개사(수도권)", &["을전자"], Some(2))]
#[case("Eul Co. Ltd and 3 others", &["Eul Co. Ltd"], Some(3))]
#[case("Eul Co. and 25 other companies", &["Eul Co."], Some(25))]
#[case("A Inc., B Inc., and three others", &["A Inc.", "B Inc."], Some(3))]
#[case("Eul Inc. et al.", &["Eul Inc."], None)]
#[case("Eul Inc. and others", &["Eul Inc."], None)]
fn others_have_their_number(
    #[case] text: &str,
    #[case] named: &[&str],
    #[case] count: Option<u32>,
) {
    let parties = parties(text);
    assert_eq!(names(&parties), named, "{text}");
    let others = parties.others.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(others.count, count, "{text}");
}

#[test]
fn brackets_that_name_some_of_those_counted_are_a_question() {
    for text in [
        "을전자 외 2개사(병은행)",
        "갑시, 을전자(주) 외 2개사(병은행(주))",
    ] {
        let reading = read_parties(text, &Context::default(), &unknown);
        assert_eq!(reading.value, None, "{text}");
        let choices = reading.choices.iter();
        let counts = choices.map(|choice| {
            let names = names(&choice.value);
            assert!(
                names.last().is_some_and(|name| name.starts_with("병은행")),
                "{names:?}"
            );
            choice.value.others.as_ref().and_then(|others| others.count)
        });
        assert_eq!(counts.collect::<Vec<_>>(), [Some(1), Some(2)], "{text}");
    }
}

#[test]
fn roles_are_no_names_in_another_script() {
    for party in parties("갑시(甲)·을전자(乙)").named {
        assert_eq!(party.local_name, None, "{party:?}");
    }
    for text in [
        "비공개(을사)",
        "(예정)",
        "(단위: 백만원)",
        "(2024. 12. 31. 기준)",
    ] {
        let nobody = parties(text);
        assert!(nobody.named.is_empty() && nobody.others.is_some(), "{text}");
    }
    let renamed = read_parties("을전자→병전자", &Context::default(), &unknown);
    let former = &renamed.choices[1].value.named[0].former;
    assert_eq!(former.as_deref(), Some("을전자"));
    let shares = parties("을전자 60 : 병은행 40").named;
    let shares: Vec<_> = shares.iter().map(|party| party.share_percent).collect();
    assert_eq!(shares, [Some(60.0), Some(40.0)]);
}

#[test]
fn brackets_hold_shares_and_other_names() {
    let of = |text| parties(text).named;
    for text in [
        "LH(85%)·경기도(15%)",
        "LH(85%) 및 경기도(15%)",
        "LH(85%)/경기도(15%)",
    ] {
        let shares: Vec<_> = of(text).iter().map(|p| p.share_percent).collect();
        assert_eq!(shares, [Some(85.0), Some(15.0)], "{text}");
    }
    let shares = of("LH(85%), 경기도(2%), 기개발㈜ 13%");
    let shares: Vec<_> = shares
        .iter()
        .map(|p| (p.name.as_str(), p.share_percent))
        .collect();
    assert_eq!(
        shares,
        [
            ("LH", Some(85.0)),
            ("경기도", Some(2.0)),
            ("기개발㈜", Some(13.0))
        ]
    );
    let former = &of("경환경공단(구 경관리공단)")[0];
    assert_eq!(
        (former.name.as_str(), former.former.as_deref()),
        ("경환경공단", Some("경관리공단"))
    );
    assert_eq!(of("을시(구 갑시)")[0].former.as_deref(), Some("갑시"));
    let role = &of("갑도시공사(대표)")[0];
    assert_eq!(
        (role.name.as_str(), &role.remarks[..]),
        ("갑도시공사", &["대표".to_owned()][..])
    );
    let context = Context {
        country_first: true,
        ..Context::default()
    };
    for (text, country, name, local) in [
        ("을국/무수시(戊水市)", "을국", "무수시", Some("戊水市")),
        ("병국/Kyeong City", "병국", "Kyeong City", None),
        ("대한민국/신군", "대한민국", "신군", None),
    ] {
        let parties = read_parties(text, &context, &unknown).value.unwrap();
        let [party] = &parties.named[..] else {
            panic!("{text}")
        };
        assert_eq!(
            (party.country.as_deref(), party.name.as_str()),
            (Some(country), name)
        );
        assert_eq!(party.local_name.as_deref(), local);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn counted_parties_are_not_invented() {
    for (text, named, count, stated) in [
        (
            "정무역협회 외 25개사",
            &["정무역협회"][..],
            Some(25),
            "외 25개사",
        ),
        ("정무역협회 외 25개", &["정무역협회"], Some(25), "외 25개"),
        ("갑시, 을시 외 다수", &["갑시", "을시"], None, "외 다수"),
        ("갑시, 을시 등", &["갑시", "을시"], None, "등"),
        ("갑공사(85%),을도(2%)…", &["갑공사", "을도"], None, "…"),
        (
            "국립암센터 그 외 5개 기관",
            &["국립암센터"],
            Some(5),
            "그 외 5개 기관",
        ),
        (
            "국립암센터 그외 5개 기관",
            &["국립암센터"],
            Some(5),
            "그외 5개 기관",
        ),
        ("국립암센터 이외 5개", &["국립암센터"], Some(5), "이외 5개"),
        (
            "국립암센터 外 5개 기관",
            &["국립암센터"],
            Some(5),
            "外 5개 기관",
        ),
        (
            "국립암센터 외 5 기관",
            &["국립암센터"],
            Some(5),
            "외 5 기관",
        ),
        (
            "국립암센터 외 총 6개 기관",
            &["국립암센터"],
            Some(6),
            "외 총 6개 기관",
        ),
        ("홍길동 외 3인", &["홍길동"], Some(3), "외 3인"),
        (
            "국립암센터, 명지병원 외 4개 병원, 고양시",
            &["국립암센터", "명지병원", "고양시"],
            Some(4),
            "외 4개 병원",
        ),
        ("외 5개사", &[], Some(5), "외 5개사"),
        ("고양시와 5개 병원", &["고양시"], Some(5), "5개 병원"),
        (
            "[평택시, 평택도시공사, ○○(주)] 외 3개사",
            &["평택시", "평택도시공사", "○○(주)"],
            Some(3),
            "외 3개사",
        ),
        (
            "갑시 외 2개 시, 을도 외 3개 도",
            &["갑시", "을도"],
            Some(5),
            "외 2개 시, 외 3개 도",
        ),
        (
            "고양시, 해외 3개 도시",
            &["고양시"],
            Some(3),
            "해외 3개 도시",
        ),
        ("42개사", &[], Some(42), "42개사"),
        ("관내 농가 30개소", &[], Some(30), "관내 농가 30개소"),
        ("민간복지관 5개소", &[], Some(5), "민간복지관 5개소"),
        (
            "민간기업 3개사, 한강은행",
            &["한강은행"],
            Some(3),
            "민간기업 3개사",
        ),
        ("전국 226개 시군구", &[], Some(226), "전국 226개 시군구"),
        ("경기도 및 31개 시·군", &["경기도"], Some(31), "31개 시ㆍ군"),
        ("관내 42개 기업", &[], Some(42), "관내 42개 기업"),
    ] {
        let parties = parties(text);
        assert_eq!(names(&parties), named, "{text}");
        let others = parties.others.unwrap();
        assert_eq!(
            (others.count, others.as_stated.as_deref()),
            (count, Some(stated)),
            "{text}"
        );
    }
    for text in [
        "총 3개 기관(갑재단, 을재단, 병재단)",
        "3개 기관: 갑재단, 을재단, 병재단",
    ] {
        let listed = parties(text);
        assert_eq!(names(&listed), ["갑재단", "을재단", "병재단"], "{text}");
        assert_eq!(listed.others, None, "{text}");
    }
    for text in ["경기도 31개 시군 의장협의회", "수도권 3개 시도 협의체"] {
        assert_eq!(names(&parties(text)), [text]);
    }
    let reading = read_parties("42개사", &Context::default(), &unknown);
    assert_eq!(codes(&reading.notes), ["unnamed_parties"]);
    let of_all = read_parties("갑시, 을시 등 5개 기관", &Context::default(), &unknown);
    let counts: Vec<_> = of_all
        .choices
        .iter()
        .map(|c| c.value.others.as_ref().unwrap().count)
        .collect();
    assert_eq!(counts, [Some(3), Some(5)]);
    let of_all = read_parties("갑시, 을시 등 총 6개 기관", &Context::default(), &unknown);
    let counts: Vec<_> = of_all
        .choices
        .iter()
        .map(|c| c.value.others.as_ref().unwrap().count)
        .collect();
    assert_eq!(counts, [Some(4), Some(6)]);
    assert!(read_parties("-", &Context::default(), &unknown).is_blank());
}

#[test]
fn a_dash_inside_a_name_is_asked_about() {
    for text in ["(사)한국-몽골교류협회", "을대학교-산학협력단"] {
        let reading = read_parties(text, &Context::default(), &unknown);
        assert!(reading.is_question(), "{text}: {reading:?}");
    }
}

#[test]
fn persons_that_are_counted_have_no_name() {
    let read = parties("을대학교, 주민 3명");
    assert_eq!(names(&read), ["을대학교"]);
    assert_eq!(read.others.and_then(|others| others.count), Some(3));
}
