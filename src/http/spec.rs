//! The spec of the running program, which requests are held against.

use std::sync::OnceLock;

use super::openapi::Spec;

static SPEC: OnceLock<Spec> = OnceLock::new();

/// Installs the spec, unless that was done before.
pub fn install_spec(make: impl FnOnce() -> Spec) -> &'static Spec {
    SPEC.get_or_init(make)
}

/// The installed spec.
///
/// # Panics
/// Before [`install_spec`], which the program calls before it serves anything.
#[expect(clippy::expect_used, reason = "installed before anything is served")]
pub fn spec() -> &'static Spec {
    SPEC.get().expect("the spec is installed at start")
}

/// The name of the schema that bodies of a type are held against.
pub fn input_name(type_name: &str) -> String {
    spec().variant_name(type_name, "Input")
}
