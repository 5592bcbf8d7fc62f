//! Amounts of money in words.

use super::Money;
use crate::kernel::language::Language;
use crate::kernel::words::thousands;

impl Money {
    /// Returns the amount in words: `약 8,493억 원`; in those of the source where it states no figure.
    pub fn words(&self, language: Language) -> String {
        let currency = self.currency.as_deref().unwrap_or_default();
        let is_korean = language == Language::Korean;
        let one = |amount: i64| match (is_korean, currency) {
            (true, "KRW") => won(amount),
            _ => format!("{currency} {}", thousands(amount)),
        };
        let figure = match (self.amount, self.min_amount, self.max_amount) {
            (Some(amount), ..) => one(amount),
            (None, None, None) => return self.as_stated.clone().unwrap_or_default(),
            (None, Some(min), Some(max)) => format!("{} ~ {}", one(min), one(max)),
            (None, Some(min), None) if is_korean => format!("{} 이상", one(min)),
            (None, Some(min), None) => format!("at least {}", one(min)),
            (None, None, Some(max)) if is_korean => format!("{} 이하", one(max)),
            (None, None, Some(max)) => format!("at most {}", one(max)),
        };
        match (self.approximate, is_korean) {
            (false, _) => figure,
            (true, true) => format!("약 {figure}"),
            (true, false) => format!("about {figure}"),
        }
    }
}

/// Formats an amount of won in the units of Korean documents: `8,493억 원`.
fn won(amount: i64) -> String {
    const UNITS: [(i64, &str); 4] = [
        (1_000_000_000_000, "조"),
        (100_000_000, "억"),
        (10_000, "만"),
        (1, ""),
    ];
    let mut rest = amount;
    let mut parts = Vec::new();
    for (size, unit) in UNITS {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{}{unit}", thousands(count)));
        }
    }
    if parts.is_empty() {
        parts.push("0".into());
    }
    format!("{} 원", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn won_are_written_as_in_official_documents() {
        for (amount, text) in [
            (849_300_000_000, "8,493억 원"),
            (1_200_000_000_000, "1조 2,000억 원"),
            (12_345, "1만 2,345 원"),
            (0, "0 원"),
        ] {
            assert_eq!(won(amount), text);
        }
    }
}
