//! The fields of the form of a policy, and what they make of it.

use serde_json::{Map, Value, json};

use crate::pages::office::form::{Field, Group, Kind};

const fn hinted(
    at: &'static str,
    kind: Kind,
    label: (&'static str, &'static str),
    hint: (&'static str, &'static str),
) -> Field {
    Field {
        at,
        kind,
        label,
        hint,
    }
}

const fn rule(title: (&'static str, &'static str), fields: &'static [Field]) -> Group {
    Group {
        closed: true,
        ..Group::of_body(title, fields)
    }
}

/// What an agreement of a kind needs of the council before its signing.
const PRIOR_DEMAND: Kind = Kind::CodeOr("PriorDemand", ("없음", "None"));

/// Place of the field with those who may approve.
pub const APPROVERS: &str = "approver_ids";

/// The form of a policy. Its rules are closed until one of their fields is filled.
pub const POLICY: &[Group] = &[
    Group::of_body(
        ("효력과 근거", "Validity and basis"),
        &[
            hinted(
                "valid_from",
                Kind::Day,
                ("시행일", "In force from"),
                (
                    "비우면 처음부터 시행한 것으로 봅니다.",
                    "Empty if it has always been in force.",
                ),
            ),
            hinted(
                "valid_until",
                Kind::Day,
                ("마지막 날", "In force until"),
                (
                    "정해지지 않았으면 비웁니다.",
                    "Empty while no end is known.",
                ),
            ),
            hinted(
                "reference/title",
                Kind::Line,
                ("조례 이름", "Ordinance"),
                (
                    "예: 고양시 업무협약 관리 조례",
                    "Such as: Ordinance on agreements of Goyang",
                ),
            ),
            Field::plain("reference/article", Kind::Line, ("조문", "Article")),
            Field::plain("reference/url", Kind::Line, ("조례 주소(URL)", "URL")),
        ],
    ),
    rule(
        ("점검", "Reviews"),
        &[
            Field::plain(
                "review_interval_months",
                Kind::Whole,
                ("점검 간격(개월)", "Months between reviews"),
            ),
            Field::plain(
                "review_every_year",
                Kind::Yes,
                ("매년 1회 이상 점검", "A review in each calendar year"),
            ),
        ],
    ),
    rule(
        ("의회 보고", "Reports to the council"),
        &[
            Field::plain(
                "council_report/on_signing",
                Kind::Yes,
                ("체결을 보고", "Report signings"),
            ),
            Field::plain(
                "council_report/on_completion",
                Kind::Yes,
                ("완료를 보고", "Report completions"),
            ),
            Field::plain(
                "council_report/on_termination",
                Kind::Yes,
                ("해지를 보고", "Report terminations"),
            ),
            Field::plain(
                "council_report/within_days",
                Kind::Whole,
                ("보고 기한(일)", "Within so many days"),
            ),
            Field::plain(
                "council_report/in_next_session",
                Kind::Yes,
                ("다음 회기에 보고", "In the next session instead"),
            ),
            hinted(
                "annual_report/by",
                Kind::Line,
                ("연간 보고 기한(월-일)", "Annual report by (month-day)"),
                ("예: 01-31", "Such as: 01-31"),
            ),
            Field::plain(
                "annual_report/in_session",
                Kind::Line,
                ("연간 보고 회기", "Session of the annual report"),
            ),
        ],
    ),
    rule(
        (
            "체결·해지 전 의회 동의와 보고",
            "Council before signing or termination",
        ),
        &[
            Field::plain(
                "prior_consent/money",
                PRIOR_DEMAND,
                ("예산이 수반되는 협약", "If it costs money"),
            ),
            Field::plain(
                "prior_consent/property",
                PRIOR_DEMAND,
                ("공유재산과 관련된 협약", "If it involves public property"),
            ),
            Field::plain(
                "prior_consent/rights",
                PRIOR_DEMAND,
                (
                    "주민의 권리·의무와 관련된 협약",
                    "If it concerns rights of residents",
                ),
            ),
            Field::plain(
                "prior_consent/change",
                PRIOR_DEMAND,
                ("협약을 변경하는 협약", "If it changes another agreement"),
            ),
            Field::plain(
                "prior_consent/termination",
                PRIOR_DEMAND,
                ("해지", "Before a termination"),
            ),
            Field::plain(
                "prior_consent/days_before",
                Kind::Whole,
                ("며칠 전까지", "So many days before"),
            ),
        ],
    ),
    rule(
        ("공개, 기간과 연장", "Disclosure, term and renewal"),
        &[
            Field::plain(
                "disclosure_within_days",
                Kind::Whole,
                ("체결 후 공개 기한(일)", "Disclosed within so many days"),
            ),
            Field::plain(
                "disclosure_of_end",
                Kind::Yes,
                ("완료·해지도 공개", "Ends are disclosed as well"),
            ),
            Field::plain(
                "maximum_term_months",
                Kind::Whole,
                ("최장 유효기간(개월)", "Longest term in months"),
            ),
            Field::plain(
                "renewal_decision_days_before_expiry",
                Kind::Whole,
                (
                    "연장 여부 결정: 만료 며칠 전",
                    "Decision on renewal, days before expiry",
                ),
            ),
        ],
    ),
    rule(
        ("체결 전 필요 사항", "Facts required before signing"),
        &[
            Field::plain("required/signatories", Kind::Yes, ("서명자", "Signatories")),
            Field::plain(
                "required/lead_department",
                Kind::Yes,
                ("담당 부서", "Lead department"),
            ),
            Field::plain(
                "required/effective_until",
                Kind::Yes,
                ("효력 종료일", "Last day in force"),
            ),
            Field::plain(
                "required/legally_binding",
                Kind::Yes,
                ("법적 구속력", "Legal force"),
            ),
            Field::plain(
                "required/financial_obligation",
                Kind::Yes,
                ("재정 부담", "Financial obligation"),
            ),
            Field::plain(
                "required/public_property",
                Kind::Yes,
                ("공유재산", "Public property"),
            ),
            Field::plain(
                "required/commitments",
                Kind::Yes,
                ("협약 사항", "Commitments"),
            ),
            Field::plain("required/documents", Kind::Yes, ("문서", "Documents")),
            Field::plain("required/sources", Kind::Yes, ("출처", "Sources")),
            Field::plain(
                "required/partner_review",
                Kind::Yes,
                ("상대방 사전 검토", "Review by the partner"),
            ),
        ],
    ),
    rule(
        ("승인과 최신성", "Approval and news"),
        &[
            hinted(
                APPROVERS,
                Kind::Several,
                ("승인할 수 있는 사람(전결권자)", "Who may approve"),
                (
                    "한 명도 고르지 않으면 승인자와 관리자 모두가 승인할 수 있습니다. 통합 로그인으로 들어오는 사람은 로그인해 있는 동안 여기에 나옵니다.",
                    "If nobody is chosen, every approver and admin may. People of the single sign-on are offered while they are signed in.",
                ),
            ),
            Field::plain(
                "self_approval",
                Kind::Yes,
                ("작성한 사람도 승인", "Who drafted may approve"),
            ),
            Field::plain(
                "ageing_after_months",
                Kind::Whole,
                (
                    "점검이 필요하다고 보는 기간(개월)",
                    "Ageing after months without news",
                ),
            ),
            Field::plain(
                "stale_after_months",
                Kind::Whole,
                (
                    "장기간 소식이 없다고 보는 기간(개월)",
                    "Stale after months without news",
                ),
            ),
        ],
    ),
];

