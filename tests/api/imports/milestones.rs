//! Lists of milestones: a row for each step, or a column for each.

use serde_json::{Value, json};

use super::kinds::upload;
use super::round_trips::{all_forms, assert_same, back};
use super::{city, codes};
use crate::support::Api;

on_both!(new: steps_come_in_and_are_taken_back, known_milestones_gain_statements,
    unknown_projects_are_asked_for, columns_of_steps_come_in, exports_of_milestones_come_back,
    statements_of_an_export_are_never_edited);

async fn project(api: &Api, city: &str, title: &str, more: Value) -> String {
    let new =
        json!({"municipality_id": city, "kind": "industrial_complex", "title": {"ko": title}});
    let new = crate::support::records::with(new, more);
    api.create("/projects", &new).await.id().to_owned()
}

const STEPS: &str = "사업명,단계,목표 시점,발표일,발표 기관,사유,실적,결과,출처,비고\n\
    갑을 일반산업단지,착공,2022년 하반기,2021.4.16,갑시,,,,보도자료,설명회에서 밝힘\n\
    갑을일반산업단지 조성사업,착공,2023.10,2022. 11. 3.,갑시,보상 지연,2023-10-26,완료,,\n\
    갑을일반산업단지,준공,2027년 하반기(예정),2023.10.26,,,,정상 추진,,\n\
    갑을일반산업단지,환경영향평가 협의,,,,,2021.3,일부 완료,,\n";

async fn steps_come_in_and_are_taken_back(api: Api) {
    let (city, editor) = city(&api).await;
    let project = project(&api, &city, "갑을일반산업단지", json!({})).await;
    let made = upload(&editor, &city, "milestones", STEPS).await;
    assert_eq!(made.body["counts"]["valid"], 4, "{}", made.text);
    let rows = made.body["rows"].as_array().unwrap();
    let first = &rows[0]["body"];
    assert_eq!(first["project_id"], project.as_str());
    assert_eq!(first["kind"], "groundbreaking");
    let forecast = &first["forecasts"][0];
    assert_eq!(forecast["target"]["edtf"], "2022-41");
    assert_eq!(forecast["stated_on"]["edtf"], "2021-04-16");
    assert_eq!(forecast["stated_by"], "갑시");
    assert_eq!(forecast["note"]["ko"], "설명회에서 밝힘");
    assert_eq!(forecast["source"]["title"], "보도자료 | list.csv 2행");
    assert_eq!(rows[1]["body"]["forecasts"][0]["reason"]["ko"], "보상 지연");
    let outcome = &rows[1]["body"]["outcomes"][0];
    assert_eq!(
        (&outcome["kind"], &outcome["on"]["edtf"]),
        (&json!("met"), &json!("2023-10-26"))
    );
    // A word that is no outcome stays as a remark.
    assert_eq!(
        rows[2]["body"]["forecasts"][0]["note"]["ko"],
        "결과: 정상 추진"
    );
    assert_eq!(rows[2]["body"].get("outcomes"), None);
    assert_eq!(rows[3]["body"]["title"]["ko"], "환경영향평가 협의");
    assert_eq!(rows[3]["body"]["outcomes"][0]["kind"], "partially_met");

    let import = format!("/imports/{}", made.id());
    let one = editor
        .act(&format!("{import}/apply"), &json!({"rows": [2]}))
        .await;
    assert_eq!(one.body["counts"]["recorded"], 1, "{}", one.text);
    let applied = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 4, "{}", applied.text);
    assert_eq!(applied.body["progress"], Value::Null);
    let list = format!("/projects/{project}/milestones");
    let milestones = editor.read(&list).await;
    assert_eq!(milestones.items().len(), 3, "{}", milestones.text);
    // Both rows of the groundbreaking are one milestone.
    let groundbreaking = &milestones.items()[0];
    assert_eq!(groundbreaking["status"], "met_late");
    assert_eq!(groundbreaking["forecast_count"], 2);
    assert_eq!(groundbreaking["outcomes"].as_array().unwrap().len(), 1);

    let again = upload(&editor, &city, "milestones", STEPS).await;
    assert_eq!(again.body["counts"]["same"], 4, "{}", again.text);
    let undone = editor.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(undone.body["not_undone"], json!([]), "{}", undone.text);
    assert!(editor.read(&list).await.items().is_empty());
    let applied = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 4, "{}", applied.text);
}

