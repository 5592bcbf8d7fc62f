//! Columns that several tables have.

use super::columns::{Column, code, day, plain};

pub const ID: Column = plain("id").headed("ID", "ID").wide(38);
pub const TITLE: Column = plain("title").wide(40);
pub const TITLE_EN: Column = plain("title/en")
    .headed("제목(영문)", "Title (English)")
    .wide(40);
pub const TITLE_KO: Column = plain("title/ko")
    .headed("제목(국문)", "Title (Korean)")
    .wide(40);
pub const NAME: Column = plain("name").wide(30);
pub const NAME_EN: Column = plain("name/en")
    .headed("이름(영문)", "Name (English)")
    .wide(30);
pub const NAME_KO: Column = plain("name/ko")
    .headed("이름(국문)", "Name (Korean)")
    .wide(30);
pub const MUNICIPALITY: Column = plain("municipality/name");
pub const PROJECT: Column = plain("project/title").wide(30);
pub const AGREEMENT: Column = plain("agreement/title").wide(40);
pub const VISIBILITY: Column = code("visibility", "Visibility");
pub const FRESHNESS: Column =
    code("freshness/state", "FreshnessState").headed("최신성", "Freshness");
pub const NOTE: Column = plain("note").wide(40);
pub const STATED_BY: Column = plain("stated_by").headed("밝힌 곳", "Stated by");
pub const STATED_ON: Column = plain("stated_on").headed("밝힌 날", "Stated on");
pub const ORGANIZATION: Column = plain("organization/name").wide(30);
pub const RETRACTED: Column = day("retraction/retracted_on").headed("취소일", "Retracted on");
pub const SOURCE: Column = plain("source/title").wide(40);
pub const SOURCE_URL: Column = plain("source/url")
    .headed("출처 주소", "Source URL")
    .wide(40);
pub const BUDGET: Column = plain("budget/amount");
pub const BUDGET_MIN: Column =
    plain("budget/min_amount").headed("사업비(최소)", "Budget, at least");
pub const BUDGET_MAX: Column = plain("budget/max_amount").headed("사업비(최대)", "Budget, at most");
pub const BUDGET_CURRENCY: Column =
    plain("budget/currency").headed("사업비 통화", "Currency of budget");
pub const BUDGET_APPROXIMATE: Column =
    plain("budget/approximate").headed("사업비 어림값 여부", "Budget is approximate");
pub const BUDGET_STATED: Column =
    plain("budget/as_stated").headed("사업비(원문)", "Budget (as stated)");
pub const AREA: Column = plain("area/square_metres").headed("면적(㎡)", "Area (m²)");
pub const AREA_MIN: Column =
    plain("area/min_square_metres").headed("면적(최소, ㎡)", "Area, at least (m²)");
pub const AREA_MAX: Column =
    plain("area/max_square_metres").headed("면적(최대, ㎡)", "Area, at most (m²)");
pub const AREA_APPROXIMATE: Column =
    plain("area/approximate").headed("면적 어림값 여부", "Area is approximate");
pub const AREA_STATED: Column = plain("area/as_stated").headed("면적(원문)", "Area (as stated)");
pub const IMPLEMENTERS: Column = plain("implementing_organizations/*/name").wide(30);
pub const OTHER_PARTIES: Column = plain("other_parties/as_stated");
pub const OTHER_PARTY_COUNT: Column =
    plain("other_parties/count").headed("그 밖의 당사자 수", "Number of other parties");
pub const INDIVIDUAL_PARTY_COUNT: Column =
    plain("individual_party_count").headed("개인 당사자 수", "Number of individual parties");
pub const IMPLEMENTER_SHARES: Column =
    plain("implementers/*/share_percent").headed("시행자 지분(%)", "Shares of implementers (%)");
pub const BASELINE: Column = plain("baseline").headed("최초 목표", "Baseline");
pub const TARGET: Column = plain("target").headed("목표", "Target");
pub const ACTUAL: Column = plain("actual").headed("실제", "Actual");
pub const SLIP_MIN: Column =
    plain("slip/min_days").headed("지연 일수(최소)", "Slip, at least (days)");
pub const SLIP_MAX: Column =
    plain("slip/max_days").headed("지연 일수(최대)", "Slip, at most (days)");
pub const DEADLINE_SLIP: Column =
    plain("deadline_slip_days").headed("기한 기준 지연 일수", "Slip of the deadline (days)");
pub const OVERDUE: Column = plain("overdue_days").headed("기한 경과 일수", "Overdue (days)");
pub const PHASE: Column = plain("phase");
pub const URL: Column = plain("url").wide(40);

/// The columns of reports on one commitment.
pub const REPORT: [Column; 12] = [
    plain("commitment/text").wide(40),
    plain("commitment/due").headed("이행 기한", "Due"),
    plain("on"),
    code("status", "ReportedStatus"),
    plain("percent"),
    plain("value"),
    NOTE,
    plain("reported_by/name"),
    plain("reported_by/organization/name").headed("보고 기관", "Reporting organization"),
    code("standing", "Standing").headed("효력", "Standing"),
    RETRACTED,
    ID,
];

/// The columns of reports on all commitments.
pub const LISTED_REPORT: [Column; 14] = {
    let mut columns = [MUNICIPALITY; 14];
    columns[1] = AGREEMENT;
    let mut at = 0;
    while at < REPORT.len() {
        columns[at + 2] = REPORT[at];
        at += 1;
    }
    columns
};
