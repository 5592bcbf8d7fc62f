//! Random operations on SQLite, on PostgreSQL and on a small model in memory, with the same
//! answers.
//!
//! The model holds days as text and each rule in its simplest form. What follows from dates that are
//! imprecise, unknown or relative is found by trying all days that they can mean. Answers that it does not
//! predict must still be identical on the two databases.

mod dates;
mod memory;
mod milestones;
mod ops;
mod registry;
mod reports;
mod succession;

use memory::Model;
use ops::{Op, op};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use registry::{Registry, told};

use crate::support::Backend;

on_both!(sync: databases_and_model_agree);

async fn agree(backend: Backend, ops: Vec<Op>) {
    let mut registries = vec![Registry::new(Backend::Sqlite).await];
    if backend == Backend::Postgres {
        registries.push(Registry::new(Backend::Postgres).await);
    }
    let mut model = Model::default();
    for (n, op) in ops.iter().enumerate() {
        let before = model.clone();
        let (status, foretold) = model.apply(op);
        let mut answers = Vec::new();
        for registry in &mut registries {
            let answer = registry.apply(op, &before).await;
            assert_eq!(
                answer.status.as_u16(),
                status,
                "{n}: {op:?} on {before:?}: {}",
                answer.text
            );
            if let Some(foretold) = &foretold {
                assert_eq!(
                    told(op, &answer.body, &registry.municipalities),
                    *foretold,
                    "{n}: {op:?} on {before:?}"
                );
            }
            answers.push(registry.symbolic(&answer));
        }
        assert!(
            answers.windows(2).all(|pair| pair[0] == pair[1]),
            "{n}: {op:?}: {answers:#?}"
        );
    }
    for registry in &registries {
        assert_eq!(crate::support::log::wrong(&registry.api), None);
    }
}

/// Runs on SQLite alone or on both databases. `MOU_MODEL_CASES` sets the number of cases.
fn databases_and_model_agree(backend: Backend) {
    let cases = std::env::var("MOU_MODEL_CASES").map_or(8, |n| n.parse().unwrap());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let checked = TestRunner::new_with_rng(config, rng).run(&vec(op(), 40..80), |ops| {
        actix_web::rt::System::new().block_on(agree(backend, ops));
        Ok(())
    });
    if let Err(TestError::Fail(reason, _) | TestError::Abort(reason)) = checked {
        panic!("{reason}");
    }
}
