//! The pages of people who are signed in: what is due for them, and the forms by which they record.
//!
//! Whoever is signed in sees and does here what its token may see and do through the API: a page calls
//! the same stores, and a form stands for an operation.

mod admin;
mod agreements;
mod announcements;
mod change;
mod deletions;
mod desk;
mod entry;
mod fields;
mod files;
mod form;
mod groups;
mod imports;
mod members;
mod municipalities;
mod municipality_names;
mod organizations;
mod projects;
mod provider;
mod sign_in;
mod tables;
mod typing;
mod unmerge;
mod visit;

use actix_web::http::header::HeaderValue;
use actix_web::web;

use super::council_report::of_officers;

pub use admin::PATHS as ADMIN_PATHS;
pub use form::{in_labels, warned};
pub use sign_in::ended;
pub use visit::{Visit, answer};

/// Content security policy of these pages: besides what readers' pages may, they load scripts from
/// here, which ask this server alone.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The paths of the pages.
pub const PATHS: &[&str] = &[
    "/office",
    "/office/readings",
    "/office/suggestions",
    "/office/sign-in",
    "/office/sign-in/provider",
    "/office/sign-in/callback",
    "/office/sign-out",
    "/office/municipalities/new",
    "/office/municipalities/{id}/council-report",
    "/office/imports",
    "/office/imports/new",
    "/office/imports/{id}",
    "/office/imports/{id}/apply",
    "/office/imports/{id}/undo",
    "/office/agreements",
    "/office/agreements/new",
    "/office/agreements/paper",
    "/office/agreements/{id}",
    "/office/agreements/{id}/edit",
    "/office/agreements/{id}/parts",
    "/office/agreements/{id}/parties/new",
    "/office/agreements/{id}/commitments/new",
    "/office/agreements/{id}/sources/new",
    "/office/agreements/{id}/documents/new",
    "/office/agreements/{id}/{part:parties|commitments|documents}/{part_id}",
    "/office/agreements/{id}/{part:parties|commitments|documents}/{part_id}/removal",
    "/office/agreements/{id}/transitions/{place}",
    "/office/agreements/{id}/steps/{to}",
    "/office/agreements/{id}/acts/{act}",
    "/office/agreements/{id}/{act:council-actions|reviews|publications}/{part_id}",
    "/office/agreements/{id}/{act:council-actions|reviews|publications}/{part_id}/removal",
    "/office/agreements/{id}/commitments/{commitment_id}/report",
    "/office/agreements/{id}/commitments/{commitment_id}/reports/{report_id}",
    "/office/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/retraction",
    "/office/agreements/{id}/documents/{part_id}/files/new",
    "/office/agreements/{id}/documents/{part_id}/files/erasure",
    "/office/agreements/{id}/council-actions/{part_id}/files/new",
    "/office/agreements/{id}/council-actions/{part_id}/files/erasure",
    "/office/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/files/new",
    "/office/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/files/erasure",
    "/office/{kind:agreements|projects|milestones|working-groups|meetings|announcements}/{id}/deletion",
    "/office/meetings/{id}/files/new",
    "/office/meetings/{id}/files/erasure",
    "/office/milestones/{id}/files/new",
    "/office/milestones/{id}/files/erasure",
    "/office/organizations/{id}",
    "/office/organizations/{id}/edit",
    "/office/organizations/{id}/unmerge",
    "/office/announcements",
    "/office/announcements/new",
    "/office/announcements/{id}",
    "/office/announcements/{id}/edit",
    "/office/announcements/{id}/confirm",
    "/office/announcements/{id}/reject",
    "/office/announcements/{id}/draft",
    "/office/announcements/{id}/reopen",
    "/office/reconciliation",
    "/office/projects",
    "/office/projects/new",
    "/office/projects/{id}",
    "/office/projects/{id}/edit",
    "/office/projects/{id}/phases/new",
    "/office/projects/{id}/statements/new",
    "/office/projects/{id}/milestones/new",
    "/office/milestones/{id}/edit",
    "/office/milestones/{id}/target",
    "/office/milestones/{id}/outcome",
    "/office/milestones/{id}/{kind}/{statement_id}/retraction",
    "/office/projects/{id}/statements/{statement_id}/retraction",
    "/office/working-groups",
    "/office/working-groups/new",
    "/office/working-groups/{id}",
    "/office/working-groups/{id}/edit",
    "/office/working-groups/{id}/meetings/new",
    "/office/meetings/{id}",
    "/office/{of:working-groups|organizations}/{id}/members/new",
    "/office/{of:working-groups|organizations}/{id}/members/{member_id}",
    "/office/{of:working-groups|organizations}/{id}/members/{member_id}/removal",
];

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(sign_in::show)
        .service(sign_in::sign_in)
        .service(sign_in::sign_out)
        .service(provider::leave)
        .service(provider::come_back)
        .service(desk::desk)
        .service(municipalities::open)
        .service(municipalities::send)
        .service(of_officers)
        .service(deletions::ask)
        .service(deletions::delete)
        .service(members::open)
        .service(members::send)
        .service(members::ask)
        .service(members::remove)
        .service(members::open_one)
        .service(members::send_one)
        .service(organizations::show)
        .service(organizations::open)
        .service(organizations::send)
        .service(unmerge::ask)
        .service(unmerge::send)
        .service(typing::readings)
        .service(typing::suggestions);
    files::configure(config);
    imports::configure(config);
    agreements::configure(config);
    announcements::configure(config);
    admin::configure(config);
    projects::configure(config);
    groups::configure(config);
}
