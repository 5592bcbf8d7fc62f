//! Targets and outcomes of milestones.

use super::*;

#[test]
fn what_has_not_happened_is_no_outcome() {
    let header = "사업명,추진단계,목표시점,발표일,실적일\n";
    for word in [
        "미착공",
        "진행중",
        "예정",
        "미정",
        "해당없음",
        "2027년 예정",
    ] {
        let row = &rows(
            ImportKind::Milestones,
            &format!("{header}가,착공,2023년,2020.1.1,{word}\n"),
        )[0];
        let body = body(row);
        assert_eq!(body["outcomes"], Value::Null, "{word}");
        assert_eq!(body["forecasts"].as_array().unwrap().len(), 1, "{word}");
        let kept = body["forecasts"][0]["note"]["ko"].as_str().unwrap();
        assert!(kept.contains(word), "{kept}");
        assert!(codes(row).contains(&"not_happened"), "{word}");
    }
    let ahead = &rows(
        ImportKind::Milestones,
        "사업명,추진단계,실적일\n가,착공,2027년 예정\n",
    )[0];
    assert_eq!(body(ahead)["forecasts"][0]["target"]["edtf"], "2027");
    assert_eq!(body(ahead)["outcomes"], Value::Null);
    let text = format!("{header}가,착공,,,\"시공사와 협의하여 정함\"\n");
    let unclear = &rows(ImportKind::Milestones, &text)[0];
    assert!(asked(unclear).contains(&"outcome_unclear"));
    assert_eq!(body(unclear)["outcomes"], Value::Null);
    let content = ImportContent {
        answers: BTreeMap::from([("E2:outcome_unclear".into(), "met".into())]),
        ..ImportContent::default()
    };
    let met = &planned(ImportKind::Milestones, &book(&text), &content)[0];
    assert_eq!(body(met)["outcomes"][0]["kind"], "met");
    let done = &rows(
        ImportKind::Milestones,
        &format!("{header}가,착공,,,2023.10.26\n"),
    )[0];
    assert_eq!(body(done)["outcomes"][0]["on"]["edtf"], "2023-10-26");
    let columns = "사업명,구역지정,보상,착공,준공\n가,완료,진행중,미착공,미정\n";
    let rows = rows(ImportKind::Milestones, columns);
    let stated = |row: &Row| ["outcomes", "forecasts"].map(|m| row.body.contains_key(m));
    // That a target is open is itself a statement of it.
    let right = [[true, false], [false, false], [false, false], [false, true]];
    assert_eq!(rows.iter().map(stated).collect::<Vec<_>>(), right);
}

#[test]
fn approvals_of_plans_have_happened() {
    let text = "사업명,개발계획 승인일,실시계획 인가일,실시계획 변경인가,착공 예정일\n\
        가,2019.5.1,2021.8.31,2022.3.2,2025.1.1\n";
    let rows = rows(ImportKind::Milestones, text);
    let found: Vec<(Value, bool)> = rows
        .iter()
        .map(|row| (body(row)["kind"].clone(), row.body.contains_key("outcomes")))
        .collect();
    let right = [
        (json!("development_plan"), true),
        (json!("plan_approval"), true),
        (json!("plan_amendment"), true),
        (json!("groundbreaking"), false),
    ];
    assert_eq!(found, right);
}

#[test]
fn outcomes_in_other_words_are_asked_about() {
    for text in [
        "사업명,단계,결과,실적일\n가,분양,연기,2025.1.1\n",
        "사업명,단계,결과,결과일\n가,보상,60% 보상,2025.1.1\n",
    ] {
        let row = &rows(ImportKind::Milestones, text)[0];
        assert!(asked(row).contains(&"outcome_unclear"), "{text}");
        assert_eq!(body(row)["outcomes"], Value::Null, "{text}");
    }
    for (text, right) in [
        ("사업명,단계,결과,실적일\n가,분양,유찰,2025.1.1\n", "failed"),
        (
            "사업명,단계,실적,실적일\n가,분양,취소,2025.1.1\n",
            "cancelled",
        ),
    ] {
        let row = &rows(ImportKind::Milestones, text)[0];
        assert_eq!(body(row)["outcomes"][0]["kind"], right, "{text}");
    }
}

