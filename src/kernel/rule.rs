//! Broken rules in the form that `validator` carries.

use validator::ValidationError;

/// Returns a broken rule as `validator` carries it; `at` is a pointer relative to the checked
/// value.
pub fn rule_error(code: &'static str, at: &str, ko: &str, en: &str) -> ValidationError {
    let mut error = ValidationError::new(code);
    for (name, text) in [("at", at), ("ko", ko), ("en", en)] {
        error.add_param(name.into(), &text);
    }
    error
}

/// The parameter of a broken rule that holds the others that broke with it.
pub const BESIDES: &str = "besides";

/// Combines all broken rules into one, since a validation function can return only one.
///
/// # Errors
/// Returns the first of them, carrying the others.
pub fn merge_errors(
    broken: impl IntoIterator<Item = ValidationError>,
) -> Result<(), ValidationError> {
    let mut all = broken.into_iter();
    let Some(mut first) = all.next() else {
        return Ok(());
    };
    let besides: Vec<ValidationError> = all.collect();
    if !besides.is_empty() {
        first.add_param(BESIDES.into(), &besides);
    }
    Err(first)
}
