//! What is due for whoever is signed in: drafts that wait, reports to confirm, duties, and what nobody
//! has reported on.

use actix_web::{HttpResponse, get};
use askama::Template;
use chrono::{Days, NaiveDate};

use super::admin;
use super::municipalities::has_own;
use super::tables::DONE;
use super::visit::Visit;
use crate::agreements::duties::handlers::DutyFilter;
use crate::agreements::duties::store as duty_store;
use crate::agreements::duties::types::DutyStatus;
use crate::agreements::list as agreements;
use crate::agreements::list::AgreementFilter;
use crate::agreements::reports::list::{self as reports, ReportListFilter};
use crate::agreements::reports::types::{ListedReport, Standing};
use crate::agreements::types::AgreementStatus;
use crate::db::AnyConnection;
use crate::http::permissions::Access;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::ledger::RequestContext;
use crate::ledger::caller::{Reach, Role};
use crate::pages::agreements::{DutyRow, Served, duties};
use crate::pages::bodies::ReportForm;
use crate::pages::items::{Item, falling_due, item, overdue};
use crate::pages::layout::Layout;
use crate::pages::lists::first;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::reader::Frame;
use crate::projections::freshness::FreshnessState;
use crate::timeline::handlers::TimelineFilter;
use crate::timeline::store as timeline;

/// Rows of each list.
const ROWS: usize = 10;

/// Days ahead in which a duty is shown.
const AHEAD: u64 = 60;

#[derive(Template)]
#[template(path = "office_desk.html")]
struct DeskPage {
    l: Layout,
    /// URL of the form that records the first municipality, on a registry without any.
    first_step: Option<String>,
    /// A municipality was just recorded.
    is_done: bool,
    /// URLs of the forms that record something.
    records: Vec<Link>,
    department: String,
    action: String,
    waiting: Vec<Served>,
    to_confirm: Vec<ReportRow>,
    duties: Vec<DutyRow>,
    /// What is overdue, and what falls due next.
    dated: Vec<Item>,
    report: Option<ReportForm>,
    own: Vec<Served>,
    stale: Vec<Served>,
    is_partner: bool,
    /// The parts of the administration, each with what is there.
    admin: Vec<(Link, Text)>,
    sign_out: String,
}

/// A partner's report that waits for the city.
struct ReportRow {
    agreement: Link,
    commitment: Text,
    by: Text,
    on: Dated,
    status: String,
}

#[get("/office")]
pub async fn desk(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit.page(desk_page).await
}

fn desk_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    let w = frame.w;
    let lists = Desk::of(cx, frame);
    let is_partner = cx.caller.role == Some(Role::Partner);
    let is_empty = !has_own(conn, cx)?;
    let may_begin = cx.caller.role == Some(Role::Admin) && cx.caller.reach == Reach::All;
    let may_record = Access::Write.is_for(cx.caller.role);
    let page = DeskPage {
        first_step: (is_empty && may_begin).then(|| frame.to("office/municipalities/new")),
        is_done: frame.get(DONE).is_some() && !is_empty,
        records: match !is_empty && may_record {
            true => records(frame),
            false => Vec::new(),
        },
        department: lists.department.clone().unwrap_or_default(),
        action: frame.plain("office", &[]),
        waiting: match is_partner {
            true => Vec::new(),
            false => lists.agreements(conn, cx, frame, |filter| {
                filter.status = Some(vec![
                    AgreementStatus::Draft,
                    AgreementStatus::InReview,
                    AgreementStatus::Approved,
                ]);
            })?,
        },
        to_confirm: match may_record {
            true => lists.reports(conn, cx, frame)?,
            false => Vec::new(),
        },
        duties: match is_partner {
            true => Vec::new(),
            false => lists.duties(conn, cx, frame)?,
        },
        dated: lists.dated(conn, cx, frame)?,
        report: lists
            .municipality
            .filter(|_| !is_partner)
            .map(|id| ReportForm::of_officers(cx, frame, id)),
        own: match is_partner {
            true => lists.agreements(conn, cx, frame, |filter| {
                filter.organization_id = lists.organization;
            })?,
            false => Vec::new(),
        },
        stale: match is_partner {
            true => Vec::new(),
            false => lists.agreements(conn, cx, frame, |filter| {
                filter.freshness = Some(FreshnessState::Stale);
            })?,
        },
        is_partner,
        admin: admin::parts(frame, cx.caller.role),
        sign_out: frame.to("office/sign-out"),
        l: Layout::new(frame, w.t("내 업무", "My desk"), w.t("내 업무", "My desk")),
    };
    page.render().map_err(ApiError::internal)
}

