//! Tables of what has its place in a calendar.

use crate::http::tables::columns::{Table, code, day, plain};
use crate::http::tables::common::{
    ACTUAL, AGREEMENT, BASELINE, DEADLINE_SLIP, ID, MUNICIPALITY, NAME, OVERDUE, PHASE, PROJECT,
    SLIP_MAX, SLIP_MIN, TARGET, TITLE,
};
use crate::kernel::language::Message;

pub const TABLES: &[Table] = &[
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
            plain("working_group/name"),
            plain("organizations/*/name").wide(30),
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
