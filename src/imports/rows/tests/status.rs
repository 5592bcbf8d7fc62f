//! The status of agreements: ends, and signings that did not take place.

use super::*;

/// Returns an agreement with further columns.
fn with(headers: &str, cells: &str) -> Row {
    let text = format!("협약명,협약기관,체결일,{headers}\n가 협약,을재단,2021.4.16,{cells}\n");
    agreements(&text).remove(0)
}

fn status(row: &Row) -> String {
    body(row)["status"].as_str().unwrap().to_owned()
}

fn day(row: &Row) -> Value {
    body(row)["transitions"][0]["on"]["edtf"].clone()
}

#[test]
fn negative_statuses_are_asked_about() {
    for (text, right) in [("취소", "terminated"), ("해약", "terminated")] {
        let row = with("진행상황", text);
        assert_eq!(
            (status(&row).as_str(), asked(&row).len()),
            (right, 0),
            "{text}"
        );
    }
    for text in [
        "중단",
        "사업 무산",
        "해지 예정",
        "완료(2027년 예정)",
        "완료(취소)",
        "효력상실",
        "포기",
        "미완료",
        "추진불가",
        "Inactive",
        "1번 협약으로 대체",
        "대체(2호 협약으로)",
        "X",
        "N",
    ] {
        assert_eq!(asked(&with("진행상황", text)), ["status_unclear"], "{text}");
    }
    assert_eq!(codes(&with("진행상황", "분기별 점검")), ["status_unknown"]);
}

#[test]
fn a_status_of_drafts_beside_a_day_of_signing_is_asked_about() {
    for text in [
        "미체결",
        "Not signed",
        "검토중",
        "협의 중",
        "결재중",
        "서명 예정",
    ] {
        let row = with("진행상황", text);
        assert_eq!(asked(&row), ["status_unclear"], "{text}");
        assert_eq!(status(&row), "draft", "{text}");
        for day in ["", "2027.3.1"] {
            let text = format!("협약명,협약기관,체결일,진행상황\n가 협약,을재단,{day},{text}\n");
            let row = &agreements(&text)[0];
            assert_eq!(
                (status(row).as_str(), asked(row).len()),
                ("draft", 0),
                "{text}"
            );
        }
    }
    let in_parts = "협약명,협약기관,체결년,체결월,진행상황\n가 협약,을재단,2021,4,검토중\n";
    assert_eq!(asked(&agreements(in_parts)[0]), ["status_unclear"]);
    let text = "협약명,협약기관,체결일,진행상황\n가 협약,을재단,2021.4.16,검토중\n";
    let content = ImportContent {
        answers: BTreeMap::from([("D2:status_unclear".into(), "signed".into())]),
        ..ImportContent::default()
    };
    let row = &planned(ImportKind::Agreements, &book(text), &content)[0];
    assert_eq!(status(row), "signed");
    assert_eq!(body(row)["signed_on"]["edtf"], "2021-04-16");
    assert!(body(row)["note"]["ko"].as_str().unwrap().contains("검토중"));
}

#[test]
fn a_planned_day_of_signing_is_that_of_a_draft() {
    let row = |headers: &str, cells: &str| {
        let text = format!("협약명,협약기관,{headers}\n가 협약,을재단,{cells}\n");
        agreements(&text).remove(0)
    };
    for header in ["체결 예정일", "협약예정일", "Planned signing date"] {
        let ahead = row(header, "2027.3.1");
        assert_eq!(
            (status(&ahead).as_str(), asked(&ahead).len()),
            ("draft", 0),
            "{header}"
        );
        assert!(codes(&ahead).contains(&"not_signed"));
        assert_eq!(body(&ahead)["signed_on"]["edtf"], "2027-03-01");
    }
    let past = row("체결 예정일", "2021.4.16");
    assert_eq!(
        (status(&past).as_str(), asked(&past)),
        ("draft", vec!["status_unclear"])
    );
    let contradicts = row("체결 예정일,상태", "2027.3.1,진행중");
    assert_eq!(asked(&contradicts), ["status_unclear"]);
    // Beside the day itself, it is a remark.
    let both = row("체결일,체결 예정일", "2021.4.16,2021.3.1");
    assert_eq!((status(&both).as_str(), asked(&both).len()), ("signed", 0));
    assert_eq!(body(&both)["signed_on"]["edtf"], "2021-04-16");
    assert!(
        body(&both)["note"]["ko"]
            .as_str()
            .unwrap()
            .contains("2021.3.1")
    );
    let not_yet = row("체결일,체결 예정일", ",2027.3.1");
    assert_eq!(status(&not_yet), "draft");
}