/// The facts that can be required, in the order of the form.
const REQUIRED: [&str; 10] = [
    "signatories",
    "lead_department",
    "effective_until",
    "legally_binding",
    "financial_obligation",
    "public_property",
    "commitments",
    "documents",
    "sources",
    "partner_review",
];

/// Rules that demand something by one of some members, and nothing without them.
const RULES: &[(&str, &[&str])] = &[
    ("council_report", EVENTS),
    (
        "prior_consent",
        &["money", "property", "rights", "change", "termination"],
    ),
    ("annual_report", &["by", "in_session"]),
    ("reference", &["title", "article", "url", "articles"]),
];

const EVENTS: &[&str] = &["on_signing", "on_completion", "on_termination"];

/// Returns a policy with a member for each fact that can be required, as the form shows it.
pub fn shown(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let required = policy["required_at_signing"].as_array();
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    let required: Map<String, Value> = required
        .map(|fact| (fact.to_owned(), json!(true)))
        .collect();
    policy["required"] = Value::Object(required);
    policy
}

/// Returns the policy that a form makes of one by a merge patch.
pub fn changed(policy: &Value, patch: &Value) -> Value {
    let mut policy = shown(policy);
    json_patch::merge(&mut policy, patch);
    let required = policy["required"].take();
    let facts = REQUIRED.iter().filter(|fact| required[**fact] == true);
    policy["required_at_signing"] = json!(facts.collect::<Vec<_>>());
    let demands = |value: &Value| match value {
        Value::Bool(holds) => *holds,
        Value::Array(items) => !items.is_empty(),
        value => !value.is_null(),
    };
    for (rule, members) in RULES {
        let own = &mut policy[*rule];
        if !members.iter().any(|member| demands(&own[*member])) {
            *own = Value::Null;
        }
    }
    if policy[APPROVERS].as_array().is_some_and(Vec::is_empty) {
        policy[APPROVERS] = Value::Null;
    }
    // What is not chosen is not reported; the API reports signings unless told otherwise.
    if let Some(report) = policy["council_report"].as_object_mut() {
        for event in EVENTS {
            report.entry(*event).or_insert(json!(false));
        }
    }
    if let Some(members) = policy.as_object_mut() {
        members.remove("required");
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_form_does_not_show_stays() {
        let policy = json!({
            "approver_ids": ["x"], "required_at_signing": ["sources"], "valid_from": null,
            "council_report": {"on_signing": true, "within_days": 50, "sessions": [{"from": "2026-12-01"}]},
        });
        let patch = json!({"required": {"documents": true}, "council_report": {"within_days": 30}});
        let policy = changed(&policy, &patch);
        assert_eq!(policy["approver_ids"], json!(["x"]));
        assert_eq!(
            policy["required_at_signing"],
            json!(["documents", "sources"])
        );
        assert_eq!(
            policy["council_report"],
            json!({"on_signing": true, "on_completion": false, "on_termination": false, "within_days": 30,
                "sessions": [{"from": "2026-12-01"}]})
        );
        assert!(policy.get("required").is_none());
    }

    #[test]
    fn a_rule_that_demands_nothing_is_none() {
        let policy = json!({"council_report": {"on_signing": true, "within_days": 50}, "prior_consent": {"money": "report"}});
        let patch =
            json!({"council_report": {"on_signing": null}, "prior_consent": {"money": null}});
        let policy = changed(&policy, &patch);
        assert_eq!(policy["council_report"], Value::Null);
        assert_eq!(policy["prior_consent"], Value::Null);
    }

    #[test]
    fn without_a_choice_nobody_is_named() {
        let policy = json!({"approver_ids": ["x", "y"]});
        let named = |patch| changed(&policy, &patch)[APPROVERS].clone();
        assert_eq!(named(json!({"approver_ids": ["y"]})), json!(["y"]));
        assert_eq!(named(json!({"approver_ids": []})), Value::Null);
    }

    #[test]
    fn every_fact_that_can_be_required_has_a_field() {
        let fields = POLICY.iter().flat_map(|group| group.fields);
        let fields: Vec<&str> = fields
            .filter_map(|one| one.at.strip_prefix("required/"))
            .collect();
        assert_eq!(fields, REQUIRED);
    }
}
