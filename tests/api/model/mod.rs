//! Random operations on SQLite, on PostgreSQL and on a small model in memory: the same answers.
//!
//! The model knows days only as text, and each rule in its plainest form. What it does not foretell,
//! the two databases still have to agree on, word for word.

mod memory;
mod ops;
mod registry;
mod reports;

use memory::Model;
use ops::{Op, op};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use registry::{Registry, told};

use crate::harness::Backend;

async fn agree(ops: Vec<Op>) {
    let mut registries = vec![Registry::new(Backend::Sqlite).await];
    if cfg!(postgres_programs) {
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
                    told(op, &answer.body),
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
        assert_eq!(crate::audit::wrong(&registry.api), None);
    }
}

/// `MOU_MODEL_CASES` makes it look further.
#[test]
fn databases_and_model_agree() {
    let cases = std::env::var("MOU_MODEL_CASES").map_or(8, |n| n.parse().unwrap());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let checked = TestRunner::new_with_rng(config, rng).run(&vec(op(), 40..80), |ops| {
        actix_web::rt::System::new().block_on(agree(ops));
        Ok(())
    });
    if let Err(TestError::Fail(reason, _) | TestError::Abort(reason)) = checked {
        panic!("{reason}");
    }
}