#[test]
fn words_before_a_day_decide_the_end() {
    for header in ["해지일", "종결일", "만료일", "협약기간"] {
        let row = with(header, "해지(2023.5.1)");
        assert_eq!(
            (status(&row).as_str(), day(&row)),
            ("terminated", json!("2023-05-01")),
            "{header}"
        );
        assert_eq!(
            body(&row)["effective_until"]["edtf"],
            Value::Null,
            "{header}"
        );
        assert!(asked(&row).is_empty(), "{header}");
    }
    for (header, text) in [
        ("해지일", "해지 철회(2023.5.1)"),
        ("해지일", "해지 통보: 2023.5.1"),
        ("해지일", "완료(2023.5.1)"),
        ("해지일", "진행중(2023.5.1)"),
        ("완료일", "보류(2023.5.1)"),
        ("만료일", "중단(2023.5.1)"),
    ] {
        assert_eq!(
            asked(&with(header, text)),
            ["status_unclear"],
            "{header} {text}"
        );
    }
    for (header, text) in [("해지일", "해지일: 2023.5.1"), ("해지일", "2023.5.1(합의)")]
    {
        let row = with(header, text);
        assert_eq!(
            (status(&row).as_str(), asked(&row).len()),
            ("terminated", 0),
            "{text}"
        );
    }
    for text in ["만료(2024.4.15)", "종료 예정: 2024.4.15", "(2024.4.15)"] {
        let row = with("만료일", text);
        assert_eq!(
            body(&row)["effective_until"]["edtf"],
            "2024-04-15",
            "{text}"
        );
        assert_eq!(
            (status(&row).as_str(), asked(&row).len()),
            ("signed", 0),
            "{text}"
        );
    }
    let unclear = with("만료일", "협의중(2024.4.15)");
    assert_eq!(asked(&unclear), ["end_unclear"]);
    assert_eq!(body(&unclear)["effective_until"]["edtf"], Value::Null);
}

#[test]
fn a_column_of_renewals_says_that_there_is_none() {
    for (text, right) in [
        ("자동연장 없음", json!(false)),
        ("자동연장 안함", json!(false)),
        ("없음", json!(false)),
        ("자동연장", json!(true)),
        ("1년 단위", Value::Null),
    ] {
        let row = with("자동연장", text);
        assert_eq!(body(&row)["auto_renews"], right, "{text}");
        assert_eq!(
            codes(&row).contains(&"not_understood"),
            right.is_null(),
            "{text}"
        );
    }
}

