//! Acts on which duties wait: the forms that record an action of the council, a review and a
//! publication, with what each open duty still asks.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use validator::Validate;

use super::act_fields::{COUNCIL_ACTION, PUBLICATION, REVIEW_OF_AGREEMENT};
use super::path;
use crate::agreements::council::CouncilActionContent;
use crate::agreements::duties::types::{Duty, DutyStatus};
use crate::agreements::publications::PublicationContent;
use crate::agreements::reviews::ReviewContent;
use crate::agreements::types::Agreement;
use crate::agreements::{AgreementWithPart, PartContent, add_part, read};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::Submission;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, PartId};
use crate::kernel::values::{ImpreciseDate, to_db};
use crate::ledger::RequestContext;
use crate::ledger::caller::Caller;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Group, body, compact};
use crate::pages::office::tables::{Cell, Table};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::projections::policies::DutyKind;

/// An act that fulfils duties.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    CouncilActions,
    Reviews,
    Publications,
}

impl Act {
    pub const ALL: [Self; 3] = [Self::CouncilActions, Self::Reviews, Self::Publications];

    fn groups(self) -> &'static [Group] {
        match self {
            Self::CouncilActions => COUNCIL_ACTION,
            Self::Reviews => REVIEW_OF_AGREEMENT,
            Self::Publications => PUBLICATION,
        }
    }

    fn operation(self) -> &'static str {
        match self {
            Self::CouncilActions => "create_agreement_council_action",
            Self::Reviews => "create_agreement_review",
            Self::Publications => "create_agreement_publication",
        }
    }

    /// Returns the path of the form.
    pub fn path(self, id: AgreementId) -> String {
        format!("{}/acts/{}", path(id), self.part())
    }

    /// Returns the name of the list of such acts in paths.
    pub fn part(self) -> &'static str {
        match self {
            Self::CouncilActions => "council-actions",
            Self::Reviews => "reviews",
            Self::Publications => "publications",
        }
    }

    /// Returns the names of the links that correct and remove an act.
    pub fn corrections(self, w: Words) -> [&'static str; 2] {
        match self {
            Self::CouncilActions => [
                w.t("의회 조치 수정", "Correct the action of the council"),
                w.t("의회 조치 삭제", "Remove the action of the council"),
            ],
            Self::Reviews => [
                w.t("점검 수정", "Correct the review"),
                w.t("점검 삭제", "Remove the review"),
            ],
            Self::Publications => [
                w.t("공개 수정", "Correct the publication"),
                w.t("공개 삭제", "Remove the publication"),
            ],
        }
    }

    pub fn name(self, w: Words) -> &'static str {
        match self {
            Self::CouncilActions => w.t("의회 조치 기록", "Record an action of the council"),
            Self::Reviews => w.t("점검 기록", "Record a review"),
            Self::Publications => w.t("공개 기록", "Record a publication"),
        }
    }
}

type Ids = (AgreementId, Act);

#[get("/office/agreements/{id}/acts/{act}")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    // A duty leads here with what it asks.
    let form = ["kind", "occasion", "result"].into_iter();
    let form = form.filter_map(|name| Some((name.to_owned(), frame.get(name)?.to_owned())));
    let form = Form::of(form.collect());
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::open(&by, frame, form, make).await
}

