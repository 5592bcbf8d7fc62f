//! Words of the program for what records hold, in Korean as official documents have them.

use crate::access::Visibility;
use crate::agreements::council::{CouncilActionKind, CouncilResult, Occasion};
use crate::agreements::duties::types::DutyKind;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::reviews::{RenewalDecision, ReviewRating};
use crate::agreements::types::{AgreementKind, AgreementStatus};
use crate::http::language::Message;
use crate::projects::milestones::types::ReasonCode;

/// A word of the program for a value.
pub trait Word {
    fn word(self) -> Message;
}

macro_rules! words {
    ($type:ident: $($value:ident $ko:literal $en:literal),* $(,)?) => {
        impl Word for $type {
            fn word(self) -> Message {
                match self {
                    $(Self::$value => Message::fixed($ko, $en),)*
                }
            }
        }
    };
}

words!(AgreementKind: Mou "업무협약(MOU)" "MOU", Moa "합의각서(MOA)" "MOA", Cooperation "협력협약" "Cooperation",
    Investment "투자협약" "Investment", Sisterhood "자매결연" "Sisterhood", Implementation "이행협약" "Implementation",
    Other "기타" "Other");
words!(AgreementStatus: Draft "작성" "Draft", InReview "검토" "In review", Approved "승인" "Approved",
    Signed "체결" "Signed", Completed "완료" "Completed", Terminated "해지" "Terminated",
    Superseded "갱신·대체" "Superseded", Withdrawn "철회" "Withdrawn", Voided "무효" "Voided");
words!(CommitmentStatus: Unknown "미상" "Unknown", NotStarted "미착수" "Not started", InProgress "추진 중" "In progress",
    Fulfilled "이행" "Fulfilled", Unfulfilled "미이행" "Not fulfilled", Dropped "취소" "Dropped",
    CarriedOver "다른 협약으로 넘김" "Carried over");
words!(ReviewRating: Good "정상" "Good", Slow "부진" "Slow", Stalled "중단" "Stalled", Done "완료" "Done");
words!(RenewalDecision: Renew "연장하기로 함" "To be renewed", LetExpire "연장하지 않기로 함" "To expire");
words!(CouncilActionKind: Consent "동의" "Consent", PriorReport "사전 보고" "Report before",
    PostReport "사후 보고" "Report afterwards", AnnualReport "연간 보고" "Annual report");
words!(CouncilResult: Accepted "가결" "Accepted", Rejected "부결" "Rejected", Noted "보고 접수" "Noted");
words!(Occasion: Signing "체결" "Signing", Completion "완료" "Completion", Termination "해지" "Termination",
    Review "점검" "Review", Expiry "만료" "Expiry", Other "기타" "Other");
words!(DutyKind: Review "점검" "Review", CouncilReport "의회 보고" "Report to the council", Consent "의회 동의" "Consent of the council",
    PriorReport "의회 사전 보고" "Report to the council before signing", Disclosure "공개" "Disclosure",
    RenewalDecision "연장 여부 결정" "Decision on renewal");
words!(ReasonCode: Approval "인허가" "Approval", Compensation "보상" "Compensation", Budget "예산" "Budget",
    Market "시장 여건" "Market", Consultation "협의" "Consultation", Litigation "소송" "Litigation",
    Weather "기상" "Weather", Policy "정책 변경" "Policy", Other "기타" "Other");
words!(Visibility: Public "공개된 협약" "what is public", Partners "공개된 협약과 그 기관이 당사자인 협약" "what is public or for this partner",
    Internal "비공개를 포함한 모든 협약" "all agreements, those withheld from the public included");