#[test]
fn expiry_is_no_completion() {
    for word in [
        "만료",
        "기간만료",
        "협약기간 종료",
        "기간경과",
        "expired",
        "종료",
        "종결",
        "closed",
    ] {
        let over = with(
            "협약기간,진행상황",
            &format!("2021.4.16.~2023.4.15.,{word}"),
        );
        assert_eq!(status(&over), "signed", "{word}");
        assert!(asked(&over).is_empty(), "{word}");
        assert!(codes(&over).contains(&"expired_by_term"), "{word}");
        let relative = with("협약기간,진행상황", &format!("체결일로부터 2년,{word}"));
        assert!(asked(&relative).is_empty(), "{word}");
        let open = with("협약기간,진행상황", &format!(",{word}"));
        assert_eq!(asked(&open), ["status_unclear"], "{word}");
        let ahead = with(
            "협약기간,진행상황",
            &format!("2021.4.16.~2027.4.15.,{word}"),
        );
        assert_eq!(asked(&ahead), ["status_unclear"], "{word}");
    }
    // The days of a term count, too.
    for (signed, is_over) in [("2026.10.1", false), ("2026.8.1", true)] {
        let text = format!(
            "협약명,협약기관,체결일,협약기간,진행상황\n가 협약,을재단,{signed},체결일로부터 90일,만료\n"
        );
        let row = &agreements(&text)[0];
        assert_eq!(asked(row).is_empty(), is_over, "{signed}");
    }
    let text = "협약명,협약기관,체결일,진행상황\n가 협약,을재단,2021.4.16,기간만료\n";
    for (answer, status, until) in [
        ("expired", "signed", json!("../2026-11-28")),
        ("completed", "completed", Value::Null),
        ("terminated", "terminated", Value::Null),
        ("signed", "signed", Value::Null),
    ] {
        let content = ImportContent {
            answers: BTreeMap::from([("D2:status_unclear".into(), answer.into())]),
            ..ImportContent::default()
        };
        let row = &planned(ImportKind::Agreements, &book(text), &content)[0];
        assert!(row.questions.is_empty());
        assert_eq!(body(row)["status"], status, "{answer}");
        assert_eq!(body(row)["effective_until"]["edtf"], until, "{answer}");
    }
}

#[test]
fn the_day_of_an_end_is_read() {
    for (headers, cells, right) in [
        ("상태,해지일", ",2023.5.1", "terminated"),
        ("상태,해지일", "해지,2023.5.1", "terminated"),
        ("상태,협약해지일", ",2023. 5. 1.", "terminated"),
        ("상태,파기일자", "종료,2023.5.1", "terminated"),
        ("상태,Terminated on", ",2023-05-01", "terminated"),
        ("해지여부,해지일", "Y,2023.5.1", "terminated"),
        ("상태,완료일", ",2023.5.1", "completed"),
        ("상태,Completion date", "completed,2023-05-01", "completed"),
        ("상태,종결일", "해지,2023.5.1", "terminated"),
        ("상태", "해지(2023.5.1.)", "terminated"),
        ("상태", "2023. 5. 1. 해지", "terminated"),
        ("상태", "해지(2023.5.1. 상대처 요청)", "terminated"),
        ("상태", "완료('23.5.1)", "completed"),
        ("상태", "Terminated 2023-05-01", "terminated"),
    ] {
        let row = with(headers, cells);
        assert_eq!(
            (status(&row).as_str(), day(&row)),
            (right, json!("2023-05-01")),
            "{headers} {cells}"
        );
        assert!(asked(&row).is_empty(), "{headers} {cells}");
        assert_eq!(body(&row)["transitions"][0]["to"], right);
    }
    assert_eq!(day(&with("상태", "완료(2023.12)")), "2023-12");
    for (headers, cells) in [
        ("해지여부", "해지"),
        ("해지여부", "Y"),
        ("상태,해지일", "해지,미상"),
    ] {
        let row = with(headers, cells);
        assert_eq!(
            (status(&row).as_str(), day(&row)),
            ("terminated", Value::Null),
            "{cells}"
        );
    }
    for (headers, cells) in [
        ("해지여부", "N"),
        ("해지여부,해지일", "부,-"),
        ("해지일", "2027.5.1"),
        ("해지일", "해지 예정"),
    ] {
        let row = with(headers, cells);
        assert_eq!(
            (status(&row).as_str(), asked(&row).len()),
            ("signed", 0),
            "{cells}"
        );
    }
}

