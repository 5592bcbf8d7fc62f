//! Collects the tests and runs them as libtest does, except that a test can be ignored at run time:
//! the PostgreSQL tests are, with the reason, where its programs are missing.

use std::panic::resume_unwind;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Trial};

use super::databases::{Backend, POSTGRES_BIN};

/// A test, registered by [`on_both`] or [`tests`].
pub struct Test {
    /// Path of the test's function, including the crate.
    pub name: &'static str,
    /// The database that the test needs, if any.
    pub backend: Option<Backend>,
    /// Why the test is ignored by default, if it is.
    pub ignored: Option<&'static str>,
    pub run: fn(),
}

inventory::collect!(Test);

/// Runs the tests that the command line selects.
///
/// Fails if `MOU_TEST_POSTGRES=required` and PostgreSQL's programs are missing.
pub fn run(mut args: Arguments) -> ExitCode {
    let required = std::env::var("MOU_TEST_POSTGRES").is_ok_and(|value| value == "required");
    if required && POSTGRES_BIN.is_none() {
        eprintln!("error: MOU_TEST_POSTGRES=required, but initdb and postgres were not found");
        return ExitCode::FAILURE;
    }
    // Twice as many as processors: a third of the time, tests wait for disks and for PostgreSQL.
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    args.test_threads.get_or_insert(2 * processors);
    let tests = inventory::iter::<Test>.into_iter();
    let mut trials: Vec<Trial> = tests.map(|test| trial(test, &args)).collect();
    trials.sort_by(|a, b| a.name().cmp(b.name()));
    libtest_mimic::run(&args, trials).exit_code()
}

fn trial(test: &'static Test, args: &Arguments) -> Trial {
    let missing = test.backend == Some(Backend::Postgres) && POSTGRES_BIN.is_none();
    let ignored = missing.then_some("PostgreSQL's programs are not installed");
    let ignored = ignored.or(test.ignored);
    let name = test.name.split_once("::").unwrap().1;
    let skip = ignored.filter(|_| !args.ignored && !args.include_ignored);
    let run = move || {
        if let Some(reason) = skip {
            return Ok(Completion::ignored_with(reason));
        }
        // A thread of its own, so that a panic names the test.
        let thread = std::thread::Builder::new().name(name.to_owned());
        let result = thread.spawn(test.run).unwrap().join();
        result.unwrap_or_else(|panic| resume_unwind(panic));
        Ok(Completion::Completed)
    };
    // The flag alone would hide the reason.
    Trial::ignorable_test(name, run)
        .with_ignored_flag(ignored.is_some() && (args.ignored || args.list))
}

/// Registers tests that run on SQLite and on PostgreSQL.
///
/// The kind before the colon names the parameter of the functions:
/// - `new`: an [`Api`](super::api::Api) of an empty registry, for an `async fn`
/// - `with_demo`: an `Api` of a registry with the demonstration's records, for an `async fn`
/// - `async`, `sync`: the [`Backend`]
macro_rules! on_both {
    (ignored = $reason:literal, $kind:tt: $($name:ident),* $(,)?) => {
        on_both!(@ Some($reason), $kind, $($name),*);
    };
    ($kind:tt: $($name:ident),* $(,)?) => { on_both!(@ None, $kind, $($name),*); };
    (@ $ignored:expr, $kind:tt, $($name:ident),*) => {
        $(on_both!(@ $ignored, $kind, $name, "::sqlite::", Sqlite);
        on_both!(@ $ignored, $kind, $name, "::postgres::", Postgres);)*
    };
    (@ $ignored:expr, $kind:tt, $name:ident, $path:literal, $backend:ident) => {
        inventory::submit! {
            $crate::support::runner::Test {
                name: concat!(module_path!(), $path, stringify!($name)),
                backend: Some($crate::support::databases::Backend::$backend),
                ignored: $ignored,
                run: || run!($kind $name($crate::support::databases::Backend::$backend)),
            }
        }
    };
}

/// Registers tests without parameters, which choose a database themselves or need none.
macro_rules! tests {
    ($kind:tt: $($name:ident),* $(,)?) => {
        $(inventory::submit! {
            $crate::support::runner::Test {
                name: concat!(module_path!(), "::", stringify!($name)),
                backend: None,
                ignored: None,
                run: || run!($kind $name()),
            }
        })*
    };
}

macro_rules! run {
    (sync $name:ident($($backend:expr)?)) => { $name($($backend)?) };
    (async $name:ident($($backend:expr)?)) => {
        actix_web::rt::System::new().block_on($name($($backend)?))
    };
    ($start:ident $name:ident($backend:expr)) => {
        actix_web::rt::System::new().block_on(async {
            $name($crate::support::api::Api::$start($backend).await).await
        })
    };
}