/// The members of records in Korean; in English their names say it.
const MEMBERS: [(&str, &str); 98] = [
    ("activities", "주요 활동"),
    ("added_by", "등록한 지방자치단체"),
    ("agenda", "안건"),
    ("agreement_id", "협약"),
    ("all_municipalities", "모든 지방자치단체"),
    ("area", "면적"),
    ("association_id", "협회"),
    ("at_end", "종료 시 처리"),
    ("attendee_ids", "참석 기관"),
    ("auto_renews", "자동 연장"),
    ("budget", "사업비"),
    ("code", "법정동코드"),
    ("commitment_id", "협약 사항"),
    ("commitments", "협약 사항"),
    ("confirmation", "확인"),
    ("contact", "담당자"),
    ("corrections", "정정"),
    ("cost", "비용"),
    ("council_actions", "의회 동의·보고"),
    ("created_by", "만든 이"),
    ("daily_digest", "일일 요약"),
    ("decisions", "결정 사항"),
    ("description", "설명"),
    ("dissolved", "해산일"),
    ("documents", "문서"),
    ("drafted_by", "작성자"),
    ("effective_from", "효력 시작일"),
    ("effective_until", "효력 종료일"),
    ("enabled", "사용 여부"),
    ("established", "구성일"),
    ("evidence", "증빙"),
    ("expires_at", "만료 시각"),
    ("financial_obligation", "재정 부담"),
    ("forecasts", "목표 시점"),
    ("founded", "설립일"),
    ("from", "시작일"),
    ("held_on", "개최일"),
    ("identifiers", "식별번호"),
    ("implementers", "시행자"),
    ("joined", "참여일"),
    ("kind", "종류"),
    ("kinds", "종류"),
    ("lang", "언어"),
    ("lead_department", "주관 부서"),
    ("left", "탈퇴일"),
    ("legal_basis", "근거 법령"),
    ("legally_binding", "법적 구속력"),
    ("locations", "위치"),
    ("member_count", "회원 수"),
    ("members", "구성원"),
    ("merged_into_id", "통합된 기관"),
    ("municipality_id", "지방자치단체"),
    ("municipality_ids", "지방자치단체"),
    ("name", "이름"),
    ("note", "내용"),
    ("off", "중지"),
    ("officers", "기관장 등"),
    ("on", "기준일"),
    ("organization_id", "기관"),
    ("other_names", "다른 이름"),
    ("outcomes", "추진 결과"),
    ("parties", "협약 당사자"),
    ("percent", "진척률"),
    ("policies", "협약 관리 정책"),
    ("project_id", "사업"),
    ("project_ids", "사업"),
    ("public_property", "공유재산"),
    ("purpose", "목적"),
    ("record_types", "기록 종류"),
    ("refusal", "반려"),
    ("reported_by", "보고자"),
    ("retraction", "취소"),
    ("reviews", "점검"),
    ("revoked_at", "폐기 시각"),
    ("rewritten_by", "수정자"),
    ("role", "역할"),
    ("sectors", "분야"),
    ("short_name", "약칭"),
    ("signed_on", "체결일"),
    ("sources", "출처"),
    ("statements", "발언"),
    ("status", "상태"),
    ("successor_id", "이어받은 협약"),
    ("superseded_by", "후속 협약"),
    ("supersedes_id", "이전 협약"),
    ("target_industries", "유치 업종"),
    ("title", "제목"),
    ("to", "종료일"),
    ("token_id", "토큰"),
    ("topics", "주제"),
    ("transitions", "단계"),
    ("types", "유형"),
    ("url", "주소"),
    ("venue", "장소"),
    ("visibility", "공개 범위"),
    ("website", "누리집"),
    ("withholding", "비공개 근거"),
    ("working_group_id", "실무협의체"),
];

/// What a member of a record is called; by its own name where the program has no word for it.
pub fn member(name: &str) -> Message {
    let found = MEMBERS.binary_search_by_key(&name, |(member, _)| member);
    let ko = found.map_or(name, |at| MEMBERS[at].1);
    Message::new(ko, name.replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_in_order() {
        assert!(MEMBERS.is_sorted_by_key(|(member, _)| member));
    }

    #[test]
    fn every_member_of_a_record_has_a_word() {
        let records = [
            "AgreementCreate",
            "AssociationCreate",
            "CalendarContent",
            "CommitmentReportCreate",
            "MeetingContent",
            "MemberCreate",
            "MilestoneCreate",
            "MunicipalityCreate",
            "OrganizationCreate",
            "ProjectPatch",
            "TokenContent",
            "WebhookContent",
            "WorkingGroupCreate",
        ];
        for record in records {
            let schema = &crate::api::SPEC.schemas[record];
            let parts = schema["allOf"].as_array().into_iter().flatten();
            let members: Vec<&String> = parts
                .chain([schema])
                .filter_map(|part| part["properties"].as_object())
                .flat_map(serde_json::Map::keys)
                .collect();
            assert!(!members.is_empty(), "{record}");
            for name in members {
                let word = member(name).ko;
                assert!(!word.is_ascii(), "{record}: {name} has no word");
            }
        }
    }
}