#[test]
fn an_end_that_is_not_plain_is_asked_about() {
    for (headers, cells) in [
        ("상태,종결일", ",2023.5.1"),
        ("상태,중단일", ",2023.5.1"),
        ("종료여부", "Y"),
        ("상태,해지일", "진행중,2023.5.1"),
        ("상태,해지일", "완료,2023.5.1"),
        ("해지일,완료일", "2023.5.1,2023.5.1"),
        ("상태,해지사유", ",상대처 요청"),
    ] {
        let row = with(headers, cells);
        assert_eq!(asked(&row), ["status_unclear"], "{headers} {cells}");
    }
    let row = with("상태,종료일", "해지,2023.5.1");
    assert_eq!(asked(&row), ["end_day"]);
    let text = "협약명,협약기관,체결일,상태,종료일,해지사유\n가 협약,을재단,2021.4.16,해지,2023.5.1,합의\n";
    let content = ImportContent {
        answers: BTreeMap::from([("E2:end_day".into(), "terminated_on".into())]),
        ..ImportContent::default()
    };
    let row = &planned(ImportKind::Agreements, &book(text), &content)[0];
    assert_eq!(day(row), "2023-05-01");
    assert_eq!(body(row)["transitions"][0]["reason"]["ko"], "합의");
    assert_eq!(body(row)["effective_until"], Value::Null);
    let plain = with("상태,종료일", "진행중,2027.5.1");
    assert!(asked(&plain).is_empty());
    let before = with("상태,해지일", "해지,2020.5.1");
    assert!(codes(&before).contains(&"end_day_wrong"));
    assert!(
        body(&before)["note"]["ko"]
            .as_str()
            .unwrap()
            .contains("2020.5.1")
    );
}

#[test]
fn signings_that_did_not_take_place_are_told() {
    let signed = |text: &str| {
        let text = format!("협약명,협약기관,체결일\n가 협약,을재단,{text}\n");
        agreements(&text).remove(0)
    };
    for text in ["체결예정", "미체결", "2027.3 예정", "not signed"] {
        let row = signed(text);
        assert_eq!(
            (status(&row).as_str(), asked(&row).len()),
            ("draft", 0),
            "{text}"
        );
        assert!(codes(&row).contains(&"not_signed"), "{text}");
    }
    for text in [
        "2021.4.16(취소)",
        "2021.4.16(무산)",
        "2021.4.16(예정)",
        "2027.3.1",
        "2021.4.16 (postponed)",
    ] {
        let row = signed(text);
        assert_eq!(asked(&row), ["status_unclear"], "{text}");
        assert_eq!(status(&row), "draft", "{text}");
    }
    for text in ["2021.4.16", "1994.11. 1 (서명후 우편교환)", "2021.4.16(금)"] {
        let row = signed(text);
        assert_eq!(
            (status(&row).as_str(), asked(&row).len()),
            ("signed", 0),
            "{text}"
        );
    }
    let text = "협약명,협약기관,체결일\n가 협약,을재단,2027.3.1\n";
    let content = ImportContent {
        answers: BTreeMap::from([("C2:status_unclear".into(), "signed".into())]),
        ..ImportContent::default()
    };
    let row = &planned(ImportKind::Agreements, &book(text), &content)[0];
    let right = json!({"edtf": null, "as_stated": "2027.3.1"});
    assert_eq!(
        (body(row)["status"].clone(), &body(row)["signed_on"]),
        (json!("signed"), &right)
    );
}

#[test]
fn a_term_is_read_where_its_end_stands() {
    for header in ["만료일", "종료일", "Valid until"] {
        for text in ["체결일로부터 3년", "체결 후 3년", "3년"] {
            let until = body(&with(header, text))["effective_until"].clone();
            assert_eq!(until["relative_to"]["years"], 3, "{header} {text}");
            assert_eq!(until["as_stated"], text);
        }
    }
    let row = with("만료일", "체결일로부터 3년(자동연장)");
    assert_eq!(body(&row)["auto_renews"], true);
    assert_eq!(
        body(&with("만료일", "2024.4.15"))["effective_until"]["edtf"],
        "2024-04-15"
    );
    for (header, text, years, months) in [
        ("협약기간(년)", "3", 3, 0),
        ("유효기간(년)", "1.5", 0, 18),
        ("협약기간(개월)", "36", 3, 0),
        ("Term (years)", "3", 3, 0),
        ("협약기간(년)", "3년", 3, 0),
    ] {
        let until = body(&with(header, text))["effective_until"]["relative_to"].clone();
        assert_eq!(
            (&until["years"], &until["months"]),
            (&json!(years), &json!(months)),
            "{header} {text}"
        );
    }
}
