//! Times as settings name them.

use std::time::Duration;

/// Parses a time such as `90s`, `30m`, `6h` or `1d`.
///
/// # Errors
/// Fails for every other text, and for no time at all.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (count, unit) = text.split_at(text.len() - text.chars().last().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 0,
    };
    let count = count.parse::<u32>().unwrap_or(0);
    match u64::from(count) * seconds {
        0 => Err("expected a time, as 30m, 6h or 1d".into()),
        seconds => Ok(Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1d"), Ok(Duration::from_secs(86_400)));
        for wrong in ["", "5", "0h", "-1d", "1y", "h", "1시"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
