//! Handler of `/projects.oc4ids.json`.

use std::io::Write as _;

use actix_web::http::header::{Header as _, IfNoneMatch};
use actix_web::http::uri::PathAndQuery;
use actix_web::{HttpRequest, get};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::project::{Terms, updated};
use crate::db::AnyConnection;
use crate::db::page::Page;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::tables::{FileAnswer, FileHead, Spool, failed};
use crate::http::{Filter as _, Read, public_url};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::{Language, Message};
use crate::ledger::{Caller, RequestContext};
use crate::projects::handlers::{ProjectFilter, ProjectSort};
use crate::projects::{list, store};

/// The version of the standard, as packages state it: without the patch version.
const VERSION: &str = "0.9";
/// Number of projects that are looked up at once.
const AT_ONCE: usize = 100;

/// Filters of the package.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PackageFilter {
    /// Only projects of this municipality, which is the publisher then.
    municipality_id: Option<OrganizationId>,
    /// The publisher's registered prefix of project ids. Ids begin with it; without it they are those of
    /// the registry.
    #[param(
        pattern = "^oc4ids-[a-z0-9]{6}$",
        max_length = 13,
        example = "oc4ids-bu3kcz"
    )]
    prefix: Option<String>,
}

/// A project package of the Open Contracting for Infrastructure Data Standard (OC4IDS), version 0.9.5,
/// as its schema describes it.
#[derive(Serialize, ToSchema)]
#[schema(value_type = Object, example = json!({
    "uri": "https://city.example/api/v1/projects.oc4ids.json", "version": "0.9",
    "publisher": {"name": "고양시"}, "projects": [{"id": "oc4ids-bu3kcz-0178d7fa-2c00-7000-8000-000000000001"}],
    "publishedDate": "2026-11-23T03:00:00Z",
}))]
pub struct ProjectPackage(Value);

/// Read projects as an OC4IDS package
///
/// Returns the public projects in the Open Contracting for Infrastructure Data Standard, version 0.9.5.
/// A date is given as a date only if it is a certain day, and an amount as a number only if it is
/// exact; a deadline is the last day of a target. Everything else is in words. A project whose title
/// is in one language alone is in that language. Not found if there is no public project: a package cannot be empty.
#[utoipa::path(tag = "projects", operation_id = "get_project_package", params(PackageFilter),
    responses((status = 200, description = "The package", body = ProjectPackage)))]
#[get("/projects.oc4ids.json")]
async fn get_project_package(
    req: HttpRequest,
    read: Read<PackageFilter>,
) -> Result<FileAnswer, ApiError> {
    let Read { session, query } = read;
    let path = req.uri().path_and_query().map(PathAndQuery::as_str);
    let uri = public_url::base(&req) + path.unwrap_or_default();
    let language = Language::of(&req);
    let head = FileHead {
        content_type: "application/json",
        name: Message::fixed("사업", "projects"),
        suffix: "oc4ids.json",
    };
    let known = IfNoneMatch::parse(&req).unwrap_or(IfNoneMatch::Items(Vec::new()));
    session
        .stream(head, known, None, move |conn, cx, spool| {
            let terms = Terms {
                language,
                zone: cx.zone,
                prefix: query.prefix,
            };
            let package = Package {
                spool,
                uri,
                terms,
                count: 0,
                changed: DateTime::UNIX_EPOCH,
            };
            // Whoever publishes it, a package shows what everyone may see.
            let everyone = cx.clone();
            let everyone = everyone.by(Caller::anonymous(), cx.operation, cx.request_id.clone());
            package.write(conn, &everyone, query.municipality_id)
        })
        .await
}

/// A package that is written.
struct Package {
    spool: Spool,
    uri: String,
    terms: Terms,
    count: usize,
    /// Instant of the last change of a project or of one of its milestones.
    changed: DateTime<Utc>,
}

impl Package {
    fn write(
        mut self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        municipality: Option<OrganizationId>,
    ) -> Result<(), ApiError> {
        let filter = ProjectFilter {
            municipality_id: municipality,
            organization_id: None,
            agreement_id: None,
            kind: None,
            status: None,
            gap: None,
            q: None,
            as_of: None,
            sort: Some(ProjectSort::Id),
        };
        let mut page = Page {
            order: filter.order(),
            limit: AT_ONCE,
            after: None,
            with_total: false,
        };
        loop {
            let listed = list::find(conn, cx, &filter, &page)?;
            for id in listed.items {
                let id = id.parse().map_err(ApiError::internal)?;
                let project = store::get(conn, cx, id, None)?;
                self.changed = self.changed.max(updated(&project));
                let publisher = municipality.map(|_| self.terms.publisher(&project));
                self.begin(publisher)?;
                let terms = self.terms.in_language_of(&project.content.title);
                let project = terms.project(&project);
                self.put(&project)?;
            }
            self.spool.publish();
            page.after = listed.next;
            if page.after.is_none() {
                return self.end();
            }
        }
    }

    /// Writes what is before the next project.
    fn begin(&mut self, publisher: Option<String>) -> Result<(), ApiError> {
        self.count += 1;
        if self.count > 1 {
            return self.text(",\n");
        }
        let publisher = publisher.unwrap_or_else(|| "mou-registry".into());
        let (uri, publisher) = (json!(self.uri), json!(publisher));
        self.text(&format!(
            "{{\"uri\":{uri},\"version\":\"{VERSION}\",\"publisher\":{{\"name\":{publisher}}},\n\"projects\":[\n"
        ))
    }

    fn end(mut self) -> Result<(), ApiError> {
        if self.count == 0 {
            return Err(ApiError::with(
                Code::NotFound,
                "공개된 사업이 없습니다.",
                "There is no public project.",
            ));
        }
        let published = self.changed.to_rfc3339_opts(SecondsFormat::Secs, true);
        self.text(&format!("\n],\"publishedDate\":\"{published}\"}}\n"))?;
        self.spool.publish();
        Ok(())
    }

    fn put(&mut self, value: &Value) -> Result<(), ApiError> {
        serde_json::to_writer(&mut self.spool, value).map_err(ApiError::internal)
    }

    fn text(&mut self, text: &str) -> Result<(), ApiError> {
        self.spool.write_all(text.as_bytes()).map_err(failed)
    }
}

pub fn configure(config: &mut impl Mount) {
    config.route(get_project_package, Access::Read.to_figures());
}
