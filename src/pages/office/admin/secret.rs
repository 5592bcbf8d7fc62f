//! Secrets that are shown once: the page, and the way of a secret to it past everything that is kept.

use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use validator::Validate;

use crate::db::AnyConnection;
use crate::http::signed_in::{SignedIn, Submission, Typed};
use crate::kernel::error::ApiError;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::office::entry::{self, Make};
use crate::pages::office::visit::{go_to, shown};
use crate::pages::reader::Frame;

/// A secret on its way to the page. An answer that is kept for the key of a form never holds it, so
/// the same form, sent again, leads on without it.
#[derive(Clone, Default)]
pub struct Once(Arc<Mutex<Option<String>>>);

impl Once {
    /// Takes a secret, in place of that of an attempt which did not last.
    pub fn put(&self, secret: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret);
    }

    fn take(&self) -> Option<String> {
        let mut secret = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        secret.take()
    }
}

/// What is said around a secret.
pub struct Said {
    pub title: &'static str,
    pub label: &'static str,
    pub warning: &'static str,
}

#[derive(Template)]
#[template(path = "office_secret.html")]
struct SecretPage {
    l: Layout,
    label: &'static str,
    warning: &'static str,
    secret: String,
    on: String,
}

/// Does an operation that makes a record with a secret, both of which `work` returns, and shows the
/// secret, on a page that leads on to the URL from `place`. A form that is refused is shown again.
///
/// # Errors
/// What no form can help with; `forbidden` for roles that may not do the operation.
pub async fn record<T, R>(
    sent: Submission,
    frame: Frame,
    (operation, typed): (&'static str, Typed),
    said: Said,
    place: impl Fn(&R) -> String + Send + 'static,
    mut work: impl FnMut(&mut AnyConnection, &RequestContext, &T) -> Result<(R, String), ApiError>
    + Send
    + 'static,
    make: impl Make,
) -> Result<HttpResponse, ApiError>
where
    T: ToSchema + DeserializeOwned + Validate + Send + 'static,
    R: Serialize + Versioned + Send + 'static,
{
    let once = Once::default();
    let kept = once.clone();
    let work = move |conn: &mut AnyConnection, cx: &RequestContext, new: &T| {
        let (made, secret) = work(conn, cx, new)?;
        kept.put(secret);
        Ok(made)
    };
    let done = sent.post(operation, typed, place, work).await;
    let Submission { by, form } = sent;
    match done {
        Ok(on) => show(&by, frame, said, &once, on).await,
        Err(error) => entry::settled_as(operation, &by, frame, form, Err(error), make).await,
    }
}

/// Shows a secret, or goes on to `on` if the form was sent before.
///
/// # Errors
/// `unauthenticated` if the session has ended.
pub async fn show(
    by: &SignedIn,
    frame: Frame,
    said: Said,
    once: &Once,
    on: String,
) -> Result<HttpResponse, ApiError> {
    let Some(secret) = once.take() else {
        return Ok(go_to(&on));
    };
    shown(by, frame, StatusCode::OK, move |_, _, frame| {
        let page = SecretPage {
            l: Layout::new(frame, said.title, said.title),
            label: said.label,
            warning: said.warning,
            secret,
            on,
        };
        page.render().map_err(ApiError::internal)
    })
    .await
}
