//! The tables that lists are exported as.

use super::columns::{Column, Kind, Table, code, column, day, plain};
use crate::kernel::language::Message;

const ID: Column = plain("id").headed("ID", "ID").wide(38);
const TITLE: Column = plain("title").wide(40);
const TITLE_EN: Column = plain("title/en")
    .headed("제목(영문)", "Title (English)")
    .wide(40);
const NAME: Column = plain("name").wide(30);
const NAME_EN: Column = plain("name/en")
    .headed("이름(영문)", "Name (English)")
    .wide(30);
const MUNICIPALITY: Column = plain("municipality/name").like("municipality_id");
const PROJECT: Column = plain("project/title").like("project_id").wide(30);
const AGREEMENT: Column = plain("agreement/title").like("agreement_id").wide(40);
const VISIBILITY: Column = code("visibility", "Visibility");
const FRESHNESS: Column = code("freshness/state", "FreshnessState").headed("최신성", "Freshness");
const NOTE: Column = plain("note").wide(40);
const STATED_BY: Column = plain("stated_by").headed("밝힌 곳", "Stated by");
const STATED_ON: Column = plain("stated_on").headed("밝힌 날", "Stated on");
const ORGANIZATION: Column = plain("organization/name").like("organization_id").wide(30);
const RETRACTED: Column = day("retraction/retracted_on").headed("취소일", "Retracted on");
const SOURCE: Column = plain("source/title").like("source").wide(40);
const SOURCE_URL: Column = plain("source/url")
    .headed("출처 주소", "Source URL")
    .wide(40);
const BUDGET: Column = plain("budget/amount").like("budget");
const BUDGET_STATED: Column =
    plain("budget/as_stated").headed("사업비(원문)", "Budget (as stated)");
const AREA: Column = plain("area/square_metres").headed("면적(㎡)", "Area (m²)");
const AREA_STATED: Column = plain("area/as_stated").headed("면적(원문)", "Area (as stated)");
const IMPLEMENTER_SHARES: Column =
    plain("implementers/*/share_percent").headed("시행자 지분(%)", "Shares of implementers (%)");
const BASELINE: Column = plain("baseline").headed("최초 목표", "Baseline");
const TARGET: Column = plain("target").headed("목표", "Target");
const ACTUAL: Column = plain("actual").headed("실제", "Actual");
const SLIP_MIN: Column = plain("slip/min_days").headed("지연 일수(최소)", "Slip, at least (days)");
const SLIP_MAX: Column = plain("slip/max_days").headed("지연 일수(최대)", "Slip, at most (days)");
const DEADLINE_SLIP: Column =
    plain("deadline_slip_days").headed("기한 기준 지연 일수", "Slip of the deadline (days)");
const OVERDUE: Column = plain("overdue_days").headed("기한 경과 일수", "Overdue (days)");
const PHASE: Column = plain("phase");
const URL: Column = plain("url").wide(40);

