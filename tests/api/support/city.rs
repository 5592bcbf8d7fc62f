//! A municipality with records of every kind, and its staff.

use serde_json::{Value, json};

use super::records::mou;
use super::{Answer, Api};

/// A municipality with internal records of every kind, and its staff.
pub struct City {
    pub id: String,
    pub approver: Api,
    pub editor: Api,
    pub viewer: Api,
    pub agreement: String,
    pub partner: String,
    pub paths: Vec<(&'static str, String)>,
}

impl City {
    pub async fn new(api: &Api, code: &str) -> Self {
        let municipality = json!({"code": code, "policies": [{"self_approval": true}]});
        let id = api
            .create("/municipalities", &municipality)
            .await
            .id()
            .to_owned();
        let staff = async |role: &str| {
            let name = format!("{role} {code}");
            let new = json!({"name": name, "role": role, "municipality_ids": [id]});
            api.caller(new).await
        };
        let [approver, editor, viewer] = [
            staff("approver").await,
            staff("editor").await,
            staff("viewer").await,
        ];
        let create = async |path: &str, body: Value| editor.create(path, &body).await;
        let partner = create(
            "/organizations",
            json!({"kind": "company", "name": {"ko": format!("기업 {code}")}}),
        )
        .await;
        let partner = partner.id().to_owned();
        let survivor = create(
            "/organizations",
            json!({"kind": "company", "name": {"ko": format!("같은 기업 {code}")}}),
        )
        .await;
        let association = create(
            "/associations",
            json!({"name": {"ko": format!("협회 {code}")}}),
        )
        .await;
        let association = association.id().to_owned();
        let member = create(
            &format!("/associations/{association}/members"),
            json!({"organization_id": partner}),
        )
        .await;
        let agreement = create("/agreements", json!({
            "municipality_id": id, "kind": "mou", "title": {"ko": format!("내부 협약 {code}")}, "visibility": "internal",
            "parties": [{"organization_id": id}, {"organization_id": partner}], "commitments": [{"text": {"ko": "할 일"}}],
            "documents": [{"title": {"ko": "전문"}, "url": "https://example.com/a.pdf"}],
            "council_actions": [{"kind": "consent", "on": {"edtf": "2023"}, "occasion": "signing"}],
            "publications": [{"extent": "summary", "published_on": {"edtf": "2023"}}],
        })).await;
        let document = agreement.body["documents"][0]["id"].as_str().unwrap();
        let action = agreement.body["council_actions"][0]["id"].as_str().unwrap();
        let of_agreement = format!("/agreements/{}", agreement.id());
        let file = editor
            .file(&format!("{of_agreement}/documents/{document}"))
            .await;
        let action_file = editor
            .file(&format!("{of_agreement}/council-actions/{action}"))
            .await;
        let project = create("/projects", json!({
            "municipality_id": id, "kind": "other", "title": {"ko": format!("내부 사업 {code}")}, "visibility": "internal",
            "statements": [{"stated_on": {"edtf": "2021"}, "title": {"ko": format!("내부 사업 {code}")}}],
            "milestones": [{"kind": "completion",
                "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2021"}}],
                "outcomes": [{"kind": "started", "on": {"edtf": "2022"}}]}],
        })).await;
        let group = create("/working-groups", json!({
            "municipality_id": id, "name": {"ko": format!("내부 협의체 {code}")}, "visibility": "internal",
            "members": [{"organization_id": partner}],
        })).await;
        let meetings = format!("/working-groups/{}/meetings", group.id());
        let meeting = create(
            &meetings,
            json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2023-01-01"}}),
        )
        .await;
        let announcement = create(
            "/announcements",
            json!({"municipality_id": id, "kind": "signing", "title": {"ko": format!("내부 발표 {code}")},
                "announced_on": {"edtf": "2023-01-02"}, "visibility": "internal"}),
        )
        .await;
        let meeting_file = editor.file(&format!("/meetings/{}", meeting.id())).await;
        let milestone = project.body["milestones"][0]["id"].as_str().unwrap();
        let milestone_file = editor.file(&format!("/milestones/{milestone}")).await;
        let imported = editor
            .send(
                "POST",
                &format!("/imports?municipality_id={id}"),
                &[("content-type", "text/csv")],
                Some("협약명,협약기관\n가 협약,을재단\n".into()),
            )
            .await;
        let calendar = create("/calendars", json!({"name": format!("일정 {code}")})).await;
        let stream = create("/change-streams", json!({"name": format!("변경 {code}")})).await;
        let feed = calendar.body["address"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next();
        let feed = feed.unwrap().to_owned();
        let part =
            |record: &Answer, list: &str| record.body[list][0]["id"].as_str().unwrap().to_owned();
        let milestone = &project.body["milestones"][0];
        let statement = |list: &str| milestone[list][0]["id"].as_str().unwrap().to_owned();
        let paths = vec![
            ("municipalities", id.clone()),
            ("organizations", partner.clone()),
            ("survivor", survivor.id().to_owned()),
            ("associations", association.clone()),
            ("agreements", agreement.id().to_owned()),
            ("projects", project.id().to_owned()),
            ("working-groups", group.id().to_owned()),
            ("meetings", meeting.id().to_owned()),
            ("announcements", announcement.id().to_owned()),
            ("calendars", calendar.id().to_owned()),
            ("imports", imported.id().to_owned()),
            ("{feed}", feed),
            ("change-streams", stream.id().to_owned()),
            ("{stream}", last_segment(&stream.body["address"])),
            ("milestones", milestone["id"].as_str().unwrap().to_owned()),
            ("{party_id}", part(&agreement, "parties")),
            ("{commitment_id}", part(&agreement, "commitments")),
            ("{document_id}", part(&agreement, "documents")),
            ("file of documents", file),
            ("file of council-actions", action_file),
            ("file of meetings", meeting_file),
            ("file of milestones", milestone_file),
            ("{action_id}", part(&agreement, "council_actions")),
            ("{publication_id}", part(&agreement, "publications")),
            ("{forecast_id}", statement("forecasts")),
            ("{statement_id}", part(&project, "statements")),
            ("{outcome_id}", statement("outcomes")),
            ("{member_id}", member.id().to_owned()),
            ("{group_member_id}", part(&group, "members")),
        ];
        let agreement = agreement.id().to_owned();
        Self {
            id,
            approver,
            editor,
            viewer,
            agreement,
            partner,
            paths,
        }
    }

    /// Adds an internal agreement that is signed and reviewed, and a commitment with a report.
    pub async fn with_report(mut self) -> Self {
        let editor = self.editor.clone();
        let more = json!({"status": "signed", "visibility": "internal", "commitments": [{"text": {"ko": "할 일"}}],
            "reviews": [{"on": {"edtf": "2023"}, "rating": "good"}]});
        let new = mou(&[&self.id, &self.partner], more);
        let made = editor.create("/agreements", &new).await;
        let agreement = made.id().to_owned();
        let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
        let review = made.body["reviews"][0]["id"].as_str().unwrap();
        let path = format!("/agreements/{agreement}/commitments/{commitment}/reports");
        let body = self.body("create_commitment_report", "");
        let report = editor.create(&path, &body).await.id().to_owned();
        let file = editor.file(&format!("{path}/{report}")).await;
        self.paths.extend([
            ("file of reports", file),
            ("reported agreement", agreement),
            ("reported commitment", commitment.to_owned()),
            ("{report_id}", report),
            ("{review_id}", review.to_owned()),
            ("{place}", "0".to_owned()),
        ]);
        self
    }

    /// The staff, with their roles.
    pub fn staff(&self) -> [(&'static str, &Api); 3] {
        [
            ("approver", &self.approver),
            ("editor", &self.editor),
            ("viewer", &self.viewer),
        ]
    }

    pub fn named(&self, name: &str) -> &str {
        &self.paths.iter().find(|(n, _)| *n == name).unwrap().1
    }

    /// The path of an operation on the records of this municipality.
    pub fn fill(&self, template: &str, admin_token: &str) -> String {
        let parts: Vec<&str> = template.split('/').collect();
        let filled = parts.iter().enumerate().map(|(i, part)| match *part {
            "{id}" if parts[i - 1] == "tokens" => admin_token,
            "{id}"
                if ["/reports", "/reviews", "/transitions/"]
                    .iter()
                    .any(|part| template.contains(part)) =>
            {
                self.named("reported agreement")
            }
            "{commitment_id}" if template.contains("/reports") => self.named("reported commitment"),
            "{id}" if parts[i - 1] == "{resource}" => self.named("agreements"),
            "{id}" => self.named(parts[i - 1]),
            "{member_id}" if template.contains("working-groups") => self.named("{group_member_id}"),
            "{resource}" => "agreements",
            "{file_id}" if i < 3 => self.named("file of documents"),
            "{file_id}" => self.named(&format!("file of {}", parts[i - 3])),
            part if part.starts_with('{') => self.named(part),
            part => part,
        });
        filled.collect::<Vec<_>>().join("/")
    }

    /// A valid body for an operation.
    pub fn body(&self, operation: &str, other: &str) -> Value {
        let title = json!({"ko": "제목"});
        match operation {
            "create_calendar" | "create_change_stream" => json!({"name": "일정"}),
            "create_token" => json!({"name": "t", "role": "viewer", "municipality_ids": [self.id]}),
            "create_webhook" => json!({"name": "w", "url": "https://hooks.example.com/"}),
            "create_municipality" => json!({"code": "1111000000"}),
            "create_organization" => json!({"kind": "company", "name": title}),
            "create_association" => json!({"name": title}),
            "create_association_member" => json!({"organization_id": other}),
            "create_agreement" => {
                json!({"municipality_id": self.id, "kind": "mou", "title": title})
            }
            "create_agreement_transition" => json!({"to": "in_review"}),
            "create_agreement_party" => json!({"organization_id": other}),
            "create_agreement_commitment" => json!({"text": title}),
            "create_agreement_document" => json!({"title": title, "url": "https://example.com/b"}),
            "create_agreement_review" => json!({"on": {"edtf": "2024"}, "rating": "slow"}),
            "create_agreement_council_action" => {
                json!({"kind": "prior_report", "on": {"edtf": "2024"}, "occasion": "signing"})
            }
            "create_agreement_publication" => {
                json!({"extent": "summary", "published_on": {"edtf": "2024"}})
            }
            "create_reference_holiday" => {
                json!({"day": "2027-02-01", "name": title, "source": "관보"})
            }
            "read_wording" => json!({"texts": ["2021. 4. 16."], "kinds": ["date"]}),
            "create_working_group" => json!({"municipality_id": self.id, "name": title}),
            "create_working_group_member" => json!({"organization_id": other}),
            "create_announcement" => {
                json!({"municipality_id": self.id, "kind": "signing", "title": title})
            }
            "confirm_announcement" => json!({"agreement_id": self.agreement}),
            "draft_announced_agreement" => json!({"kind": "mou"}),
            "create_meeting" => json!({"title": title, "held_on": {"edtf": "2023-02-01"}}),
            "create_project" => {
                json!({"municipality_id": self.id, "kind": "other", "title": title})
            }
            "create_project_statement" => json!({"stated_on": {"edtf": "2023"}, "title": title}),
            "create_project_milestone" => json!({"kind": "completion"}),
            "create_milestone_forecast" => {
                json!({"target": {"edtf": "2025"}, "stated_on": {"edtf": "2022"}})
            }
            "create_milestone_outcome" => json!({"kind": "cancelled", "on": {"edtf": "2023"}}),
            "create_commitment_report" => {
                json!({"on": {"edtf": "2023-02-01"}, "status": "in_progress"})
            }
            "retract_milestone_forecast"
            | "retract_project_statement"
            | "retract_milestone_outcome"
            | "decline_commitment_report"
            | "retract_commitment_report" => json!({"reason": title}),
            "preview_municipality_policies" => json!({"policies": [{"review_every_year": true}]}),
            "merge_organization" | "preview_organization_merge" => {
                json!({"into_id": self.named("survivor")})
            }
            _ => json!({}),
        }
    }
}

impl Api {
    /// Adds a file to a record or a document. Returns its id.
    async fn file(&self, path: &str) -> String {
        let files = format!("{path}/files");
        let filed = self.send("POST", &files, &[], Some(b"%PDF-1.7".to_vec()));
        last_segment(&json!(filed.await.expect(201).headers["location"]))
    }
}

fn last_segment(address: &Value) -> String {
    let address = address.as_str().unwrap();
    address.rsplit('/').next().unwrap().to_owned()
}