#[test]
fn a_status_beside_columns_of_steps_is_kept_and_asked_about() {
    let text = "사업명,착공일,준공일,상태\n가,2024.1.1,2025.1.1,취소\n";
    let rows = rows(ImportKind::Milestones, text);
    for row in &rows {
        assert!(asked(row).contains(&"outcome_unclear"));
        assert_eq!(body(row)["outcomes"], Value::Null);
    }
    let kept = body(&rows[0])["forecasts"][0]["note"]["ko"].clone();
    assert_eq!(kept, "상태: 취소");
    let content = ImportContent {
        answers: BTreeMap::from([("D2:outcome_unclear".into(), "met".into())]),
        ..ImportContent::default()
    };
    for row in planned(ImportKind::Milestones, &book(text), &content) {
        assert_eq!(body(&row)["outcomes"][0]["kind"], "met");
    }
}

#[test]
fn brackets_beside_a_day_are_asked_about() {
    for beside in [
        "보류",
        "취소",
        "유찰",
        "중단",
        "미착공",
        "연기",
        "지연",
        "일부",
        "60%",
        "추진중",
        "미완",
        "postponed",
    ] {
        for text in [
            format!("사업명,착공일\n가,2022.3({beside})\n"),
            format!("사업명,단계,실적일\n가,착공,2022.3({beside})\n"),
        ] {
            let row = &rows(ImportKind::Milestones, &text)[0];
            assert!(asked(row).contains(&"outcome_unclear"), "{text}");
            assert_eq!(body(row)["outcomes"], Value::Null, "{text}");
        }
    }
    let text = "사업명,착공일\n가,2022.3(취소)\n";
    let content = ImportContent {
        answers: BTreeMap::from([("B2:outcome_unclear".into(), "cancelled".into())]),
        ..ImportContent::default()
    };
    let row = &planned(ImportKind::Milestones, &book(text), &content)[0];
    assert_eq!(body(row)["outcomes"][0]["kind"], "cancelled");
    for (cell, met) in [
        ("2022.3", true),
        ("2023.10.26(예정 2022.3)", true),
        ("2022.3(예정)", false),
        ("2022.3(고시 제2022-3호)", true),
    ] {
        let text = format!("사업명,착공일\n가,{cell}\n");
        let row = &rows(ImportKind::Milestones, &text)[0];
        let asked = asked(row).contains(&"outcome_unclear");
        assert_eq!(
            (row.body.contains_key("outcomes"), asked),
            (met, false),
            "{cell}"
        );
    }
}

#[test]
fn words_before_a_day_decide_what_happened() {
    let both = |cell: &str| {
        [
            format!("사업명,단계,실적\n가,보상,{cell}\n"),
            format!("사업명,보상\n가,{cell}\n"),
        ]
    };
    for (cell, kind) in [
        ("유찰(2025.12.1)", "failed"),
        ("무산(2025.12.1)", "failed"),
        ("취소(2025.12.1)", "cancelled"),
        ("중단[2025.12.1]", "suspended"),
        ("보류(2025.12.1)", "suspended"),
        ("일부 완료(2025.12.1)", "partially_met"),
        ("완료(2025.12.1)", "met"),
        ("보상 완료: 2025.12.1", "met"),
    ] {
        for text in both(cell) {
            let row = &rows(ImportKind::Milestones, &text)[0];
            let outcome = &body(row)["outcomes"][0];
            assert_eq!(
                (&outcome["kind"], &outcome["on"]["edtf"]),
                (&json!(kind), &json!("2025-12-01")),
                "{text}"
            );
            assert!(!asked(row).contains(&"outcome_unclear"), "{text}");
        }
    }
    for cell in [
        "연기(2025.12.1)",
        "반려(2025.12.1)",
        "불발(2025.12.1)",
        "인가 취소(2025.12.1)",
        "부분 준공(2025.12.1)",
        "신청(2025.12.1)",
        "협의(2025.12.1)",
        "신청일: 2025.12.1",
        "당초: 2025.12",
    ] {
        for text in both(cell) {
            let row = &rows(ImportKind::Milestones, &text)[0];
            assert!(asked(row).contains(&"outcome_unclear"), "{text}");
            assert_eq!(body(row)["outcomes"], Value::Null, "{text}");
        }
    }
    for text in both("예정(2027.3)") {
        let row = &rows(ImportKind::Milestones, &text)[0];
        assert_eq!(told(row), (vec!["2027-03".to_owned()], None), "{text}");
    }
}