/// The tables, by the schemas of their rows.
pub const TABLES: &[Table] = &[
    Table {
        rows: "AgreementSummary",
        name: Message::fixed("협약", "agreements"),
        columns: &[
            plain("reference_number"),
            TITLE,
            TITLE_EN,
            code("kind", "AgreementKind"),
            MUNICIPALITY,
            plain("co_owners/*/name").like("co_owner_ids"),
            plain("parties/*/organization/name").wide(40),
            code("parties/*/role", "PartyRole").headed("당사자 역할", "Roles of parties"),
            plain("other_parties/as_stated").like("other_parties"),
            plain("other_parties/count").headed("그 밖의 당사자 수", "Number of other parties"),
            plain("individual_party_count")
                .headed("개인 당사자 수", "Number of individual parties"),
            plain("signed_on"),
            plain("effective_from"),
            plain("effective_until"),
            code("status", "AgreementStatus"),
            plain("in_force").headed("효력 여부", "In force"),
            code("ended_by", "EndedBy").headed("종료 원인", "Ended by"),
            plain("expires_in_days").headed("만료까지 일수", "Expires in (days)"),
            plain("lead_department"),
            plain("topics/*"),
            plain("projects/*/title").like("project_ids").wide(30),
            plain("commitment_count").headed("협약 사항 수", "Number of commitments"),
            code("fulfilment/status", "FulfilmentStatus").headed("이행 상태", "Fulfilment"),
            FRESHNESS,
            VISIBILITY,
            ID,
        ],
    },
    Table {
        rows: "LedgerRow",
        name: Message::fixed("협약 관리대장", "ledger"),
        columns: &[
            column("", Kind::Ordinal).headed("연번", "No."),
            plain("reference_number"),
            TITLE,
            code("kind", "AgreementKind"),
            plain("parties/*/organization/name").wide(40),
            plain("signed_on"),
            plain("effective_from"),
            plain("effective_until"),
            plain("purpose").wide(40),
            plain("commitments/*").wide(60),
            plain("financial_obligation"),
            plain("cost/amount").like("cost"),
            plain("cost/as_stated").headed("비용(원문)", "Cost (as stated)"),
            code("council_actions/*", "CouncilActionKind"),
            plain("lead_department"),
            code("status", "AgreementStatus"),
            plain("in_force").headed("효력 여부", "In force"),
            code("fulfilment/status", "FulfilmentStatus").headed("이행 상태", "Fulfilment"),
            VISIBILITY,
            NOTE,
            ID,
        ],
    },
    Table {
        rows: "Commitment",
        name: Message::fixed("협약 사항", "commitments"),
        columns: &[
            plain("text").headed("내용", "Text").wide(60),
            plain("owed_by_organizations/*/name").headed("이행 기관", "Owed by"),
            plain("owed_to_organizations/*/name").headed("상대 기관", "Owed to"),
            plain("due").headed("이행 기한", "Due"),
            code("status", "CommitmentStatus"),
            plain("overdue").headed("기한 경과", "Overdue"),
            plain("percent"),
            plain("target/value").headed("목표 수치", "Target"),
            plain("target/unit").headed("단위", "Unit"),
            plain("value"),
            plain("reported_on").headed("보고일", "Reported on"),
            plain("report_count").headed("보고 수", "Number of reports"),
            ID,
        ],
    },
    Table {
        rows: "CommitmentReport",
        name: Message::fixed("이행 보고", "reports"),
        columns: &REPORT,
    },
    Table {
        rows: "ListedReport",
        name: Message::fixed("이행 보고", "reports"),
        columns: &LISTED_REPORT,
    },
    Table {
        rows: "Party",
        name: Message::fixed("협약 당사자", "parties"),
        columns: &[
            ORGANIZATION,
            code("role", "PartyRole"),
            plain("signatory/name").headed("서명자", "Signatory"),
            plain("signatory/title").headed("서명자 직위", "Signatory's title"),
            plain("signed_on"),
            plain("from"),
            plain("until").headed("종료일", "Until"),
            ID,
        ],
    },
    Table {
        rows: "Document",
        name: Message::fixed("문서", "documents"),
        columns: &[
            TITLE,
            URL,
            plain("place_kept").headed("보관 장소", "Place kept"),
            plain("file_number").headed("문서번호", "File number"),
            plain("disclosed_on").headed("공개일", "Disclosed on"),
            ID,
        ],
    },
    Table {
        rows: "CouncilAction",
        name: Message::fixed("의회 동의·보고", "council-actions"),
        columns: &[
            code("kind", "CouncilActionKind"),
            plain("on"),
            code("result", "CouncilResult").headed("결과", "Result"),
            plain("session").headed("회기", "Session"),
            plain("bill_number").headed("의안번호", "Bill number"),
            NOTE,
            ID,
        ],
    },
    Table {
        rows: "Review",
        name: Message::fixed("점검", "reviews"),
        columns: &[
            plain("on"),
            code("rating", "ReviewRating").headed("평가", "Rating"),
            plain("from"),
            plain("until").headed("종료일", "Until"),
            plain("findings").headed("점검 결과", "Findings").wide(40),
            plain("improvement_plan")
                .headed("개선 계획", "Improvement plan")
                .wide(40),
            code("renewal", "RenewalDecision").headed("연장 결정", "Renewal"),
            ID,
        ],
    },
    Table {
        rows: "Organization",
        name: Message::fixed("기관", "organizations"),
        columns: &[
            NAME,
            NAME_EN,
            code("kind", "OrganizationKind"),
            plain("short_name"),
            plain("other_names/*"),
            plain("identifiers/*/id"),
            code("identifiers/*/scheme", "Scheme")
                .headed("식별번호 종류", "Schemes of identifiers"),
            plain("country"),
            plain("officers/*/name"),
            plain("officers/*/title").headed("기관장 직위", "Titles of officers"),
            plain("founded"),
            plain("website").wide(30),
            plain("activities/*/text").wide(40),
            ID,
        ],
    },
    Table {
        rows: "Association",
        name: Message::fixed("협회", "associations"),
        columns: &[
            NAME,
            NAME_EN,
            plain("short_name"),
            plain("identifiers/*/id"),
            plain("officers/*/name"),
            plain("officers/*/title").headed("기관장 직위", "Titles of officers"),
            plain("member_count/value").like("member_count"),
            plain("member_count/as_of").headed("회원 수 기준일", "Members as of"),
            plain("recorded_members").headed("등록된 회원 수", "Recorded members"),
            plain("founded"),
            plain("website").wide(30),
            plain("activities/*/text").wide(40),
            ID,
        ],
    },
    Table {
        rows: "Member",
        name: Message::fixed("협회 회원", "members"),
        columns: &[
            plain("organization/name").like("organization").wide(30),
            plain("role"),
            plain("joined"),
            plain("left"),
            ID,
        ],
    },
    Table {
        rows: "Municipality",
        name: Message::fixed("지방자치단체", "municipalities"),
        columns: &[
            plain("code"),
            NAME,
            NAME_EN,
            code("kind", "MunicipalityKind"),
            code("level", "MunicipalityLevel").headed("단계", "Level"),
            plain("parent_name").headed("상위 지방자치단체", "Parent"),
            plain("officers/*/name"),
            plain("officers/*/title").headed("기관장 직위", "Titles of officers"),
            plain("website").wide(30),
            day("valid_from").headed("설치일", "Valid from"),
            day("valid_to").headed("폐지일", "Valid to"),
            ID,
        ],
    },
    Table {
        rows: "ProjectSummary",
        name: Message::fixed("사업", "projects"),
        columns: &[
            TITLE,
            TITLE_EN,
            code("kind", "ProjectKind"),
            code("status", "ProjectStatus"),
            MUNICIPALITY,
            plain("implementing_organizations/*/name")
                .like("implementers")
                .wide(30),
            IMPLEMENTER_SHARES,
            BUDGET,
            BUDGET_STATED,
            AREA,
            AREA_STATED,
            plain("locations/*/name"),
            plain("locations/*/code").headed("위치 법정동코드", "Codes of locations"),
            plain("sectors/*"),
            plain("target_industries/*"),
            plain("legal_basis"),
            plain("description").wide(40),
            plain("phases/*/title").like("phases"),
            VISIBILITY,
            ID,
        ],
    },
    Table {
        rows: "ProjectStatement",
        name: Message::fixed("사업 진술", "project-statements"),
        columns: &[
            STATED_ON,
            STATED_BY,
            TITLE,
            BUDGET,
            BUDGET_STATED,
            AREA,
            AREA_STATED,
            IMPLEMENTER_SHARES,
            plain("progress/*/percent").headed("진행률(%)", "Progress (%)"),
            NOTE,
            SOURCE,
            SOURCE_URL,
            RETRACTED,
            ID,
        ],
    },
    Table {
        rows: "Milestone",
        name: Message::fixed("추진 단계", "milestones"),
        columns: &[
            PROJECT,
            PHASE,
            code("kind", "MilestoneKind"),
            TITLE,
            code("status", "MilestoneStatus"),
            BASELINE,
            TARGET,
            ACTUAL,
            SLIP_MIN,
            SLIP_MAX,
            DEADLINE_SLIP,
            OVERDUE,
            plain("forecast_count").headed("목표 시점 수", "Number of forecasts"),
            FRESHNESS,
            ID,
        ],
    },
    Table {
        rows: "Forecast",
        name: Message::fixed("목표 시점", "forecasts"),
        columns: &[
            STATED_ON,
            plain("target").headed("목표", "Target"),
            STATED_BY,
            code("reason_code", "ReasonCode").headed("변경 사유", "Reason code"),
            plain("reason").headed("변경 사유 설명", "Reason").wide(40),
            NOTE,
            SOURCE,
            SOURCE_URL,
            RETRACTED,
            ID,
        ],
    },
    Table {
        rows: "Outcome",
        name: Message::fixed("추진 결과", "outcomes"),
        columns: &[
            code("kind", "OutcomeKind"),
            plain("on"),
            NOTE,
            SOURCE,
            SOURCE_URL,
            RETRACTED,
            ID,
        ],
    },
    Table {
        rows: "TimelineItem",
        name: Message::fixed("일정", "timeline"),
        columns: &[
            plain("when").headed("일자", "When"),
            code("type", "EntryType").headed("유형", "Type"),
            code("kind", "EntryKind"),
            TITLE,
            MUNICIPALITY,
            PROJECT,
            PHASE,
            AGREEMENT,
            plain("working_group/name").like("working_group_id"),
            plain("organizations/*/name").like("organization").wide(30),
            code("status", "TimelineStatus"),
            BASELINE,
            TARGET,
            ACTUAL,
            SLIP_MIN,
            SLIP_MAX,
            DEADLINE_SLIP,
            OVERDUE,
            ID,
        ],
    },
    Table {
        rows: "Duty",
        name: Message::fixed("의무", "duties"),
        columns: &[
            code("kind", "DutyKind"),
            AGREEMENT,
            MUNICIPALITY,
            plain("department").headed("부서", "Department"),
            plain("due").headed("기한", "Due"),
            day("last_working_day").headed("마지막 근무일", "Last working day"),
            code("status", "DutyStatus"),
            code("occasion", "Occasion").headed("계기", "Occasion"),
            plain("done_by/on").headed("이행일", "Done on"),
            plain("legal_basis")
                .headed("근거 규정", "Legal basis")
                .wide(30),
            plain("missed").headed("거른 횟수", "Missed"),
            ID,
        ],
    },
    Table {
        rows: "WorkingGroup",
        name: Message::fixed("실무협의체", "working-groups"),
        columns: &[
            NAME,
            NAME_EN,
            MUNICIPALITY,
            PROJECT,
            AGREEMENT,
            plain("members/*/organization/name").wide(40),
            plain("established"),
            plain("dissolved"),
            plain("meets_every_months"),
            plain("next_meeting_due").headed("다음 회의 기한", "Next meeting due"),
            plain("purpose").wide(40),
            VISIBILITY,
            ID,
        ],
    },
    Table {
        rows: "GroupMember",
        name: Message::fixed("실무협의체 구성원", "working-group-members"),
        columns: &[
            ORGANIZATION,
            plain("post").headed("직위", "Post"),
            plain("person_name").headed("성명", "Person"),
            plain("role"),
            plain("joined"),
            plain("left"),
            ID,
        ],
    },
    Table {
        rows: "Meeting",
        name: Message::fixed("회의", "meetings"),
        columns: &[
            plain("working_group/name")
                .like("working_group_id")
                .wide(30),
            plain("held_on"),
            TITLE,
            code("status", "MeetingStatus"),
            plain("venue"),
            plain("attendees/*/name").like("attendee_ids").wide(40),
            plain("agenda").wide(40),
            plain("decisions").wide(40),
            ID,
        ],
    },
    Table {
        rows: "Holiday",
        name: Message::fixed("공휴일", "holidays"),
        columns: &[
            day("day"),
            NAME,
            code("kind", "HolidayKind"),
            plain("basis").wide(40),
        ],
    },
];

