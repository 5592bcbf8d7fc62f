//! Organizations that a form names where they must be recorded already, and the merge of two of them
//! with a preview.

use actix_web::{HttpResponse, get, post};
use serde_json::json;

use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{SignedIn, Submission, Typed};
use crate::kernel::error::{ApiError, FieldError, Place};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::member_names::member_name;
use crate::ledger::RequestContext;
use crate::merges::preview::{MergePreview, preview};
use crate::merges::{MergeCreate, store};
use crate::organizations::named;
use crate::organizations::types::Organization;
use crate::pages::markup::Text;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Field, Group, Kind, body};
use crate::pages::office::tables::{DONE, Table};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// Replaces the name of an organization in a body by its id, or notes why it is unclear.
///
/// # Errors
/// `unauthenticated` if the session has ended.
pub async fn resolve(
    by: &SignedIn,
    typed: &mut Typed,
    member: &'static str,
    except: Option<OrganizationId>,
) -> Result<Option<OrganizationId>, ApiError> {
    let members = typed.body.as_object_mut();
    let named = members.and_then(|members| members.remove(member));
    let id = format!("{member}_id");
    let Some(text) = named.as_ref().and_then(|named| named.as_str()) else {
        // A candidate that was chosen.
        return Ok(typed.body[&id].as_str().and_then(|id| id.parse().ok()));
    };
    let text = text.to_owned();
    let found = by.read(move |conn, _| named::meant(conn, &text, except));
    Ok(match found.await? {
        Ok(found) => {
            typed.body[id] = json!(found);
            Some(found)
        }
        Err(mut error) => {
            error.place = Place::Body(format!("/{id}"));
            typed.unclear.push(error);
            None
        }
    })
}

/// Name of the field with the organizations of which a preview was shown.
const PREVIEWED: &str = "previewed";

const MERGE: &[Group] = &[Group::of_body(
    ("통합할 기관", "Organizations"),
    &[
        Field {
            at: "duplicate",
            kind: Kind::Recorded,
            label: ("통합되어 없어질 기록", "The duplicate"),
            hint: (
                "중복 기록된 기관 가운데 통합되어 없어질 것: 이름, 사업자등록번호 또는 id. 이름이 같으면 id를 적습니다.",
                "Of an organization that is recorded twice, the one to go: name, business number or id. Where the names are equal, its id.",
            ),
        },
        Field::plain("into", Kind::Recorded, ("남길 기록", "The one that stays")),
    ],
)];

#[get("/office/admin/merges")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let given = ["duplicate", "into"].into_iter();
    let given = given.filter_map(|name| Some((name.to_owned(), frame.get(name)?.to_owned())));
    let form = Form::of(given.collect());
    entry::open_as("merge_organization", &by, frame, form, entry_of).await
}

#[post("/office/admin/merges")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let mut typed = body(MERGE, &sent.form, frame.w, 0);
    let duplicate = resolve(&sent.by, &mut typed, "duplicate", None).await?;
    let into = resolve(&sent.by, &mut typed, "into", duplicate).await?;
    let merged = format!("{} {}", shown(duplicate), shown(into));
    let is_previewed = sent.form.get(PREVIEWED) == merged;
    let done = match duplicate {
        Some(id) => {
            let typed = Typed {
                body: json!({ "into_id": into }),
                unclear: typed.unclear,
            };
            if is_previewed {
                merge(&sent, &frame, id, typed).await.map(Ok)
            } else {
                let work = move |conn: &mut _, cx: &_, new: &MergeCreate| {
                    preview(conn, cx, id, new.into_id)
                };
                let asked = sent.ask("preview_organization_merge", typed, work).await;
                asked.map(Err)
            }
        }
        None => Err(refused(&sent, typed)),
    };
    let Submission { by, form } = sent;
    let operation = "merge_organization";
    match done {
        Ok(Err(preview)) => {
            let make = move |conn: &mut _, cx: &_, frame: &Frame, form| {
                let (mut entry, form) = entry_of(conn, cx, frame, form)?;
                show(&mut entry, &preview, frame.w);
                entry.passed = vec![(PREVIEWED, merged)];
                Ok((entry, form))
            };
            entry::open_as(operation, &by, frame, form, make).await
        }
        Ok(Ok(url)) => entry::settled_as(operation, &by, frame, form, Ok(url), entry_of).await,
        Err(error) => entry::settled_as(operation, &by, frame, form, Err(error), entry_of).await,
    }
}

