//! `mou-registry token`: manages tokens on the command line, for operators with access to the
//! database.

use std::error::Error;

use anyhow::{Context, anyhow};
use diesel::prelude::*;

use crate::access::types::{Token, TokenContent};
use crate::access::{bound_tokens, tokens};
use crate::app::config::TokenCommand;
use crate::db::schema::organizations as o;
use crate::db::{AnyConnection, DatabaseUrl, dialect};
use crate::http::checked::decode;
use crate::http::contract::Members;
use crate::kernel::clock::{Clock, NewIds};
use crate::kernel::error::{ApiError, Place, chain};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Language;
use crate::kernel::values::{Localized, stored_id};
use crate::ledger::RequestContext;

/// Argument for a token that covers every municipality.
const ALL: &str = "all";

/// Runs a command and prints its result.
///
/// # Errors
/// Returns the cause, in English.
pub fn run(url: &DatabaseUrl, command: TokenCommand) -> anyhow::Result<()> {
    let mut conn = dialect::connect(url).with_context(|| format!("cannot open {url}"))?;
    dialect::migrate(&mut conn).with_context(|| format!("cannot migrate {url}"))?;
    let cx = RequestContext::new(&Clock::system(chrono_tz::UTC), NewIds::Random);
    let done = dialect::write(&mut conn, |conn| carry_out(conn, &cx, command));
    println!("{}", done.map_err(|error| anyhow!(in_words(&error)))?);
    Ok(())
}

fn carry_out(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    command: TokenCommand,
) -> Result<String, ApiError> {
    match command {
        TokenCommand::Create {
            name,
            role,
            municipality,
            organization,
            expires,
        } => {
            let (all, codes): (Vec<_>, Vec<_>) =
                municipality.into_iter().partition(|code| code == ALL);
            let new = TokenContent {
                name,
                role,
                all_municipalities: !all.is_empty(),
                municipality_ids: municipalities(conn, &codes)?,
                organization_id: organization,
                expires_at: expires.map(|span| cx.now.and_utc() + span),
            };
            // Apply the same rules as the API.
            let body = serde_json::to_value(&new).map_err(ApiError::internal)?;
            crate::app::spec();
            let new: TokenContent = decode("TokenContent", Members::Closed, body)?;
            let (_, secret) = tokens::create(conn, cx, &new)?;
            Ok(secret.as_str().to_owned())
        }
        TokenCommand::List => {
            let tokens = tokens::all(conn, cx)?;
            let lines = tokens.into_iter().map(line);
            Ok(lines.collect::<Vec<_>>().join("\n"))
        }
        TokenCommand::Renew { id } => {
            let token = bound_tokens::renew(conn, cx, id)?;
            Ok(format!("{} ({}) is renewed.", token.meta.id, token.name))
        }
        TokenCommand::Revoke { id } => {
            let token = tokens::revoke(conn, cx, id)?;
            Ok(format!("{} ({}) is revoked.", token.meta.id, token.name))
        }
    }
}

/// Returns the line of a token in the list.
fn line(token: Token) -> String {
    let day = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map_or_else(|| "-".to_owned(), |at| at.format("%FT%TZ").to_string())
    };
    let names = token.municipalities.iter().map(|m| shown(&m.name));
    let reach = match names.collect::<Vec<_>>().join(",") {
        none if none.is_empty() => ALL.to_owned(),
        some => some,
    };
    let partner = token
        .organization
        .map(|o| format!(" for {}", shown(&o.name)));
    format!(
        "{} {}{} of {reach} expires {} used {} revoked {}{} {}",
        token.meta.id,
        token.role.as_str(),
        partner.unwrap_or_default(),
        day(token.expires_at),
        day(token.last_used_at),
        day(token.revoked_at),
        if token.suspended { " suspended" } else { "" },
        // The name comes from a request and could contain terminal escape sequences.
        token.name.escape_debug(),
    )
}

fn shown(name: &Localized) -> String {
    let text = name.texts().next().unwrap_or_default();
    text.escape_debug().to_string()
}

fn municipalities(
    conn: &mut AnyConnection,
    codes: &[String],
) -> Result<Vec<OrganizationId>, ApiError> {
    let mut ids = Vec::new();
    for code in codes {
        let id = o::table
            .filter(o::code.eq(code))
            .select(o::id)
            .first::<String>(conn)
            .optional()?;
        let id = id.ok_or_else(|| {
            ApiError::with(
                crate::kernel::error::Code::NotFound,
                format!("등록된 지방자치단체 가운데 코드 {code}가 없습니다."),
                format!("no municipality with the code {code} is recorded"),
            )
        })?;
        ids.push(stored_id(&id)?);
    }
    Ok(ids)
}

/// Returns the id of the recorded municipality with a code.
///
/// # Errors
/// `not_found`
pub(super) fn municipality(
    conn: &mut AnyConnection,
    code: &str,
) -> Result<OrganizationId, ApiError> {
    let ids = municipalities(conn, &[code.to_owned()])?;
    ids.first().copied().ok_or_else(ApiError::not_found)
}

pub(super) fn in_words(error: &ApiError) -> String {
    let says = |message: &crate::kernel::language::Message| {
        message.in_language(Language::English).to_owned()
    };
    let wrong = error.errors.iter().map(|e| match &e.place {
        Place::Body(at) | Place::Query(at) => format!("{at}: {}", says(&e.message)),
        Place::Header(at) => format!("{at}: {}", says(&e.message)),
    });
    let detail = error.detail.iter().map(|detail| says(detail));
    let parts: Vec<String> = detail.chain(wrong).collect();
    if parts.is_empty() {
        return error
            .source()
            .map_or_else(|| error.code.title().en.to_string(), chain);
    }
    parts.join("; ")
}
