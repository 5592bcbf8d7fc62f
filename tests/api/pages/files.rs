//! Files of records on pages: readers find those that everyone may read, officers the whole documents.

use serde_json::json;

use super::office::Browser;
use super::{NASTY, holds, lacks, page};
use crate::support::records::signed_mou;
use crate::support::{Answer, Api};

on_both!(new: readers_find_the_files_that_they_may_read);

async fn add(api: &Api, record: &str, query: &str) -> Answer {
    let path = format!("{record}/files?{query}");
    let bytes = format!("%PDF-1.7\n{query}\n%%EOF\n").into_bytes();
    let added = api.send("POST", &path, &[], Some(bytes)).await;
    added.expect(201)
}

async fn readers_find_the_files_that_they_may_read(api: Api) {
    let made = json!({"code": "4128000000"});
    let city = api.create("/municipalities", &made).await.id().to_owned();
    let editor = api.staff("editor", &city).await;
    let partner = api.organization("한국바이오").await;
    let more = json!({"commitments": [{"text": {"ko": "교육"}, "owed_by": [partner]}],
        "council_actions": [{"kind": "consent", "on": {"edtf": "2021-04-01"}, "occasion": "signing",
            "sources": [{"title": "회의록 누리집"}]}]});
    let agreement = signed_mou(&[&city, &partner], "2021-04-16", more);
    let agreement = editor.create("/agreements", &agreement).await;
    let project = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"},
        "milestones": [{"kind": "completion"}]});
    let project = editor.create("/projects", &project).await;
    let group = json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": [{"organization_id": partner}]});
    let group = editor.create("/working-groups", &group).await;
    let meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2023-01-01"}});
    let meetings = format!("/working-groups/{}/meetings", group.id());
    let meeting = editor.create(&meetings, &meeting).await;
    let part = |list: &str| agreement.body[list][0]["id"].as_str().unwrap().to_owned();
    let own = format!("/agreements/{}", agreement.id());
    let reports = format!("{own}/commitments/{}/reports", part("commitments"));
    let report = json!({"on": {"edtf": "2023-02-01"}, "status": "in_progress"});
    let report = editor.create(&reports, &report).await;
    let milestone = project.body["milestones"][0]["id"].as_str().unwrap();
    let groups = format!("/working-groups/{}", group.id());
    let projects = format!("/projects/{}", project.id());
    let all = [
        (format!("/meetings/{}", meeting.id()), &groups),
        (format!("/milestones/{milestone}"), &projects),
        (
            format!("{own}/council-actions/{}", part("council_actions")),
            &own,
        ),
        (format!("{reports}/{}", report.id()), &own),
    ];
    let browser = Browser::as_caller(&editor).await;
    for (record, shown) in &all {
        let whole = add(&editor, record, "name=whole.pdf").await;
        let file = whole.headers["location"]
            .trim_start_matches("/api/v1")
            .to_owned();
        let link = format!("api/v1{file}\"");
        let text = page(&api.with(None), shown).await.expect(200).text;
        holds(&text, &[&link, "whole.pdf"]);
        // A redacted copy takes its place for readers; officers still read the whole.
        let id = file.rsplit('/').next().unwrap();
        let query = format!("name=copy.pdf&edition=redacted&follows={id}");
        let query = match record.contains("council-actions") {
            true => "name=copy.pdf&edition=redacted",
            false => &query,
        };
        let copy = add(&editor, record, query).await;
        let copy = copy.headers["location"]
            .trim_start_matches("/api/v1")
            .to_owned();
        let text = page(&api.with(None), shown).await.expect(200).text;
        lacks(&text, &[&link]);
        holds(&text, &[&format!("api/v1{copy}\"")]);
        let text = browser
            .open(&format!("/office{shown}"))
            .await
            .expect(200)
            .text;
        holds(&text, &[&format!("office/data{file}\"")]);
        browser
            .open(&format!("/office/data{file}"))
            .await
            .expect(200);
        // What is withheld is not even named.
        let secret = match record.contains("council-actions") {
            true => "name=secret.pdf&edition=withheld&correction_reason=a",
            false => "name=secret.pdf&edition=withheld",
        };
        add(&editor, record, secret).await;
        let text = page(&api.with(None), shown).await.expect(200).text;
        lacks(&text, &["secret.pdf"]);
    }
    let text = page(&api.with(None), &own).await.expect(200).text;
    holds(&text, &["회의록 누리집"]);
    let name: String = url::form_urlencoded::byte_serialize(NASTY.as_bytes()).collect();
    add(&editor, &all[0].0, &format!("name={name}")).await;
    let text = page(&api.with(None), &groups).await.expect(200).text;
    lacks(&text, &["<script>alert"]);
}
