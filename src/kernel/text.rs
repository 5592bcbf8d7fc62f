//! Texts in the form in which they are compared.

use unicode_normalization::UnicodeNormalization;

/// Returns the form in which texts are compared: NFKC in lower case.
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}
