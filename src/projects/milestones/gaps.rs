//! Gaps of milestones: expected facts that a record lacks.

use super::types::Forecast;
use crate::kernel::values::Gap;

/// Returns the gap of an unknown target.
pub fn missing_target() -> Gap {
    Gap::new(
        "/target",
        "target_unknown",
        "목표 시점을 모릅니다.",
        "When it is to be reached is unknown.",
    )
}

/// Returns a gap for each forecast without a source.
pub fn missing_sources(forecasts: &[Forecast]) -> Vec<Gap> {
    let all = forecasts.iter().enumerate();
    let missing = all.filter(|(_, forecast)| forecast.content.source.is_none());
    let gap = |(i, _)| {
        Gap::new(
            format!("/forecasts/{i}/source"),
            "source_unknown",
            "출처가 없습니다.",
            "No source is recorded.",
        )
    };
    missing.map(gap).collect()
}
