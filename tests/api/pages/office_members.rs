//! Members of associations and working groups as officers record them on pages, and who holds the posts of an
//! organization.

use serde_json::{Value, json};

use super::office::{Browser, changed, fields_of};
use super::{NASTY, holds, lacks, page, whole};
use crate::support::Api;
use crate::support::city::City;

on_both!(new:
    members_of_an_association_come_and_go, a_member_of_a_group_is_removed, members_are_for_who_changes_the_body,
    what_is_wrong_with_a_member_is_at_its_field, an_association_has_officers);

/// Opens a form, changes some of its fields, and sends it.
async fn sent(browser: &Browser, path: &str, changes: &[(&str, &str)]) -> String {
    let form = fields_of(&browser.open(path).await.expect(200).text);
    browser.goes_on(path, &changed(&form, changes)).await
}

async fn members(api: &Api, association: &str) -> Vec<Value> {
    let path = format!("/associations/{association}/members");
    api.read(&path).await.items().clone()
}

async fn members_of_an_association_come_and_go(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let association = city.named("associations");
    let browser = Browser::as_caller(&city.editor).await;
    let own = format!("/office/organizations/{association}");
    let text = whole(browser.open(&own).await, "ko");
    holds(
        &text,
        &[
            "회원 추가",
            "기업 4111000000: 회원 수정",
            "/removal\"",
            "내용 수정",
        ],
    );
    let new = [
        ("organization", "새 바이오 회사"),
        ("organization/kind", "company"),
        ("role/ko", "이사"),
        ("joined", "2021년 상반기"),
        ("sources/0/publisher", "협회 누리집"),
    ];
    let text = sent(&browser, &format!("{own}/members/new"), &new).await;
    holds(
        &text,
        &["기록했습니다.", "새 바이오 회사", "이사", "2021년 상반기"],
    );
    let all = members(&api, association).await;
    assert_eq!(all[1]["sources"][0]["publisher"], "협회 누리집");
    // One leaves, and keeps the source that its form shows.
    let seat = format!("{own}/members/{}", all[1]["id"].as_str().unwrap());
    let text = sent(&browser, &seat, &[("role/ko", "회장"), ("left", "2025년")]).await;
    holds(&text, &["회장", "2025년"]);
    let left = &members(&api, association).await[1];
    assert_eq!(left["left"]["edtf"], "2025");
    assert_eq!(left["role"]["ko"], "회장");
    assert_eq!(left["sources"][0]["publisher"], "협회 누리집");
    // Another window still has the old state.
    let old = fields_of(&browser.open(&seat).await.expect(200).text);
    sent(&browser, &seat, &[("role/ko", "고문")]).await;
    let old = changed(&old, &[("role/ko", "이사")]);
    browser.send(&seat, &old).await.expect(412);
    // What was recorded by mistake goes.
    let asked = browser.open(&format!("{seat}/removal")).await.expect(200);
    holds(
        &asked.text,
        &["회원을 삭제합니까?", "새 바이오 회사", "탈퇴일"],
    );
    sent(&browser, &format!("{seat}/removal"), &[]).await;
    assert_eq!(members(&api, association).await.len(), 1);
    // Readers see the members, and no form.
    let public = format!("/organizations/{association}");
    let text = whole(
        page(&api.with(None), &format!("{public}?lang=en")).await,
        "en",
    );
    holds(&text, &["Members", "기업 4111000000"]);
    lacks(&text, &["members/new", "/removal"]);
}

