//! Persons are never public.

use super::*;

#[test]
fn officers_are_never_public() {
    for header in [
        "담당 성명",
        "담당자",
        "실무자",
        "담당 부서\n(담당자)",
        "업체 담당자",
        "생년월일",
        "담당부서/담당자",
        "서명자 성명",
    ] {
        let text = format!("협약명,협약기관,체결일,\"{header}\"\n가 협약,을재단,2021.1.1,홍길동\n");
        let row = &agreements(&text)[0];
        assert!(!public(row).contains("홍길동"), "{header}: {}", public(row));
        let is_told = body(row)["contact"].to_string().contains("홍길동");
        assert!(is_told || codes(row) == ["personal_data"], "{header}");
    }
    let text = "협약명,협약기관,체결일,담당부서(담당자),연락처,이메일\n\
        가 협약,을재단,2021.1.1,아동과(홍길동),031-1,hong@example.com\n\
        나 협약,을재단,2021.1.2,복지과(노인팀),,\n";
    let rows = agreements(text);
    let first = body(&rows[0]);
    assert_eq!(first["lead_department"], "아동과");
    let contact = json!({"name": "홍길동", "phone": "031-1", "email": "hong@example.com"});
    assert_eq!(first["contact"], contact);
    let plain = "협약명,협약기관,체결일,담당부서\n나 협약,을재단,2021.1.2,복지과(노인팀)\n";
    assert_eq!(
        body(&agreements(plain)[0])["lead_department"],
        "복지과(노인팀)"
    );
    let list = "기관명,담당자,소재지\n을재단,홍길동,갑시\n";
    let row = &super::rows(ImportKind::Organizations, list)[0];
    assert_eq!(
        (public(row).contains("홍길동"), codes(row)),
        (false, vec!["personal_data"])
    );
    assert!(public(row).contains("소재지: 갑시"));
}

#[test]
fn heads_and_numbers_of_meetings_have_their_places() {
    let list = "기관명,대표자\n을대학교,총장 홍길동\n병협회,이정석 회장\n정회사,홍길동\n";
    let rows = rows(ImportKind::Organizations, list);
    let officers: Vec<Value> = rows
        .iter()
        .map(|row| body(row)["officers"][0].clone())
        .collect();
    let right = [("총장", "홍길동"), ("회장", "이정석"), ("대표자", "홍길동")];
    let right = right.map(|(title, name)| json!({"title": {"ko": title}, "name": name}));
    assert_eq!(officers, right);
    let list = "협의체,회차,일시\n가 협의체,1,2021.5.1\n";
    let row = &super::rows(ImportKind::Meetings, list)[0];
    assert_eq!(body(row)["title"], json!({"ko": "제1차 회의"}));
}

#[test]
fn numbers_of_persons_are_never_taken_over() {
    let lists = [
        (
            ImportKind::Agreements,
            "협약명,협약기관,체결일",
            "가 협약,을재단,2021.1.1",
        ),
        (
            ImportKind::Organizations,
            "기관명,구분,소재지",
            "을재단,재단,갑시",
        ),
        (
            ImportKind::Meetings,
            "협의체,안건,회의일",
            "가 협의체,안건,2021.1.1",
        ),
        (
            ImportKind::Milestones,
            "사업명,단계,실적일",
            "가 사업,착공,2021.1.1",
        ),
    ];
    for (kind, headers, cells) in lists {
        for (header, value) in [
            ("주민등록번호", "800101-1234567"),
            ("대표자 주민등록번호", "800101-1234567"),
            ("외국인등록번호", "800101-5234567"),
            ("여권번호", "M12345678"),
            ("계좌번호", "농협 302-1234-5678-91"),
            ("비고", "대표 주민번호 800101-1234567"),
            ("식별", "8001011234567"),
            ("메모", "M12345678(여권)"),
        ] {
            let row = &rows(kind, &format!("{headers},{header}\n{cells},{value}\n"))[0];
            let digits = value.trim_start_matches(|c: char| !c.is_ascii_digit());
            let whole = body(row).to_string();
            assert!(!whole.contains(&digits[..8]), "{kind:?} {header}: {whole}");
            assert!(codes(row).contains(&"personal_data"), "{kind:?} {header}");
            let told = row.notes.iter().map(|note| note.message.ko.clone());
            assert!(!told.collect::<String>().contains(&digits[..8]), "{header}");
        }
    }
    let given = ImportContent {
        mapping: BTreeMap::from([("D".into(), "note".into())]),
        ..ImportContent::default()
    };
    let text = "협약명,협약기관,체결일,주민등록번호\n가 협약,을재단,2021.1.1,800101-1234567\n";
    let row = &planned(ImportKind::Agreements, &book(text), &given)[0];
    assert!(!body(row).to_string().contains("800101"));
}

#[test]
fn numbers_and_mails_of_officers_are_never_public() {
    let lists = [
        (
            ImportKind::Agreements,
            "협약명,협약기관,체결일",
            "가 협약,을재단,2021.1.1",
        ),
        (
            ImportKind::Organizations,
            "기관명,구분,소재지",
            "을재단,재단,갑시",
        ),
        (
            ImportKind::Meetings,
            "협의체,안건,회의일",
            "가 협의체,안건,2021.1.1",
        ),
        (
            ImportKind::Milestones,
            "사업명,단계,실적일",
            "가 사업,착공,2021.1.1",
        ),
    ];
    for (kind, headers, cells) in lists {
        for (header, value) in [
            ("작성자", "홍길동"),
            ("결재자", "홍길동"),
            ("팀장", "홍길동"),
            ("Contact person", "홍길동"),
            ("Officer in charge", "홍길동"),
            ("Manager", "홍길동"),
            ("Tel", "031-123-4567"),
            ("연락처", "031-123-4567"),
            ("참석자 연락처", "010-1234-5678"),
            ("전화번호", "02-123-4567"),
            ("비고", "문의 hong@eul.kr"),
        ] {
            let row = &rows(kind, &format!("{headers},{header}\n{cells},{value}\n"))[0];
            let value = value.trim_start_matches("문의 ");
            assert!(
                !public(row).contains(value),
                "{kind:?} {header}: {}",
                public(row)
            );
            let is_told = body(row)["contact"].to_string().contains(value);
            assert!(
                is_told || codes(row).contains(&"personal_data"),
                "{kind:?} {header}"
            );
        }
    }
}

