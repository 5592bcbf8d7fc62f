//! Lists of organizations and of meetings.

use serde_json::{Value, json};

use super::round_trips::all_forms;
use super::{city, codes};
use crate::support::{Answer, Api};

on_both!(new: organizations_come_in, known_organizations_gain_facts, meetings_come_in,
    lists_of_other_kinds_come_back, associations_and_municipalities_come_back,
    an_organization_comes_in_elsewhere_as_it_was, kinds_without_an_import_are_refused,
    words_of_kinds_are_told);

pub async fn upload(api: &Api, city: &str, kind: &str, text: &str) -> Answer {
    let path = format!("/imports?municipality_id={city}&file_name=list.csv&kind={kind}");
    let headers = [("content-type", "text/csv")];
    let body = Some(text.as_bytes().to_vec());
    api.send("POST", &path, &headers, body).await.expect(201)
}

const ORGANIZATIONS: &str = "기관 현황,,,,,\n\
    연번,기관명,종류,사업자등록번호,대표자,주소,홈페이지\n\
    1,을전자㈜,기업,124-81-00998,홍길동,갑시 중앙로 1,https://example.com\n\
    2,병대학교,,,\"김하나, 이둘\",갑시 대학로 2,-\n\
    3,정병원,,1234567890,,,\n계,3개,,,,,\n";

