//! `mou-registry municipalities`: passes the records of abolished municipalities to their
//! successors, for operators with access to the database.

use anyhow::{Context, anyhow};
use chrono::NaiveDate;

use super::token::in_words;
use crate::app::config::{Days, MunicipalityCommand};
use crate::db::{AnyConnection, DatabaseUrl, dialect};
use crate::directory::municipalities::municipality as official;
use crate::kernel::clock::{Clock, NewIds};
use crate::kernel::error::ApiError;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::municipalities::succession::{Passing, Planned};
use crate::municipalities::{retraction, succession};

/// Runs a command and prints its result.
///
/// # Errors
/// Returns the cause, in English.
pub fn run(url: &DatabaseUrl, command: MunicipalityCommand) -> anyhow::Result<()> {
    match command {
        MunicipalityCommand::Succeed {
            code,
            into,
            on,
            apply,
            days,
        } => pass_over(url, (code, into, on), apply, &days),
        MunicipalityCommand::Retract {
            code,
            reason,
            apply,
            days,
        } => retract(url, &code, reason, (apply, &days)),
    }
}

fn retract(
    url: &DatabaseUrl,
    code: &str,
    reason: String,
    (apply, days): (bool, &Days),
) -> anyhow::Result<()> {
    let mut conn = dialect::connect(url).context("cannot open the database")?;
    dialect::migrate(&mut conn)?;
    let cx = RequestContext::new(&Clock::system(days.time_zone), NewIds::Random);
    let reason = Localized {
        ko: Some(reason),
        en: None,
    };
    let done = dialect::write_alone(&mut conn, |conn| {
        retraction::retract(conn, &cx, code, (&reason, apply))
    });
    done.map_err(|error: ApiError| anyhow!(in_words(&error)))?;
    println!(
        "{}",
        match apply {
            true => "Taken back.",
            false => "Nothing depends on it; --apply takes it back.",
        }
    );
    Ok(())
}

/// Code of the predecessor, codes of the successors, and their first day, as far as given.
type Given = (Option<String>, Vec<String>, Option<NaiveDate>);

fn pass_over(
    url: &DatabaseUrl,
    (code, into, on): Given,
    apply: bool,
    days: &Days,
) -> anyhow::Result<()> {
    let mut conn = dialect::connect(url).context("cannot open the database")?;
    dialect::migrate(&mut conn)?;
    let cx = RequestContext::new(&Clock::system(days.time_zone), NewIds::Random);
    let given = code.as_deref().zip(on).map(|(code, on)| Planned {
        code: code.to_owned(),
        into,
        on,
    });
    let done = dialect::write_alone(&mut conn, |conn| {
        let planned = match &given {
            Some(given) => vec![given.clone()],
            None => succession::planned(conn, code.as_deref())?,
        };
        let mut lines = Vec::new();
        for planned in &planned {
            lines.push(line(planned, succession::passing(conn, &cx, planned)?));
        }
        if apply {
            succeed(conn, &cx, &planned)?;
        }
        Ok(lines)
    });
    let lines: Vec<String> = done.map_err(|error: ApiError| anyhow!(in_words(&error)))?;
    for line in &lines {
        println!("{line}");
    }
    println!("{}", outcome(lines.len(), apply));
    Ok(())
}

fn succeed(conn: &mut AnyConnection, cx: &RequestContext, all: &[Planned]) -> Result<(), ApiError> {
    for planned in all {
        succession::succeed(conn, cx, planned)?;
    }
    Ok(())
}

fn outcome(count: usize, apply: bool) -> String {
    match (count, apply) {
        (0, _) => "No recorded municipality has a succession that is not recorded yet.".into(),
        (count, true) => format!("Recorded: {count}."),
        (count, false) => format!("Nothing was changed; --apply records these: {count}."),
    }
}

fn line(planned: &Planned, passing: Passing) -> String {
    let named = |code: &String| {
        let name = official(code).and_then(|m| m.full_name.ko.as_deref());
        format!("{code} {}", name.unwrap_or("?"))
    };
    let into: Vec<String> = planned.into.iter().map(named).collect();
    let Passing {
        agreements,
        reports,
        duties,
        projects,
        working_groups,
        tokens,
    } = passing;
    format!(
        "{} -> {} on {}: {agreements} agreements, {reports} reports, {duties} duties, \
         {projects} projects, {working_groups} working groups, {tokens} tokens",
        named(&planned.code),
        into.join(" and "),
        planned.on,
    )
}