fn shown(id: Option<OrganizationId>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// Names what is wrong where the duplicate is not known.
fn refused(sent: &Submission, typed: Typed) -> ApiError {
    let needed = |name: &str| {
        let message = Message::fixed("기관을 적어 주십시오.", "Name the organization.");
        FieldError::body(format!("/{name}"), "required", message)
    };
    let empty = ["duplicate", "into"].into_iter();
    let empty = empty.filter(|name| sent.form.get(name).is_empty());
    ApiError::invalid(typed.unclear.into_iter().chain(empty.map(needed)).collect())
}

async fn merge(
    sent: &Submission,
    frame: &Frame,
    id: OrganizationId,
    typed: Typed,
) -> Result<String, ApiError> {
    let url = frame.with("office/admin", &[(DONE, "1")]);
    let place = move |_: &Organization| url.clone();
    let work = move |conn: &mut _, cx: &_, new: &MergeCreate| {
        Ok(store::merge(conn, cx, id, new.into_id)?.into_organization())
    };
    sent.post("merge_organization", typed, place, work).await
}

fn entry_of(
    _: &mut AnyConnection,
    _: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let entry = Entry {
        title: w.t("기관 통합", "Merge organizations").to_owned(),
        lead: vec![
            w.t(
                "중복 기록된 기관을 하나로 통합합니다. 통합하기 전에 무엇이 이전되는지 보여 드립니다. 통합된 기록의 id로도 남은 기록이 열리고, 남은 기관의 화면에서 통합을 되돌릴 수 있습니다.",
                "Merges an organization that is recorded twice. Before it is done, you see what would move. The id of the duplicate keeps working, and the page of the one that stays can undo the merge.",
            )
            .to_owned(),
        ],
        groups: MERGE,
        send: w.t("미리 보기", "Preview"),
        back: "office/admin".to_owned(),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Shows what the merge would move, from where it can be done.
fn show(entry: &mut Entry, preview: &MergePreview, w: Words) {
    let names = [&preview.duplicate, &preview.survivor].map(|one| one.name.in_language(w.0));
    entry.lead = vec![
        w.t(
            "아직 통합하지 않았습니다. 아래와 같이 이전됩니다. 맞으면 통합하십시오.",
            "Nothing is merged yet. This would move: merge them if it is right.",
        )
        .to_owned(),
        format!("{} → {}", names[0], names[1]),
    ];
    entry.send = w.t("통합", "Merge");
    let taken = preview.taken.iter().map(|pointer| {
        let member = pointer.trim_start_matches('/');
        vec![Text::stated(w.message(&member_name(member)), w).into()]
    });
    let lost = preview.warnings.iter().map(|warning| {
        let member = warning.pointer.rsplit('/').next().unwrap_or_default();
        vec![
            Text::stated(w.message(&member_name(member)), w).into(),
            Text::stated(w.message(&warning.message), w).into(),
        ]
    });
    entry.tables = vec![
        moved(preview, w),
        Table {
            caption: w.t("이전받는 사실", "Facts that are taken over").to_owned(),
            none: w.t("없습니다.", "None."),
            heads: vec![w.t("항목", "Member")],
            rows: taken.collect(),
        },
        Table {
            caption: w
                .t("이전되지 않는 사실", "Facts that are not kept")
                .to_owned(),
            none: w.t("없습니다.", "None."),
            heads: vec![w.t("항목", "Member"), w.t("값", "Value")],
            rows: lost.collect(),
        },
    ];
}

fn moved(preview: &MergePreview, w: Words) -> Table {
    let counts = [
        (w.t("협약", "Agreements"), preview.agreement_count),
        (w.t("사업", "Projects"), preview.project_count),
        (
            w.t("실무협의체", "Working groups"),
            preview.working_group_count,
        ),
        (w.t("회원 관계", "Memberships"), preview.membership_count),
        (
            w.t("하나로 합쳐지는 회원 관계", "Memberships that become one"),
            preview.joined_membership_count,
        ),
        (
            w.t("먼저 통합된 기록", "Earlier duplicates"),
            preview.duplicate_count,
        ),
        (
            w.t("정지되는 토큰", "Tokens that are suspended"),
            preview.token_count,
        ),
    ];
    let counts = counts.into_iter().map(|(name, count)| {
        vec![
            Text::stated(name, w).into(),
            Text::stated(w.number(count), w).into(),
        ]
    });
    Table {
        caption: w.t("이전되는 것", "What moves").to_owned(),
        none: "",
        heads: vec![w.t("기록", "Records"), w.t("수", "Number")],
        rows: counts.collect(),
    }
}
