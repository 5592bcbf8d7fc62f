//! Gaps and warnings of organizations.

use super::types::{MemberCount, OrganizationContent, OrganizationKind};
use crate::kernel::error::ApiError;
use crate::kernel::language::Message;
use crate::kernel::values::country::KOREA;
use crate::kernel::values::no_source;
use crate::kernel::values::{Gap, OrganizationRef, Warning};

/// Returns the expected facts that the record of any organization lacks.
pub fn organization_gaps(content: &OrganizationContent) -> Vec<Gap> {
    let gaps = [
        (content.identifiers.is_empty() && !content.is_foreign()).then(|| {
            Gap::new(
                "/identifiers",
                "identifiers_unknown",
                "사업자등록번호 등 식별자가 없습니다.",
                "No identifier is recorded.",
            )
        }),
        content.sources.is_empty().then(no_source),
    ];
    gaps.into_iter().flatten().collect()
}

/// Checks that a Korean municipality is in Korea, and any other municipality abroad.
///
/// # Errors
/// `validation_failed`
pub fn check_country(
    kind: OrganizationKind,
    code: Option<&str>,
    content: &OrganizationContent,
) -> Result<(), ApiError> {
    let message = if code.is_some() && content.country.as_deref() != Some(KOREA) {
        Message::fixed(
            "행정구역 코드가 있는 지방자치단체의 나라는 KR입니다.",
            "The country of a municipality with a code is KR.",
        )
    } else if code.is_none() && kind == OrganizationKind::Municipality && !content.is_foreign() {
        Message::fixed(
            "코드가 없는 지방자치단체에는 외국의 나라를 적습니다.",
            "A municipality without a code needs a foreign country.",
        )
    } else {
        return Ok(());
    };
    Err(ApiError::invalid_at("/country", "other_country", message))
}

/// Checks that the kind of an organization can be corrected. `has_members` tells whether it has
/// facts that only an association has.
///
/// # Errors
/// `validation_failed`
pub fn check_kind(code: Option<&str>, has_members: bool) -> Result<(), ApiError> {
    let message = if code.is_some() {
        Message::fixed(
            "행정구역 코드가 있는 지방자치단체의 종류는 바꿀 수 없습니다.",
            "A municipality with a code stays one.",
        )
    } else if has_members {
        Message::fixed(
            "회원사나 회원사 수가 있는 협회입니다. 종류를 바꾸려면 이를 먼저 지우십시오.",
            "It is an association with members or their number: remove these before its kind is corrected.",
        )
    } else {
        return Ok(());
    };
    Err(ApiError::invalid_at("/kind", "kind_fixed", message))
}

/// Returns the expected facts that an association's record lacks.
pub fn association_gaps(
    content: &OrganizationContent,
    member_count: Option<&MemberCount>,
    recorded: i64,
) -> Vec<Gap> {
    let mut gaps = organization_gaps(content);
    match member_count {
        None => gaps.push(Gap::new(
            "/member_count",
            "member_count_unknown",
            "회원사 수가 없습니다.",
            "The number of members is unknown.",
        )),
        Some(count) if recorded < count.value => gaps.push(Gap::new(
            "/recorded_members",
            "members_missing",
            "밝힌 회원사 수보다 적은 회원사만 등록되어 있습니다.",
            "Fewer members are recorded than it says it has.",
        )),
        Some(_) => {}
    }
    gaps
}

/// Returns warnings about similar names and implausible identifiers.
pub fn warnings(content: &OrganizationContent, look_alikes: Vec<OrganizationRef>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if !look_alikes.is_empty() {
        warnings.push(Warning {
            code: "similar_name".into(),
            pointer: "/name".into(),
            message: Message::fixed(
                "이름이 거의 같은 기관이 있습니다.",
                "Other organizations have nearly the same name.",
            ),
            organizations: look_alikes,
            agreements: Vec::new(),
        });
    }
    for (i, identifier) in content
        .identifiers
        .iter()
        .enumerate()
        .filter(|(_, id)| !id.is_plausible())
    {
        warnings.push(Warning {
            code: "check_digit".into(),
            pointer: format!("/identifiers/{i}/id"),
            message: Message::new(
                format!("검증번호가 맞지 않는 번호입니다: {}", identifier.id),
                format!("The check digit of {} does not fit.", identifier.id),
            ),
            organizations: Vec::new(),
            agreements: Vec::new(),
        });
    }
    warnings
}