async fn a_member_of_a_group_is_removed(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let group = format!("/working-groups/{}", city.named("working-groups"));
    let seat = format!("/office{group}/members/{}", city.named("{group_member_id}"));
    let text = browser.open(&format!("/office{group}")).await.expect(200);
    holds(&text.text, &["구성원 수정", "구성원 삭제"]);
    let chairs = [("chair_terms/0/from", "2024년"), ("post/ko", "대표")];
    sent(&browser, &seat, &chairs).await;
    let member = api.read(&group).await.body["members"][0].clone();
    assert_eq!(member["chair_terms"][0]["from"]["edtf"], "2024");
    assert_eq!(member["post"]["ko"], "대표");
    sent(&browser, &format!("{seat}/removal"), &[]).await;
    assert_eq!(api.read(&group).await.body["members"], json!([]));
    // A group has the sources that its form states.
    let source = [
        ("sources/0/publisher", "고시"),
        ("sources/0/title", "구성안"),
    ];
    sent(&browser, &format!("/office{group}/edit"), &source).await;
    assert_eq!(api.read(&group).await.body["sources"][0]["title"], "구성안");
    let title = [("sources/0/title", "수정한 구성안")];
    sent(&browser, &format!("/office{group}/edit"), &title).await;
    let found = api.read(&group).await.body["sources"].clone();
    assert_eq!(found[0]["publisher"], "고시");
    assert_eq!(found[0]["title"], "수정한 구성안");
}

async fn members_are_for_who_changes_the_body(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4113000000").await;
    let association = city.named("associations");
    let own = format!("/office/organizations/{association}");
    let seat = format!("{own}/members/{}", city.named("{member_id}"));
    let fields = [
        ("tag", "x"),
        ("organization", "가 회사"),
        ("organization/kind", "company"),
        ("role/ko", "이사"),
    ];
    for caller in [&city.viewer, &other.editor] {
        let browser = Browser::as_caller(caller).await;
        let text = browser.open(&own).await.expect(200).text;
        lacks(&text, &["members/new", "/removal", "/edit"]);
        for path in [
            format!("{own}/members/new"),
            seat.clone(),
            format!("{seat}/removal"),
        ] {
            browser.open(&path).await.expect(403);
            browser.send(&path, &fields).await.expect(403);
        }
    }
    assert_eq!(members(&api, association).await.len(), 1);
    // A company has no members.
    let browser = Browser::as_caller(&city.editor).await;
    let company = format!("/office/organizations/{}", city.partner);
    let text = browser.open(&company).await.expect(200).text;
    lacks(&text, &["members/new"]);
    let none = browser.open(&format!("{company}/members/new")).await;
    none.expect(404);
}

async fn what_is_wrong_with_a_member_is_at_its_field(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let association = city.named("associations");
    let new = format!("/office/organizations/{association}/members/new");
    let again = format!("기업 {}", "4111000000");
    for (fields, said) in [
        (
            vec![("organization", again.as_str())],
            "f-organization-error1\">이미 회원입니다.",
        ),
        (vec![("role/ko", NASTY)], "f-organization-error1"),
        (
            vec![
                ("organization", "가 회사"),
                ("organization/kind", "company"),
                ("joined", "2025년"),
                ("left", "2021년"),
            ],
            "f-left-error1",
        ),
    ] {
        let text = browser.send(&new, &fields).await.expect(422).text;
        holds(&text, &[said]);
        lacks(&text, &["<script>alert"]);
    }
    assert_eq!(members(&api, association).await.len(), 1);
}

async fn an_association_has_officers(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let association = city.named("associations");
    let edit = format!("/office/organizations/{association}/edit");
    let first = [
        ("officers/0/title/ko", "협회장"),
        ("officers/0/name", "이정석"),
        ("officers/0/from", "2020년"),
    ];
    let text = sent(&browser, &edit, &first).await;
    holds(&text, &["협회장", "이정석", "기록했습니다."]);
    let next = [
        ("officers/0/until", "2023. 2. 28."),
        ("officers/1/title/ko", "협회장"),
        ("officers/1/name", "후임자"),
    ];
    sent(&browser, &edit, &next).await;
    let path = format!("/associations/{association}");
    let officers = api.read(&path).await.body["officers"].clone();
    assert_eq!(officers[0]["until"]["edtf"], "2023-02-28");
    assert_eq!(officers[0]["name"], "이정석");
    assert_eq!(officers[1]["name"], "후임자");
    let reversed = [
        ("officers/1/from", "2024년"),
        ("officers/1/until", "2022년"),
    ];
    let form = fields_of(&browser.open(&edit).await.expect(200).text);
    let refused = browser.send(&edit, &changed(&form, &reversed)).await;
    holds(&refused.expect(422).text, &["f-officers-1-until-error1"]);
}