/// Returns the targets of a row, and the day on which it was met.
fn told(row: &Row) -> (Vec<String>, Option<String>) {
    let body = body(row);
    let day = |date: &Value| date["edtf"].as_str().unwrap_or_default().to_owned();
    let targets = body["forecasts"].as_array().into_iter().flatten();
    let met = body["outcomes"].as_array().map(|all| day(&all[0]["on"]));
    (targets.map(|one| day(&one["target"])).collect(), met)
}

#[test]
fn columns_of_plans_are_targets() {
    for text in [
        "사업명,착공,,준공,\n,계획,실적,계획,실적\n가,2022.3,2023.10.26,2024.12,\n",
        "사업명,착공예정일,착공일,준공예정일,준공일\n가,2022.3,2023.10.26,2024.12,\n",
        "Project,Planned groundbreaking,Groundbreaking,Planned completion,Actual completion\n\
         가,2022.3,2023.10.26,2024.12,\n",
    ] {
        let rows = rows(ImportKind::Milestones, text);
        let found: Vec<_> = rows.iter().map(told).collect();
        let right = [
            (vec!["2022-03".to_owned()], Some("2023-10-26".to_owned())),
            (vec!["2024-12".to_owned()], None),
        ];
        assert_eq!(found, right, "{text}");
        // A target counts that was stated before the step was met.
        let stated_on = &body(&rows[0])["forecasts"][0]["stated_on"];
        assert_eq!(stated_on["edtf"], "../2023-10-26", "{text}");
    }
}

#[test]
fn a_first_target_stands_before_the_revised_one() {
    for text in [
        "사업명,추진단계,당초 목표,변경 목표\n가,착공,2022.3,2023.10\n",
        "사업명,추진단계,당초,변경\n가,착공,2022.3,2023.10\n",
        "사업명,착공일,\n,당초,변경\n가,2022.3,2023.10\n",
        "Project,Step,Original target,Revised target\n가,착공,2022.3,2023.10\n",
    ] {
        let row = &rows(ImportKind::Milestones, text)[0];
        assert_eq!(told(row).0, ["2022-03", "2023-10"], "{text}");
        let days = body(row)["forecasts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["stated_on"]["edtf"].clone())
            .collect::<Vec<_>>();
        assert_eq!(days, ["../2026-11-28", "2026-11-28"], "{text}");
    }
}

#[test]
fn steps_that_are_said_to_be_internal_are_asked_about() {
    let text = "사업명,착공일,공개여부\n가,2022.3,비공개\n나,2022.4,공개\n";
    let rows = rows(ImportKind::Milestones, text);
    let asked: Vec<bool> = rows
        .iter()
        .map(|row| asked(row).contains(&"visibility_unclear"))
        .collect();
    assert_eq!(asked, [true, false]);
}

/// `완료(취소 2022.3)` contradicts itself, and is no target.
#[test]
fn a_step_that_contradicts_itself_is_asked_about() {
    let text = "사업명,착공,준공\n가 단지,2021.3.2,완료(취소 2022.3)\n";
    let all = rows(ImportKind::Milestones, text);
    let row = all.iter().find(|row| body(row)["kind"] == "completion");
    let row = row.unwrap_or_else(|| panic!("{all:?}"));
    let question = row
        .questions
        .iter()
        .find(|one| one.code == "outcome_unclear");
    let question = question.unwrap_or_else(|| panic!("{row:?}"));
    assert_eq!(body(row).get("forecasts"), None, "{row:?}");
    let content = ImportContent {
        answers: BTreeMap::from([(question.id.clone(), "cancelled".into())]),
        ..ImportContent::default()
    };
    let all = planned(ImportKind::Milestones, &book(text), &content);
    let row = all.iter().find(|row| body(row)["kind"] == "completion");
    let outcome = &body(row.unwrap())["outcomes"][0];
    assert_eq!(outcome["kind"], "cancelled");
    assert_eq!(outcome["on"]["as_stated"], "완료(취소 2022.3)");
}
