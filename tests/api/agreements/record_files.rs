//! Files of reports, council actions, meetings and milestones: by the rules of those of documents.

use serde_json::json;

use crate::support::records::signed_mou;
use crate::support::{Answer, Api};

on_both!(new: records_of_every_kind_have_files, a_redacted_copy_hides_its_document_alone,
    a_partner_proves_its_report, files_end_with_their_record);

const MINUTES: &[u8] = b"%PDF-1.7\nthe minutes\n%%EOF\n";
const SLIDES: &[u8] = b"%PDF-1.7\nthe slides\n%%EOF\n";
const COPY: &[u8] = b"%PDF-1.7\nthe minutes without names\n%%EOF\n";

/// A city with a record of each kind that has files, by their paths.
struct City {
    editor: Api,
    partner: String,
    meeting: String,
    milestone: String,
    action: String,
    commitment: String,
}

impl City {
    async fn new(api: &Api) -> Self {
        let made = api
            .create("/municipalities", &json!({"code": "4128000000"}))
            .await;
        let id = made.id().to_owned();
        let editor = json!({"name": "editor", "role": "editor", "municipality_ids": [id]});
        let editor = api.caller(editor).await;
        let partner = api.organization("한국바이오").await;
        let more = json!({"commitments": [{"text": {"ko": "교육"}, "owed_by": [partner]}],
            "council_actions": [{"kind": "consent", "on": {"edtf": "2021-04-01"}, "occasion": "signing"}]});
        let agreement = signed_mou(&[&id, &partner], "2021-04-16", more);
        let agreement = editor.create("/agreements", &agreement).await;
        let project = json!({"municipality_id": id, "kind": "other", "title": {"ko": "사업"},
            "milestones": [{"kind": "completion"}]});
        let project = editor.create("/projects", &project).await;
        let group = json!({"municipality_id": id, "name": {"ko": "협의체"}, "members": [{"organization_id": partner}]});
        let group = editor.create("/working-groups", &group).await;
        let meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2023-01-01"}});
        let meetings = format!("/working-groups/{}/meetings", group.id());
        let meeting = editor.create(&meetings, &meeting).await;
        let part = |list: &str| agreement.body[list][0]["id"].as_str().unwrap().to_owned();
        let of = |part: &str| format!("/agreements/{}/{part}", agreement.id());
        let milestone = project.body["milestones"][0]["id"].as_str().unwrap();
        Self {
            meeting: format!("/meetings/{}", meeting.id()),
            milestone: format!("/milestones/{milestone}"),
            action: of(&format!("council-actions/{}", part("council_actions"))),
            commitment: of(&format!("commitments/{}", part("commitments"))),
            partner,
            editor,
        }
    }

    async fn report(&self, by: &Api) -> String {
        let reports = format!("{}/reports", self.commitment);
        let body = json!({"on": {"edtf": "2023-02-01"}, "status": "in_progress"});
        format!("{reports}/{}", by.create(&reports, &body).await.id())
    }
}

async fn add(api: &Api, record: &str, query: &str, bytes: &[u8]) -> Answer {
    let path = format!("{record}/files?{query}");
    api.send("POST", &path, &[], Some(bytes.to_vec())).await
}

async fn text(api: &Api, path: &str) -> Option<String> {
    let answer = api.get(path).await;
    answer.status.is_success().then_some(answer.text)
}

async fn records_of_every_kind_have_files(api: Api) {
    let city = City::new(&api).await;
    let report = city.report(&city.editor).await;
    for record in [&city.meeting, &city.milestone, &city.action, &report] {
        let made = add(&city.editor, record, "name=minutes.pdf", MINUTES).await;
        let made = made.expect(201);
        let shown = city.editor.read(record).await;
        let file = &shown.body["files"][0];
        assert_eq!(file["name"], "minutes.pdf", "{record}");
        let one = made.headers["location"].clone();
        assert!(one.ends_with(file["id"].as_str().unwrap()), "{one}");
        let public = api.with(None);
        assert_eq!(
            text(&public, &one).await.as_deref().map(str::as_bytes),
            Some(MINUTES)
        );
        let then = format!("{record}?recorded_as_of=2026-11-22T00:00:00Z");
        api.get(&then).await.expect(404);

        add(&public, record, "", MINUTES).await.expect(401);
        let erase = format!("{one}?reason=a");
        public.delete(&erase, "*").await.expect(401);
        city.editor.delete(&erase, "\"9-a\"").await.expect(412);
        city.editor.delete(&erase, "*").await.expect(204);
        city.editor.get(&one).await.expect(404);
        let shown = city.editor.read(record).await;
        assert_eq!(
            shown.body["files"][0]["erased"]["reason"]["en"], "a",
            "{record}"
        );
    }
    // Two of them are evidence of nothing any more, and the log still derives what is there.
    let gaps = city.editor.read(&report).await;
    assert_eq!(gaps.body["gaps"], json!([]));
}

async fn a_redacted_copy_hides_its_document_alone(api: Api) {
    let city = City::new(&api).await;
    let (record, public) = (&city.meeting, api.with(None));
    let minutes = add(&city.editor, record, "", MINUTES).await.expect(201);
    let slides = add(&city.editor, record, "", SLIDES).await.expect(201);
    let [minutes, slides] = [minutes, slides].map(|made| made.headers["location"].clone());
    let follows = minutes.rsplit('/').next().unwrap();
    let query = format!("edition=redacted&follows={follows}");
    let copy = add(&city.editor, record, &query, COPY).await.expect(201);
    let copy = copy.headers["location"].clone();
    assert_eq!(text(&public, &minutes).await, None);
    assert!(text(&public, &slides).await.is_some());
    assert!(text(&public, &copy).await.is_some());
    let member = api.partner(&city.partner).await;
    assert!(text(&member, &minutes).await.is_some());
    let stranger = api.organization("남의 회사").await;
    assert_eq!(text(&api.partner(&stranger).await, &minutes).await, None);
    let files = city.editor.read(record).await.body["files"].clone();
    assert_eq!(files[0]["document_id"], files[2]["document_id"]);
    assert_ne!(files[0]["document_id"], files[1]["document_id"]);

    let unknown = format!("follows={}", city.partner);
    let refused = add(&city.editor, record, &unknown, COPY).await.expect(400);
    assert_eq!(refused.body["errors"][0]["code"], "unknown_file");
}

async fn a_partner_proves_its_report(api: Api) {
    let city = City::new(&api).await;
    let partner = api.partner(&city.partner).await;
    let report = city.report(&partner).await;
    let stranger = api.organization("남의 회사").await;
    let stranger = api.partner(&stranger).await;
    add(&stranger, &report, "", MINUTES).await.expect(403);
    add(&partner, &report, "", MINUTES).await.expect(201);
    let confirm = format!("{report}/confirm");
    city.editor.act(&confirm, &json!({})).await;
    add(&partner, &report, "", SLIDES).await.expect(403);
    add(&city.editor, &report, "", SLIDES).await.expect(201);
}

async fn files_end_with_their_record(api: Api) {
    let city = City::new(&api).await;
    for record in [&city.meeting, &city.milestone] {
        add(&city.editor, record, "", MINUTES).await.expect(201);
        let made = add(&city.editor, record, "", SLIDES).await.expect(201);
        city.editor.delete(record, "*").await.expect(204);
        city.editor.get(&made.headers["location"]).await.expect(404);
    }
}
