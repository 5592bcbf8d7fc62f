//! Words of the program for values, in Korean as official documents have them.

use super::language::Message;

/// A value that has a word in both languages.
pub trait Word {
    /// Returns the word.
    fn word(self) -> Message;
}

/// Implements [`Word`] for an enum: each variant with its Korean and its English word.
macro_rules! words {
    ($type:ident: $($value:ident $ko:literal $en:literal),* $(,)?) => {
        impl $crate::kernel::words::Word for $type {
            fn word(self) -> $crate::kernel::language::Message {
                match self {
                    $(Self::$value => $crate::kernel::language::Message::fixed($ko, $en),)*
                }
            }
        }
    };
}
pub(crate) use words;

/// Formats a number with a comma before each group of three digits.
pub fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