#[post("/office/agreements/{id}/acts/{act}")]
pub async fn send(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let url = frame.with(&path(ids.0), &[("done", "1")]);
    let done = match ids.1 {
        Act::CouncilActions => {
            let by = |content: &mut CouncilActionContent, id| content.municipality_id = id;
            add(&sent, &frame, ids, by, url).await
        }
        Act::Reviews => {
            let by = |content: &mut ReviewContent, id| content.municipality_id = id;
            add(&sent, &frame, ids, by, url).await
        }
        Act::Publications => {
            let by = |content: &mut PublicationContent, id| content.municipality_id = id;
            add(&sent, &frame, ids, by, url).await
        }
    };
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

/// Adds the act to the agreement, as one of the municipality for which the caller works.
async fn add<P>(
    sent: &Submission,
    frame: &Frame,
    (id, act): Ids,
    by: impl Fn(&mut P, Option<OrganizationId>) + Send + 'static,
    url: String,
) -> Result<String, ApiError>
where
    P: PartContent + ToSchema + DeserializeOwned + Validate,
{
    let form = compact(act.groups(), &sent.form, frame.w);
    let typed = body(act.groups(), &form, frame.w, sent.by.today()?.year());
    let place = move |_: &AgreementWithPart| url.clone();
    let work = move |conn: &mut AnyConnection, cx: &RequestContext, content: &P| {
        let mut content = content.clone();
        let one = read::get(conn, cx, id, None)?;
        by(&mut content, co_owner(&cx.caller, &one));
        add_part(conn, cx, id, &content, None)
    };
    sent.post(act.operation(), typed, place, work).await
}

/// An act as it was recorded.
pub struct Recorded {
    pub id: PartId,
    /// The municipality whose act it is.
    pub by: OrganizationId,
    /// Its day, and what it is.
    pub words: String,
}

/// Returns the acts of a kind that an agreement has.
pub fn recorded(w: Words, one: &Agreement, act: Act) -> Vec<Recorded> {
    let owner = one.municipality_id;
    // An act of a municipality that no longer shares the agreement is the owner's.
    let shares = |by: &OrganizationId| one.co_owners.iter().any(|other| other.id == *by);
    let recorded = |id, by: Option<OrganizationId>, on: &ImpreciseDate, what: String| Recorded {
        id,
        by: by.filter(shares).unwrap_or(owner),
        words: format!("{}: {what}", w.date(Some(on))),
    };
    match act {
        Act::CouncilActions => {
            let all = one.council_actions.iter().map(|known| {
                let content = &known.content;
                let kind = w.label("CouncilActionKind", &content.kind);
                recorded(known.id, content.municipality_id, &content.on, kind)
            });
            all.collect()
        }
        Act::Reviews => {
            let all = one.reviews.iter().map(|known| {
                let content = &known.content;
                let rating = w.label("ReviewRating", &content.rating);
                recorded(known.id, content.municipality_id, &content.on, rating)
            });
            all.collect()
        }
        Act::Publications => {
            let all = one.publications.iter().map(|known| {
                let content = &known.content;
                let extent = w.label("PublicationExtent", &content.extent);
                recorded(
                    known.id,
                    content.municipality_id,
                    &content.published_on,
                    extent,
                )
            });
            all.collect()
        }
    }
}

/// Returns the municipality for which the caller acts.
pub fn acting(cx: &RequestContext, one: &Agreement) -> OrganizationId {
    co_owner(&cx.caller, one).unwrap_or(one.municipality_id)
}

/// Returns the municipality for which the caller acts, if it shares the agreement without owning it.
fn co_owner(caller: &Caller, one: &Agreement) -> Option<OrganizationId> {
    let owners = one.co_owners.iter().map(|owner| owner.id);
    let mut held = owners.filter(|id| caller.reach.holds(*id));
    let owns = caller.reach.holds(one.municipality_id);
    held.next().filter(|_| !owns)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, act): Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, id, None)?;
    let entry = Entry {
        title: act.name(w).to_owned(),
        lead: vec![one.content.title.in_language(w.0).to_owned()],
        groups: act.groups(),
        send: w.t("기록", "Record"),
        back: path(id),
        tables: vec![asked(frame, &one)],
        owner: Some(acting(cx, &one)),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Returns the duties that are not fulfilled, with what each still asks.
fn asked(frame: &Frame, one: &Agreement) -> Table {
    let w = frame.w;
    let left = one
        .duties
        .iter()
        .filter(|duty| matches!(duty.status, DutyStatus::Open | DutyStatus::Overdue));
    let rows = left.map(|duty| {
        let kind = w.label("DutyKind", &duty.kind);
        let occasion = w.label("Occasion", &duty.occasion);
        vec![
            Text::stated(format!("{kind} ({occasion})"), w).into(),
            Dated::of(duty.due.as_ref(), w).into(),
            Text::stated(w.label("DutyStatus", &duty.status), w).into(),
            asks(frame, one.meta.id, duty),
        ]
    });
    Table {
        caption: w
            .t("아직 남은 의무", "Duties that are not fulfilled")
            .to_owned(),
        none: w.t("남은 의무가 없습니다.", "No duty is left."),
        heads: vec![
            w.t("의무", "Duty"),
            w.t("기한", "Due"),
            w.t("상태", "Status"),
            w.t("필요한 것", "What it asks"),
        ],
        rows: rows.collect(),
    }
}

/// Returns what a duty still asks, as a link to the form that records it where there is one.
fn asks(frame: &Frame, id: AgreementId, duty: &Duty) -> Cell {
    let w = frame.w;
    let occasion = to_db(&duty.occasion);
    let council = |kind: &str, result: &[(&str, &str)], text| {
        let query = [("kind", kind), ("occasion", occasion.as_str())];
        let query: Vec<_> = query.iter().chain(result).copied().collect();
        let href = frame.with(&Act::CouncilActions.path(id), &query);
        Link::to(href, Text::stated(text, w)).into()
    };
    let review = |text| {
        let href = frame.to(&Act::Reviews.path(id));
        Link::to(href, Text::stated(text, w)).into()
    };
    match duty.kind {
        DutyKind::Review => review(w.t("점검을 기록합니다.", "A review.")),
        DutyKind::RenewalDecision => review(w.t(
            "점검에 연장 여부의 결정을 적습니다.",
            "A review with the decision on the renewal.",
        )),
        DutyKind::CouncilReport => council(
            "post_report",
            &[],
            w.t("의회에 보고한 것을 기록합니다.", "A report to the council."),
        ),
        DutyKind::Consent => council(
            "consent",
            &[("result", "accepted")],
            w.t(
                "체결 전에 가결된 의회의 동의를 기록합니다.",
                "Consent of the council, accepted before the event.",
            ),
        ),
        DutyKind::PriorReport => council(
            "prior_report",
            &[],
            w.t(
                "체결 전에 의회에 보고한 것을 기록합니다.",
                "A report to the council before the event.",
            ),
        ),
        DutyKind::Disclosure => {
            let href = frame.to(&Act::Publications.path(id));
            let text = w.t("공개를 기록합니다.", "A publication.");
            Link::to(href, Text::stated(text, w)).into()
        }
        DutyKind::AnnualReport | DutyKind::RenewalNotice => {
            Text::stated(elsewhere(w, duty.kind), w).into()
        }
    }
}

/// Returns what a duty asks that is recorded elsewhere.
fn elsewhere(w: Words, kind: DutyKind) -> &'static str {
    match kind {
        DutyKind::AnnualReport => w.t(
            "지방자치단체의 연간 보고를 기록합니다.",
            "The annual report of the municipality.",
        ),
        DutyKind::RenewalNotice => w.t(
            "연장하지 않으려면 기한까지 상대에게 통지합니다.",
            "Notice to the partner by the date, unless it is to renew itself.",
        ),
        DutyKind::Review
        | DutyKind::Disclosure
        | DutyKind::RenewalDecision
        | DutyKind::CouncilReport
        | DutyKind::Consent
        | DutyKind::PriorReport => "",
    }
}