/// The tables of answers that are no lists, by their schemas.
pub const OF_VALUES: &[Table] = &[Table {
    rows: "SlipHistory",
    name: Message::fixed("지연 이력", "slip-history"),
    columns: &[
        PROJECT,
        code("kind", "MilestoneKind"),
        TITLE,
        code("status", "MilestoneStatus"),
        code("event", "SlipEvent").headed("구분", "Event"),
        STATED_ON,
        TARGET,
        SLIP_MIN,
        SLIP_MAX,
        plain("slip_from_previous/min_days").headed(
            "직전 대비 지연 일수(최소)",
            "Slip from previous, at least (days)",
        ),
        plain("slip_from_previous/max_days").headed(
            "직전 대비 지연 일수(최대)",
            "Slip from previous, at most (days)",
        ),
        DEADLINE_SLIP,
        plain("deadline_slip_days_from_previous").headed(
            "직전 기한 대비 지연 일수",
            "Slip from previous deadline (days)",
        ),
        code("direction", "Move").headed("방향", "Direction"),
        code("reason_code", "ReasonCode").headed("변경 사유", "Reason code"),
        plain("reason").headed("변경 사유 설명", "Reason").wide(40),
        STATED_BY,
        NOTE,
        SOURCE,
        SOURCE_URL,
        ID,
    ],
}];

/// The columns of reports on one commitment.
const REPORT: [Column; 12] = [
    plain("commitment/text").like("commitment_id").wide(40),
    plain("commitment/due").headed("이행 기한", "Due"),
    plain("on"),
    code("status", "ReportedStatus"),
    plain("percent"),
    plain("value"),
    NOTE,
    plain("reported_by/name").like("reported_by"),
    plain("reported_by/organization/name").headed("보고 기관", "Reporting organization"),
    code("standing", "Standing").headed("효력", "Standing"),
    RETRACTED,
    ID,
];

/// The columns of reports on all commitments.
const LISTED_REPORT: [Column; 14] = {
    let mut columns = [MUNICIPALITY; 14];
    columns[1] = AGREEMENT;
    let mut at = 0;
    while at < REPORT.len() {
        columns[at + 2] = REPORT[at];
        at += 1;
    }
    columns
};