async fn organizations_come_in(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "organizations", ORGANIZATIONS).await;
    assert_eq!(made.body["counts"]["valid"], 2, "{}", made.text);
    assert_eq!(made.body["left_out"][0]["row"], 6);
    let row = &made.body["rows"][0];
    assert_eq!(row["body"]["kind"], "company");
    assert_eq!(row["body"]["identifiers"][0]["scheme"], "KR-BRN");
    assert_eq!(
        row["body"]["officers"],
        json!([{"title": {"ko": "대표자"}, "name": "홍길동"}])
    );
    let source = row["body"]["sources"][0]["title"].as_str().unwrap();
    assert!(source.contains("주소: 갑시 중앙로 1"), "{source}");
    assert_eq!(made.body["rows"][1]["body"]["kind"], "university");
    let wrong = &made.body["rows"][2]["problems"];
    assert_eq!(wrong[0]["cell"], "D5", "{wrong}");
    let path = format!("/imports/{}", made.id());
    let applied = editor.act(&format!("{path}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 2, "{}", applied.text);
    let listed = editor.read("/organizations?identifier=1248100998").await;
    assert_eq!(listed.items()[0]["name"]["ko"], "을전자㈜");
    assert_eq!(listed.items()[0]["website"], "https://example.com");
    let again = upload(&editor, &municipality, "organizations", ORGANIZATIONS).await;
    assert_eq!(again.body["counts"]["same"], 2, "{}", again.text);
    // One to which a record refers stays.
    let used = applied.body["rows"][1]["record_id"].as_str().unwrap();
    let new = crate::support::records::mou(&[&municipality, used], json!({}));
    editor.create("/agreements", &new).await;
    let undone = editor.act(&format!("{path}/undo"), &json!({})).await;
    assert_eq!(undone.body["not_undone"], json!([used]), "{}", undone.text);
    let left = editor.read("/organizations?identifier=1248100998").await;
    assert!(left.items().is_empty());
}

async fn known_organizations_gain_facts(api: Api) {
    let (municipality, editor) = city(&api).await;
    let new = json!({"kind": "company", "name": {"ko": "주식회사 을전자", "en": "Eul"},
        "officers": [{"title": {"ko": "대표이사"}, "name": "박셋", "until": {"edtf": "2020"}}]});
    let known = editor.create("/organizations", &new).await;
    let made = upload(&editor, &municipality, "organizations", ORGANIZATIONS).await;
    let row = &made.body["rows"][0];
    assert_eq!(row["record_id"], known.id(), "{row}");
    assert_eq!(
        row["changes"]["officers"].as_array().unwrap().len(),
        2,
        "{row}"
    );
    assert_eq!(row["changes"]["identifiers"][0]["id"], "124-81-00998");
    let path = format!("/imports/{}", made.id());
    let applied = editor
        .act(&format!("{path}/apply"), &json!({"rows": [3]}))
        .await;
    assert_eq!(applied.body["counts"]["recorded"], 1, "{}", applied.text);
    let organization = format!("/organizations/{}", known.id());
    let changed = editor.read(&organization).await;
    assert_eq!(changed.body["officers"][0]["name"], "박셋");
    assert_eq!(changed.body["website"], "https://example.com");
    let undone = editor.act(&format!("{path}/undo"), &json!({})).await;
    assert_eq!(undone.body["not_undone"], json!([]));
    let after = editor.read(&organization).await;
    for member in ["name", "officers", "identifiers", "website"] {
        assert_eq!(after.body[member], known.body[member], "{member}");
    }
}

const MEETINGS: &str = "실무협의체,회의명,일시,장소,안건,결과,참석기관,상태\n\
    갑을 의료협의체,제1차 정기회의,2023. 3. 8.(수) 14:00,시청 중회의실,운영 규정 제정,원안 의결,\"을병원, 병의료재단\",개최\n\
    갑을 의료협의체,제2차 정기회의,2023.9.,을병원,공동 진료,\"① 서식 통일\n② 재논의\",\"을병원, 고양시\",개최\n\
    산단 협의회,임시회의,'24. 1. 15,온라인,용수 공급,,,연기\n";

async fn meetings_come_in(api: Api) {
    let (municipality, editor) = city(&api).await;
    let group = json!({"municipality_id": municipality, "name": {"ko": "산단 협의회"}});
    editor.create("/working-groups", &group).await;
    let made = upload(&editor, &municipality, "meetings", MEETINGS).await;
    assert_eq!(made.body["counts"]["valid"], 2, "{}", made.text);
    let rows = made.body["rows"].as_array().unwrap();
    assert_eq!(rows[0]["body"]["held_on"]["edtf"], "2023-03-08");
    assert_eq!(
        rows[0]["body"]["working_group"]["name"]["ko"],
        "갑을 의료협의체"
    );
    assert_eq!(codes(&rows[0]["notes"]), ["working_group_new"]);
    assert_eq!(rows[1]["body"]["attendee_ids"][1], municipality.as_str());
    assert_eq!(rows[2]["questions"][0]["code"], "status_unknown");
    assert_ne!(rows[2]["body"]["working_group_id"], Value::Null);
    let path = format!("/imports/{}", made.id());
    let id = rows[2]["questions"][0]["id"].as_str().unwrap();
    let answered = editor
        .update(&path, made.etag(), &json!({"answers": {id: "cancelled"}}))
        .await;
    assert_eq!(answered.body["counts"]["valid"], 3, "{}", answered.text);
    let applied = editor.act(&format!("{path}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 3, "{}", applied.text);
    let groups = editor.read("/working-groups?limit=10").await;
    assert_eq!(groups.items().len(), 2);
    let again = upload(
        &editor,
        &municipality,
        "meetings",
        &MEETINGS.replace("연기", "취소"),
    )
    .await;
    assert_eq!(again.body["counts"]["same"], 3, "{}", again.text);
    let more = MEETINGS
        .replace("연기", "취소")
        .replace("원안 의결", "수정 의결");
    let changed = upload(&editor, &municipality, "meetings", &more).await;
    let row = &changed.body["rows"][0];
    assert_eq!(
        row["changes"],
        json!({"decisions": {"ko": "수정 의결"}}),
        "{row}"
    );
    let other = format!("/imports/{}", changed.id());
    let corrected = editor.act(&format!("{other}/apply"), &json!({})).await;
    assert_eq!(
        corrected.body["counts"]["recorded"], 1,
        "{}",
        corrected.text
    );
    editor.act(&format!("{other}/undo"), &json!({})).await;
    // The corrected meeting has another version now.
    let undone = editor.act(&format!("{path}/undo"), &json!({})).await;
    assert_eq!(
        undone.body["not_undone"].as_array().unwrap().len(),
        1,
        "{}",
        undone.text
    );
    let groups = editor.read("/working-groups?limit=10").await;
    assert_eq!(groups.items().len(), 2);
}

async fn lists_of_other_kinds_come_back(api: Api) {
    let (municipality, _) = city(&api).await;
    for (name, more) in [
        (
            "합계",
            json!({"identifiers": [{"scheme": "other", "id": "=1"}, {"scheme": "KR-BRN", "id": "1248100998"}]}),
        ),
        (
            "가, 나 재단",
            json!({"short_name": {"ko": "-"}, "other_names": [{"ko": "다; 라"}, {"en": "E, F"}, {"ko": "\"마\" 바"}],
                "activities": [{"text": {"ko": "첫째 줄\n- 둘째, 셋째"}}, {"text": {"ko": "=넷째"}}],
                "officers": [{"title": {"ko": "이사장, 대표"}, "name": "김, 하나"}, {"title": {"ko": "이사"}, "name": "이둘"}]}),
        ),
        (
            "가나 재단",
            json!({"country": "KR", "founded": {"edtf": "1999~"}, "website": "https://example.com/a"}),
        ),
    ] {
        let mut new = json!({"kind": "foundation", "name": {"ko": name}});
        new = crate::support::records::with(new, more);
        api.create("/organizations", &new).await;
    }
    let group = json!({"municipality_id": municipality, "name": {"ko": "소계"}});
    let group = api.create("/working-groups", &group).await.id().to_owned();
    for title in ["제1차", "=회의", "연기"] {
        let new = json!({"title": {"ko": title}, "held_on": {"edtf": "2023-03"},
            "agenda": {"ko": "- 가\n- 나"}, "attendee_ids": [municipality]});
        api.create(&format!("/working-groups/{group}/meetings"), &new)
            .await;
    }
    all_forms(&api, (&municipality, "organizations"), &["/organizations"]).await;
    let list = format!("/working-groups/{group}/meetings");
    all_forms(&api, (&municipality, "meetings"), &[&list]).await;
}

async fn associations_and_municipalities_come_back(api: Api) {
    let (municipality, _) = city(&api).await;
    let count = json!({"value": 132, "as_of": {"edtf": "2021"}});
    for (name, more) in [
        (
            "가 협회",
            json!({"member_count": count, "identifiers": [{"scheme": "other", "id": "가-1"}]}),
        ),
        (
            "나 연합",
            json!({"officers": [{"title": {"ko": "회장"}, "name": "김하나"}]}),
        ),
    ] {
        let new = crate::support::records::with(json!({"name": {"ko": name}}), more);
        api.create("/associations", &new).await;
    }
    let to = (municipality.as_str(), "organizations");
    all_forms(&api, to, &["/associations", "/municipalities"]).await;
    all_forms(&api, to, &["/associations?fields=name,officers,id"]).await;
    let text = csv(&api, "/associations.csv").await;
    // A new row is an association, whatever its name.
    let lines = text.lines().map(|line| match line.rsplit_once(',') {
        Some((start, id)) if id.len() > 30 => format!("{start},\n"),
        _ => format!("{line}\n"),
    });
    let elsewhere = lines.collect::<String>().replace("나 연합", "다 모임");
    let made = upload(&api, &municipality, "organizations", &elsewhere).await;
    let rows = made.body["rows"].as_array().unwrap();
    let new = rows.iter().find(|row| row["outcome"] == "new").unwrap();
    assert_eq!(new["body"]["kind"], "association", "{new}");
    // The number of members is corrected in the record itself.
    let more = upload(
        &api,
        &municipality,
        "organizations",
        &text.replace(",132,", ",133,"),
    )
    .await;
    let changed = more.body["rows"][0]["notes"].to_string();
    assert!(changed.contains("not_corrected"), "{}", more.text);
    // A municipality is recorded by its code: no other organization is made of it.
    let text = csv(&api, "/municipalities.csv").await;
    let id = text.lines().last().unwrap().rsplit(',').next().unwrap();
    let unknown = text.replace(id, "0178d7fa-2c00-7000-8000-00000000ffff");
    let unknown = unknown.replace("고양시", "갑을시");
    let made = upload(&api, &municipality, "organizations", &unknown).await;
    let row = &made.body["rows"][0];
    assert_eq!(codes(&row["problems"]), ["use_municipalities"], "{row}");
}

/// Returns an exported CSV as text.
async fn csv(api: &Api, path: &str) -> String {
    let response = api.open(path, &[]).await;
    String::from_utf8(actix_web::test::read_body(response).await.to_vec()).unwrap()
}

/// The values in one cell are those that were, with their pairs, where no record has their id.
async fn an_organization_comes_in_elsewhere_as_it_was(api: Api) {
    let (municipality, _) = city(&api).await;
    let recorded = json!({"kind": "company", "name": {"ko": "을, \"병\"; 정 전자"},
        "other_names": [{"en": "A, Inc."}, {"ko": "가; 나"}, {"ko": "\"다\""}],
        "identifiers": [{"scheme": "other", "id": "1248100998"}, {"scheme": "KR-BRN", "id": "1248100998"}],
        "officers": [{"title": {"ko": "이사, 대표"}, "name": "김, 하나"}, {"title": {"ko": "이사"}, "name": "이둘"}],
        "activities": [{"text": {"ko": "첫째 줄\n둘째, 셋째"}}, {"text": {"ko": "=넷째; 다섯째"}}]});
    let made = api.create("/organizations", &recorded).await;
    let text = csv(&api, "/organizations.csv?kind=company").await;
    api.send(
        "DELETE",
        &format!("/organizations/{}", made.id()),
        &[("if-match", "*")],
        None,
    )
    .await
    .expect(204);
    let import = upload(&api, &municipality, "organizations", &text).await;
    assert_eq!(import.body["counts"]["new"], 1, "{}", import.text);
    let apply = format!("/imports/{}/apply", import.id());
    let applied = api.act(&apply, &json!({})).await;
    let id = applied.body["rows"][0]["record_id"].as_str().unwrap();
    let again = api.read(&format!("/organizations/{id}")).await;
    for member in [
        "kind",
        "name",
        "other_names",
        "identifiers",
        "officers",
        "activities",
    ] {
        assert_eq!(again.body[member], made.body[member], "{member}");
    }
}

async fn kinds_without_an_import_are_refused(api: Api) {
    let (municipality, editor) = city(&api).await;
    let path = format!("/imports?municipality_id={municipality}&kind=projects");
    let headers = [("content-type", "text/csv")];
    let body = Some(ORGANIZATIONS.as_bytes().to_vec());
    editor.send("POST", &path, &headers, body).await.expect(400);
}

const KINDS: &str =
    "기관명,구분\n을전자,대기업\n병공사,지방공기업\n정고,고등학교\n무시,기초자치단체\n";

async fn words_of_kinds_are_told(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "organizations", KINDS).await;
    let rows = made.body["rows"].as_array().unwrap();
    let kinds: Vec<&Value> = rows.iter().map(|row| &row["body"]["kind"]).collect();
    let right = [
        "company",
        "public_corporation",
        "other",
        "government_agency",
    ];
    assert_eq!(kinds, right, "{}", made.text);
    let notes: Vec<Vec<&str>> = rows.iter().map(|row| codes(&row["notes"])).collect();
    assert_eq!(notes, [vec![], vec![], vec!["kind_unknown"], vec![]]);
    assert_eq!(rows[2]["notes"][0]["cell"], "B4");
    let source = &rows[2]["body"]["sources"][0]["title"];
    assert!(
        source.as_str().unwrap().contains("구분: 고등학교"),
        "{source}"
    );
}