/// Returns the forms that record something.
fn records(frame: &Frame) -> Vec<Link> {
    let w = frame.w;
    let all = [
        ("agreements/new", w.t("협약 기록", "Record an agreement")),
        (
            "agreements/paper",
            w.t(
                "문서에서 협약 읽어 오기",
                "Read an agreement from its paper",
            ),
        ),
        ("projects/new", w.t("사업 기록", "Record a project")),
        (
            "working-groups/new",
            w.t("실무협의체 기록", "Record a working group"),
        ),
    ];
    let all =
        all.map(|(of, text)| Link::to(frame.to(&format!("office/{of}")), Text::stated(text, w)));
    all.into()
}

/// For whom the lists are.
struct Desk {
    /// The only municipality for which the caller works; `None` if there are several.
    municipality: Option<OrganizationId>,
    /// The organization of a partner.
    organization: Option<OrganizationId>,
    department: Option<String>,
    until: Option<NaiveDate>,
}

impl Desk {
    fn of(cx: &RequestContext, frame: &Frame) -> Self {
        Self {
            municipality: match &cx.caller.reach {
                Reach::Of(some) if some.len() == 1 => some.first().copied(),
                Reach::Of(_) | Reach::All => None,
            },
            organization: cx.caller.organization_id,
            department: frame.get("department").map(str::to_owned),
            until: cx.today.checked_add_days(Days::new(AHEAD)),
        }
    }

    fn agreements(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        frame: &Frame,
        narrow: impl FnOnce(&mut AgreementFilter),
    ) -> Result<Vec<Served>, ApiError> {
        let mut filter = AgreementFilter {
            municipality_id: self.municipality,
            department: self.department.clone(),
            ..AgreementFilter::default()
        };
        narrow(&mut filter);
        let page = first(&filter, ROWS);
        let listed = agreements::list(conn, cx, &filter, &page)?;
        Ok(listed
            .items
            .iter()
            .map(|one| Served::of(frame, one))
            .collect())
    }

    fn reports(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        frame: &Frame,
    ) -> Result<Vec<ReportRow>, ApiError> {
        let filter = ReportListFilter {
            municipality_id: self.municipality,
            standing: Some(vec![Standing::AwaitingConfirmation]),
            ..ReportListFilter::default()
        };
        let page = first(&filter, ROWS);
        let ids = reports::find(conn, cx, &filter, &page)?.items;
        let rows = reports::shown(conn, cx, &ids, None)?;
        Ok(rows.iter().map(|one| report(frame, &one.row)).collect())
    }

    /// Returns the latest items that are overdue, and the first ones that fall due.
    fn dated(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        frame: &Frame,
    ) -> Result<Vec<Item>, ApiError> {
        let mut all = Vec::new();
        for filter in [overdue(), falling_due(cx.today, AHEAD)] {
            let filter = TimelineFilter {
                municipality_id: self.municipality,
                organization_id: self.organization,
                department: self.department.clone(),
                ..filter
            };
            let listed = timeline::list(conn, cx, &filter, &first(&filter, ROWS))?;
            all.extend(listed.items.iter().map(|one| item(frame, one)));
        }
        Ok(all)
    }

    fn duties(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        frame: &Frame,
    ) -> Result<Vec<DutyRow>, ApiError> {
        let filter = DutyFilter {
            municipality_id: self.municipality,
            department: self.department.clone(),
            status: Some(vec![DutyStatus::Overdue, DutyStatus::Open]),
            due_to: self.until,
            ..DutyFilter::default()
        };
        let page = first(&filter, ROWS);
        Ok(duties(
            frame,
            &duty_store::list(conn, cx, &filter, &page)?.items,
        ))
    }
}

fn report(frame: &Frame, one: &ListedReport) -> ReportRow {
    let w = frame.w;
    let report = &one.report;
    let path = format!(
        "office/agreements/{}/commitments/{}/reports/{}",
        report.agreement_id, report.commitment_id, report.meta.id
    );
    let by = report.reported_by.organization.as_ref();
    ReportRow {
        agreement: Link::to(frame.to(&path), Text::of(&report.agreement.title, w)),
        commitment: Text::of(&report.commitment.text, w),
        by: by.map_or_else(
            || Text::stated(report.reported_by.name.clone(), w),
            |organization| Text::of(&organization.name, w),
        ),
        on: Dated::of(Some(&report.content.on), w),
        status: w.label("ReportedStatus", &report.content.status),
    }
}