async fn known_milestones_gain_statements(api: Api) {
    let (city, editor) = city(&api).await;
    let said =
        |target: &str, on: &str| json!({"target": {"edtf": target}, "stated_on": {"edtf": on}});
    let milestones = json!([{"kind": "groundbreaking", "phase": "2",
        "forecasts": [said("2022", "2021-04-16")]}]);
    let phases = json!([{"title": {"ko": "1단계"}}, {"title": {"ko": "2단계"}}]);
    let more = json!({"phases": phases, "milestones": milestones});
    let project = project(&api, &city, "갑을일반산업단지", more).await;
    let text = "사업명,사업단계,추진단계,목표,실적\n갑을일반산업단지,2단계,착공,2022,\n\
        갑을일반산업단지,2단계,착공,2024.6,\n갑을일반산업단지,3단계,착공,,2020.5.6\n";
    let made = upload(&editor, &city, "milestones", text).await;
    let rows = made.body["rows"].as_array().unwrap();
    // The day of the statement is not in the file, and the target is the one that is recorded.
    assert_eq!(rows[0]["outcome"], "same", "{}", made.text);
    assert_eq!(rows[1]["outcome"], "change");
    assert_eq!(codes(&rows[1]["notes"]), ["stated_on_missing"]);
    assert_eq!(rows[1]["changes"]["forecasts"].as_array().unwrap().len(), 1);
    assert_eq!(codes(&rows[2]["notes"]), ["phase_unknown"]);
    assert_eq!(rows[2]["body"]["title"]["ko"], "3단계 착공");
    let import = format!("/imports/{}", made.id());
    editor.act(&format!("{import}/apply"), &json!({})).await;
    let list = format!("/projects/{project}/milestones");
    let milestones = editor.read(&list).await;
    let of = |n: usize, member: &str| milestones.items()[n][member].clone();
    assert_eq!(milestones.items().len(), 2, "{}", milestones.text);
    assert_eq!(of(0, "target")["edtf"], "2024-06");
    assert_eq!(of(1, "status"), "met");
    let again = upload(&editor, &city, "milestones", text).await;
    assert_eq!(again.body["counts"]["same"], 3, "{}", again.text);
    // A statement is taken back by its retraction, and can be made again.
    let undone = editor.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(undone.body["not_undone"], json!([]), "{}", undone.text);
    let milestones = editor.read(&list).await;
    assert_eq!(milestones.items().len(), 1);
    assert_eq!(milestones.items()[0]["target"]["edtf"], "2022");
    let again = upload(&editor, &city, "milestones", text).await;
    assert_eq!(again.body["counts"]["same"], 1, "{}", again.text);
}

async fn unknown_projects_are_asked_for(api: Api) {
    let (city, editor) = city(&api).await;
    let project = project(&api, &city, "갑을일반산업단지", json!({})).await;
    let text = "사업명,단계,목표\n갑을산업단지,착공,2022\n무기 체육관,준공,2025\n,착공,2023\n";
    let made = upload(&editor, &city, "milestones", text).await;
    assert_eq!(made.body["counts"]["valid"], 0, "{}", made.text);
    let rows = made.body["rows"].as_array().unwrap();
    let asked = |n: usize| rows[n]["questions"][0].clone();
    assert_eq!(asked(0)["code"], "project_unknown");
    assert_eq!(asked(0)["choices"][0]["value"], project.as_str());
    assert_eq!(asked(1)["choices"][0]["value"], "skip");
    assert_eq!(codes(&rows[2]["problems"]), ["project_missing"]);
    let ids = [0, 1].map(|n| asked(n)["id"].as_str().unwrap().to_owned());
    let answers = json!({"answers": {&ids[0]: project, &ids[1]: "skip"}});
    let import = format!("/imports/{}", made.id());
    let answered = editor.update(&import, made.etag(), &answers).await;
    assert_eq!(answered.body["counts"]["valid"], 1, "{}", answered.text);
    assert_eq!(codes(&answered.body["rows"][1]["problems"]), ["left_out"]);
    editor.act(&format!("{import}/apply"), &json!({})).await;
    let projects = editor
        .read(&format!("/projects?municipality_id={city}"))
        .await;
    assert_eq!(projects.items().len(), 1);
    // Projects of another municipality are not known by their titles.
    let other = api
        .create("/municipalities", &json!({"code": "4115000000"}))
        .await;
    self::project(&api, other.id(), "무기 체육관", json!({})).await;
    let made = upload(&editor, &city, "milestones", text).await;
    assert_eq!(
        made.body["rows"][1]["questions"][0]["code"],
        "project_unknown"
    );
}

const COLUMNS: &str = "산업단지 현황,,,,,,\n(2024. 6. 30. 기준),,,,,,\n\
    사업명,단계,면적(천㎡),지정일자,실시 승인일,착공일,준공 인가일\n\
    갑을일반산업단지,2단계,952.5,,2021.08.31,2023. 10. 26.,2027년 하반기(예정)\n\
    병정농공단지,-,150,2024.3.4,미정,국비 확보 시,2026년까지\n\
    합계,,,,,,\n";

