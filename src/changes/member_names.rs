//! The names of members in words, as summaries of changes use them.

use crate::kernel::language::Message;

/// Korean display names of the members of records. In English the member's own name is used.
const MEMBERS: [(&str, &str); 99] = [
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
    ("note", "내용·비고"),
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
    ("reference_number", "관리번호"),
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

/// Returns the display name of a record's member, or its own name if it has none.
pub fn member_name(name: &str) -> Message {
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
}