#[test]
fn persons_are_no_organizations() {
    let of = |party: &str| {
        let text = format!("협약명,협약기관,체결일\n가 협약,\"{party}\",2021.1.1\n");
        agreements(&text).remove(0)
    };
    for party in [
        "을전자 홍길동 010-1234-5678",
        "홍길동",
        "을전자 김철수 과장",
        "을전자 팀장 김철수",
        "을대학교 홍길동 교수",
        "을협회장 이영희",
        "갑시 경제과장",
        "갑시장 홍길동",
    ] {
        let row = of(party);
        assert_eq!(row.questions.len(), 1, "{party} {:?}", row.questions);
        assert!(row.questions[0].code.starts_with("party:"), "{party}");
        assert!(!body(&row).to_string().contains("010-"), "{party}");
    }
    for party in ["을전자 hong@eul.kr", "을전자 02-123-4567"] {
        let row = of(party);
        assert_eq!(of_parties(&row), ["을전자"], "{party}");
        assert_eq!(codes(&row), ["personal_data"], "{party}");
    }
    let row = of("을전자(담당 홍길동 ☎031-123-4567)");
    assert_eq!(of_parties(&row), ["을전자"]);
    assert!(!public(&row).contains("홍길동"), "{}", public(&row));
    assert!(codes(&row).iter().all(|code| *code == "personal_data"));
    for party in ["홍길동(대표)", "홍길동 대표", "개인(홍길동)"] {
        let row = of(party);
        assert_eq!(row.questions.len(), 1, "{party} {:?}", row.questions);
        assert!(
            !body(&row)["note"].to_string().contains("홍길동"),
            "{party}"
        );
    }
    // The head of a party is public.
    let row = of("㈜가나(대표 홍길동, 010-1234-5678)");
    assert_eq!(of_parties(&row), ["㈜가나"]);
    assert_eq!(codes(&row), ["personal_data"]);
    assert!(!public(&row).contains("010"), "{}", public(&row));
    for (answer, parties) in [("head_of", vec!["을전자"]), ("unnamed", vec![])] {
        let text = "협약명,협약기관,체결일\n가 협약,을전자 홍길동,2021.1.1\n";
        let content = ImportContent {
            answers: BTreeMap::from([("B2:party:을전자 홍길동".into(), answer.into())]),
            ..ImportContent::default()
        };
        let row = &planned(ImportKind::Agreements, &book(text), &content)[0];
        assert_eq!(of_parties(row), parties, "{answer}");
        assert!(!public(row).contains("홍길동"), "{}", public(row));
    }
}

#[test]
fn persons_who_attend_are_no_organizations() {
    for attendees in [
        "홍길동 과장, 김철수 팀장(을병원), 이영희",
        "홍길동(갑시 경제과), 을병원장, 시의원 박영수, 주민 3명",
    ] {
        let text = format!("협의체,회의일,참석자\n가 협의체,2021.1.1,\"{attendees}\"\n");
        let row = &rows(ImportKind::Meetings, &text)[0];
        assert_eq!(row.questions.len(), 3, "{attendees} {:?}", row.questions);
        let sources = body(row)["sources"].to_string();
        for name in ["홍길동", "김철수", "이영희", "박영수"] {
            assert!(!sources.contains(name), "{sources}");
        }
    }
}

#[test]
fn a_person_in_the_place_of_a_department_is_the_contact() {
    for officer in [
        "홍길동",
        "남궁민수",
        "홍길동 주무관",
        "아동과-홍길동",
        "아동과 홍 길 동",
        "아동과 주무관 홍길동",
    ] {
        let text = format!("협약명,협약기관,체결일,담당부서\n가 협약,을재단,2021.1.1,{officer}\n");
        let row = &agreements(&text)[0];
        let open = public(row);
        for name in ["길동", "길 동", "민수"] {
            assert!(!open.contains(name), "{officer}: {open}");
        }
        assert_eq!(codes(row), ["officer_apart"], "{officer}");
        assert!(body(row)["contact"]["name"].is_string(), "{officer}");
    }
}

#[test]
fn officers_are_no_remarks() {
    for header in ["비고", "추진상황", "협약목적"] {
        for cell in [
            "담당: 김철수 주무관 031-123-4567",
            "추진 중(김철수 팀장 확인)",
            "연락처 김철수 010-1234-5678",
        ] {
            let text = format!("협약명,협약기관,체결일,{header}\n가 협약,을재단,2021.1.1,{cell}\n");
            let row = &agreements(&text)[0];
            assert!(!public(row).contains("김철수"), "{}", public(row));
            assert!(codes(row).contains(&"personal_data"), "{header}: {cell}");
        }
    }
    let text =
        "협약명,협약기관,체결일\n가 협약,을재단,2021.1.1\n※ 작성: 김철수 주무관(031-123-4567)\n";
    let book = book(text);
    let mut table = plan::table(ImportKind::Agreements, &book, &ImportContent::default());
    table.withhold();
    assert!(!format!("{:?}", table.layout).contains("김철수"));
}