async fn columns_of_steps_come_in(api: Api) {
    let (city, editor) = city(&api).await;
    let phases = json!({"phases": [{"title": {"ko": "1단계"}}, {"title": {"ko": "2단계"}}]});
    project(&api, &city, "갑을일반산업단지", phases).await;
    let second = project(&api, &city, "병정 농공단지", json!({})).await;
    let made = upload(&editor, &city, "milestones", COLUMNS).await;
    assert_eq!(made.body["counts"]["valid"], 7, "{}", made.text);
    assert_eq!(made.body["left_out"][0]["row"], 6);
    let rows = made.body["rows"].as_array().unwrap();
    let cells: Vec<&str> = rows
        .iter()
        .map(|row| row["cell"].as_str().unwrap())
        .collect();
    assert_eq!(cells, ["E4", "F4", "G4", "D5", "E5", "F5", "G5"]);
    let of = |n: usize| &rows[n]["body"];
    assert_eq!(
        (&of(0)["kind"], &of(0)["phase"]),
        (&json!("plan_approval"), &json!("2"))
    );
    assert_eq!(of(0)["outcomes"][0]["on"]["edtf"], "2021-08-31");
    assert_eq!(of(0)["outcomes"][0]["note"]["ko"], "면적(천㎡): 952.5");
    assert_eq!(of(1)["outcomes"][0]["note"], Value::Null);
    let target = |n: usize| of(n)["forecasts"][0]["target"].clone();
    assert_eq!(target(2)["edtf"], "2027-41");
    assert_eq!(of(2)["forecasts"][0]["stated_on"]["edtf"], "2024-06-30");
    assert_eq!(of(3)["outcomes"][0]["on"]["edtf"], "2024-03-04");
    assert_eq!(target(4)["as_stated"], "미정");
    assert_eq!(target(5)["as_stated"], "국비 확보 시");
    assert_eq!(target(6)["edtf"], "../2026");
    let import = format!("/imports/{}", made.id());
    let one = editor
        .act(&format!("{import}/apply"), &json!({"rows": [5]}))
        .await;
    assert_eq!(one.body["counts"]["recorded"], 4, "{}", one.text);
    let milestones = editor.read(&format!("/projects/{second}/milestones")).await;
    assert_eq!(milestones.items().len(), 4);
    let all = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(all.body["counts"]["recorded"], 7, "{}", all.text);
    let undone = editor.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(undone.body["not_undone"], json!([]), "{}", undone.text);
}

/// Records a project whose milestones were stated again, met, and named by titles of their own.
async fn stated(api: &Api, city: &str) -> String {
    let said = |target: &str, on: &str| {
        json!({"target": {"edtf": target}, "stated_on": {"edtf": on},
        "stated_by": "갑시", "reason_code": "approval", "reason": {"ko": "인허가 지연\n- 협의"},
        "source": {"title": "=보도자료", "url": "https://example.com/1"}, "note": {"ko": "비고"}})
    };
    let met = json!({"kind": "met", "on": {"edtf": "2023-10-26"}});
    let milestones = json!([
        {"kind": "groundbreaking", "forecasts": [said("2022", "2021-04-16"), said("2023-06~", "2022-11")],
            "outcomes": [{"kind": "failed", "on": {"edtf": "2022-12-31"}}, met]},
        {"kind": "groundbreaking", "title": {"ko": "진입도로 착공"}, "forecasts": [said("2024/2025", "2023")]},
        {"kind": "other", "title": {"ko": "합계"}, "forecasts": [{"target": {"as_stated": "국비 확보 시"},
            "stated_on": {"edtf": "2021"}}]},
        {"kind": "completion"},
    ]);
    project(
        api,
        city,
        "갑을, 병정 산업단지",
        json!({"milestones": milestones}),
    )
    .await
}

async fn exports_of_milestones_come_back(api: Api) {
    let (city, _) = city(&api).await;
    let project = stated(&api, &city).await;
    let list = format!("/projects/{project}/milestones");
    all_forms(&api, (&city, "milestones"), &[&list]).await;
    for language in ["ko", "en"] {
        for form in ["csv", "xlsx"] {
            let path = format!("/projects/{project}/slip-history.{form}");
            let import = back(&api, (&city, "milestones"), &path, language).await;
            assert_same(&import, 5, &path);
        }
    }
}

async fn statements_of_an_export_are_never_edited(api: Api) {
    let (city, editor) = city(&api).await;
    let project = stated(&api, &city).await;
    let path = format!("/projects/{project}/slip-history.csv");
    let response = editor.open(&path, &[("accept-language", "ko")]).await;
    let bytes = actix_web::test::read_body(response).await;
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let changed = text.replace("2023년 6월 무렵", "2023년 7월");
    assert_ne!(changed, text);
    let made = upload(&editor, &city, "milestones", &changed).await;
    let rows = made.body["rows"].as_array().unwrap();
    let changes = rows.iter().filter(|row| row["outcome"] == "change");
    let problems: Vec<Vec<&str>> = changes.map(|row| codes(&row["problems"])).collect();
    assert_eq!(problems, [["statement_fixed"]], "{}", made.text);
}
