//! The forms by which an agreement goes on: review, approval, signing with its signatories, and its end
//! with the outcome of each open commitment.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;
use serde_json::json;

use super::demands;
use super::following::is_open;
use super::path;
use super::step_fields::{ENDING, OUTCOMES, SIGNING, STEP};
use crate::agreements::types::{Agreement, AgreementStatus, TransitionCreate};
use crate::agreements::{may_approve, may_change, read, transition};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::Submission;
use crate::kernel::error::{ApiError, FieldError, Place};
use crate::kernel::ids::AgreementId;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Group, body, compact};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

type Ids = (AgreementId, AgreementStatus);

fn groups(to: AgreementStatus) -> &'static [Group] {
    match to {
        AgreementStatus::Signed => SIGNING,
        AgreementStatus::Completed | AgreementStatus::Terminated | AgreementStatus::Superseded => {
            ENDING
        }
        AgreementStatus::Draft
        | AgreementStatus::InReview
        | AgreementStatus::Approved
        | AgreementStatus::Withdrawn
        | AgreementStatus::Voided => STEP,
    }
}

#[get("/office/agreements/{id}/steps/{to}")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/agreements/{id}/steps/{to}")]
pub async fn send(Path(ids): Path<Ids>, mut sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let (id, to) = ids;
    let groups = groups(to);
    // A commitment without an outcome stays in the form, so that each is asked about at its place.
    let emptied = groups.iter().filter(|group| group.list != OUTCOMES.list);
    let emptied: Vec<Group> = emptied.copied().collect();
    sent.form = compact(&emptied, &sent.form, frame.w);
    let mut typed = body(groups, &sent.form, frame.w, sent.by.today()?.year());
    typed.body["to"] = json!(to);
    let url = frame.with(&path(id), &[("done", "1")]);
    let place = move |_: &Agreement| url.clone();
    let work = move |conn: &mut _, cx: &_, step: &TransitionCreate| transition(conn, cx, id, step);
    let done = sent.post("create_agreement_transition", typed, place, work);
    let done = match done.await {
        // The form is of one step, and has no field for it.
        Err(error) => Err(at_signatures(error.pointing("/to", ""), &sent, id).await?),
        done => done,
    };
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

/// Points the errors of signatories, which are members of parties, at the signatures of the form.
async fn at_signatures(
    error: ApiError,
    sent: &Submission,
    id: AgreementId,
) -> Result<ApiError, ApiError> {
    let of_parties =
        |error: &FieldError| matches!(&error.place, Place::Body(at) if at.starts_with("/parties/"));
    if !error.errors.iter().any(of_parties) {
        return Ok(error);
    }
    let one = sent.by.read(move |conn, cx| read::get(conn, cx, id, None));
    let parties = one.await?.parties;
    let parties: Vec<String> = parties.iter().map(|party| party.id.to_string()).collect();
    let order = with_missing(&sent.form, "signatures", "party_id", &parties);
    let places = parties
        .iter()
        .map(|id| order.iter().position(|one| one == id));
    let mut error = error;
    for (party, place) in places.enumerate() {
        if let Some(place) = place {
            let at = |list: &str, place: usize| format!("/{list}/{place}/signatory");
            error = error.pointing(&at("parties", party), &at("signatures", place));
        }
    }
    Ok(error)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, to): Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, id, None)?;
    let barred = match to {
        AgreementStatus::Approved => may_approve(conn, cx, id).err(),
        _ => None,
    };
    let status = w.label("AgreementStatus", &to);
    let lists = lists(conn, cx, frame, &one, to)?;
    let (form, titles) = with_items(form, lists);
    let entry = Entry {
        title: match w.tag() {
            "ko" => format!("단계: {status}"),
            _ => format!("Step: {status}"),
        },
        lead: vec![one.content.title.in_language(w.0).to_owned()],
        groups: groups(to),
        send: w.t("기록", "Record"),
        back: path(id),
        titles,
        owner: Some(one.municipality_id),
        barred,
        leads: demands::leads(id, may_change(conn, cx, id).is_ok()),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Items of a list of a form: the member that has their ids, and each id with its heading.
struct Items {
    list: &'static str,
    member: &'static str,
    all: Vec<(String, String)>,
}

/// Returns the items of a step: the parties that can sign, and the commitments whose outcome it states.
/// Those of an agreement that ends are its own; a signing ends the agreement that this one supersedes.
fn lists(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    one: &Agreement,
    to: AgreementStatus,
) -> Result<Vec<Items>, ApiError> {
    let w = frame.w;
    let commitments = |of: &Agreement| {
        let left = of.commitments.iter().filter(|known| is_open(known));
        let left = left.map(|known| {
            let text = known.content.text.in_language(w.0);
            (known.id.to_string(), text.to_owned())
        });
        Items {
            list: OUTCOMES.list,
            member: "commitment_id",
            all: left.collect(),
        }
    };
    Ok(match to {
        AgreementStatus::Signed => {
            let parties = one.parties.iter().map(|party| {
                let name = party.organization.name.in_language(w.0);
                (party.id.to_string(), name.to_owned())
            });
            let signatures = Items {
                list: "signatures",
                member: "party_id",
                all: parties.collect(),
            };
            // Commitments of its own take on those of the agreement before.
            let before = one.supersedes.as_ref();
            let ended = match before.filter(|_| one.commitments.is_empty()) {
                Some(old) => Some(read::get(conn, cx, old.id, None)?),
                None => None,
            };
            let ended = ended.filter(|old| old.status == AgreementStatus::Signed);
            [signatures]
                .into_iter()
                .chain(ended.as_ref().map(commitments))
                .collect()
        }
        AgreementStatus::Completed | AgreementStatus::Terminated | AgreementStatus::Superseded => {
            vec![commitments(one)]
        }
        AgreementStatus::Draft
        | AgreementStatus::InReview
        | AgreementStatus::Approved
        | AgreementStatus::Withdrawn
        | AgreementStatus::Voided => Vec::new(),
    })
}

/// Adds the items that a form has not yet. Returns the form, and the headings of its items.
fn with_items(mut form: Form, lists: Vec<Items>) -> (Form, Vec<(String, String)>) {
    let mut titles = Vec::new();
    for Items { list, member, all } in lists {
        let ids: Vec<String> = all.iter().map(|(id, _)| id.clone()).collect();
        for (place, id) in with_missing(&form, list, member, &ids).iter().enumerate() {
            let at = format!("{list}/{place}");
            let name = format!("{at}/{member}");
            if !form.has(&name) {
                form = form.with(name, id);
            }
            let known = all.iter().find(|(known, _)| known == id);
            titles.extend(known.map(|(_, title)| (at, title.clone())));
        }
    }
    (form, titles)
}

/// Returns the ids of the items of a list in the order of the form: first those that it has.
fn with_missing(form: &Form, list: &str, member: &str, all: &[String]) -> Vec<String> {
    let names = (0..).map(|place| format!("{list}/{place}/{member}"));
    let held = names.take_while(|name| form.has(name));
    let mut order: Vec<String> = held.map(|name| form.get(&name).to_owned()).collect();
    for id in all {
        if !order.contains(id) {
            order.push(id.clone());
        }
    }
    order
}
