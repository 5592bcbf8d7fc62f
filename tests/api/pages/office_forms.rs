//! What all forms of officers share: nobody is shown one that would be refused for who sends it.

use mou_registry::pages::office_paths;
use serde_json::json;

use super::holds;
use super::office::{Browser, changed, fields_of};
use crate::support::city::City;
use crate::support::records::mou;
use crate::support::{Answer, Api};

on_both!(new: a_form_is_for_whoever_can_send_it, what_is_approved_has_a_form_for_approvers);

/// Forms that are no one's alone: what they record belongs to whoever sends them.
const EVERYBODYS: [&str; 3] = [
    "/office/sign-in",
    "/office/admin/calendars/new",
    "/office/admin/webhooks/new",
];

/// The paths of a pattern: one for each of the alternatives that it names.
fn alternatives(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once("{").filter(|(_, rest)| {
        let name = rest.split('}').next().unwrap_or_default();
        name.contains(':')
    }) else {
        // Alternatives behind a plain part.
        return match path.split_once('}') {
            Some((head, tail)) => alternatives(tail)
                .into_iter()
                .map(|tail| format!("{head}}}{tail}"))
                .collect(),
            None => vec![path.to_owned()],
        };
    };
    let (names, after) = rest.split_once('}').unwrap();
    let names = names.split_once(':').unwrap().1.split('|');
    names
        .flat_map(|name| {
            alternatives(after)
                .into_iter()
                .map(move |after| (name, after))
        })
        .map(|(name, after)| format!("{before}{name}{after}"))
        .collect()
}

/// The path with the records of a municipality; `None` if it has none of them.
fn filled(city: &City, path: &str) -> Option<String> {
    let is_reported = ["{commitment_id}", "/reviews/", "/transitions/"]
        .iter()
        .any(|part| path.contains(part));
    let parts: Vec<&str> = path.split('/').collect();
    let named = |name: &str| {
        let found = city.paths.iter().find(|(known, _)| *known == name);
        found.map(|(_, id)| id.clone())
    };
    let filled: Option<Vec<String>> = (0..parts.len())
        .map(
            |at| match (at.checked_sub(1).map(|at| parts[at]), parts[at]) {
                (Some("agreements"), "{id}") if is_reported => named("reported agreement"),
                (Some("organizations"), "{id}") if path.contains("/members/") => {
                    named("associations")
                }
                (Some(list), "{id}") => named(list),
                (Some("parties"), "{part_id}") => named("{party_id}"),
                (Some("commitments"), "{part_id}") => named("{commitment_id}"),
                (Some("documents"), "{part_id}") => named("{document_id}"),
                (Some("council-actions"), "{part_id}") => named("{action_id}"),
                (Some("reviews"), "{part_id}") => named("{review_id}"),
                (Some("publications"), "{part_id}") => named("{publication_id}"),
                (_, "{commitment_id}") => named("reported commitment"),
                (_, "{member_id}") if path.contains("working-groups") => named("{group_member_id}"),
                (_, "{kind}") => Some("targets".into()),
                (Some("{kind}"), "{statement_id}") => named("{forecast_id}"),
                (_, "{to}") => Some("in_review".into()),
                (_, "{act}") => Some("council-actions".into()),
                (_, "{key}") => Some("new".into()),
                (_, part) if part.starts_with('{') => named(part),
                (_, part) => Some(part.to_owned()),
            },
        )
        .collect();
    Some(filled?.join("/"))
}

/// Whether a page is a form that can be sent.
fn is_form(answer: &Answer) -> bool {
    answer.status == 200
        && answer.text.contains("method=\"post\"")
        && answer.text.contains("class=\"entry\"")
        && answer.text.contains("<p class=\"send\">")
}

async fn a_form_is_for_whoever_can_send_it(api: Api) {
    let city = City::new(&api, "4111000000").await.with_report().await;
    let other = City::new(&api, "4113000000").await;
    // Others see what is public, too.
    for (list, name) in [
        ("agreements", "agreements"),
        ("agreements", "reported agreement"),
        ("projects", "projects"),
        ("working-groups", "working-groups"),
        ("announcements", "announcements"),
    ] {
        let path = format!("/{list}/{}", city.named(name));
        let mut public = json!({"visibility": "public"});
        if list == "agreements" {
            public["note"] = json!({"ko": "공개"});
        }
        let reason = "?correction_reason=x";
        let path = match name {
            "reported agreement" => format!("{path}{reason}"),
            _ => path,
        };
        api.update(&path, "*", &public).await;
    }
    let admin = Browser::as_caller(&api).await;
    let others = [
        ("viewer", Browser::as_caller(&city.viewer).await),
        (
            "editor of another city",
            Browser::as_caller(&other.editor).await,
        ),
    ];
    let (mut seen, mut wrong) = (0, Vec::new());
    for path in office_paths().flat_map(alternatives) {
        let Some(path) = filled(&city, &path).filter(|path| !EVERYBODYS.contains(&path.as_str()))
        else {
            continue;
        };
        let is_about_records = path.contains("-7");
        // Forms of new records are about the municipality that they name.
        let path = match is_about_records {
            true => path,
            false => format!("{path}?municipality={}", city.id),
        };
        if !is_form(&admin.open(&path).await) {
            continue;
        }
        seen += 1;
        for (who, browser) in &others {
            // Of what is new, others are shown the form of their own municipality.
            let is_their_own = !is_about_records && *who != "viewer";
            let answer = browser.open(&path).await;
            if is_form(&answer) && !is_their_own {
                wrong.push(format!("{who}: {path}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "forms that cannot be sent");
    assert!(seen >= 70, "{seen} forms");
}

/// Of what is approved, an editor is told at once who may change it.
async fn what_is_approved_has_a_form_for_approvers(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let more = json!({"commitments": [{"text": {"ko": "할 일"}}]});
    let draft = mou(&[&city.id, &city.partner], more);
    let made = city.editor.create("/agreements", &draft).await;
    let steps = format!("/agreements/{}/transitions", made.id());
    city.editor.act(&steps, &json!({"to": "in_review"})).await;
    city.approver.act(&steps, &json!({"to": "approved"})).await;
    let own = format!("/office/agreements/{}", made.id());
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let editor = Browser::as_caller(&city.editor).await;
    let approver = Browser::as_caller(&city.approver).await;
    for rest in [
        "edit",
        "deletion",
        "parties/new",
        "commitments/new",
        "documents/new",
        "sources/new",
        &format!("commitments/{commitment}"),
        &format!("commitments/{commitment}/removal"),
    ] {
        let path = format!("{own}/{rest}");
        let refused = editor.open(&path).await.expect(403).text;
        holds(&refused, &["승인할 수 있는 사람만"]);
        approver.open(&path).await.expect(200);
    }
    // What was typed before the approval stays in the form that is refused.
    let edit = format!("{own}/edit");
    let form = fields_of(&approver.open(&edit).await.expect(200).text);
    let typed = changed(&form, &[("venue/ko", "시청")]);
    let refused = editor.send(&edit, &typed).await.expect(403).text;
    holds(&refused, &["role=\"alert\"", "value=\"시청\""]);
}
