//! Tables of announcements and their comparison with the record.

use crate::http::tables::columns::{Table, code, plain};
use crate::http::tables::common::{
    AGREEMENT, ID, MUNICIPALITY, TITLE, TITLE_EN, TITLE_KO, URL, VISIBILITY,
};
use crate::kernel::language::Message;

pub const TABLES: &[Table] = &[
    Table {
        rows: "AnnouncementSummary",
        name: Message::fixed("발표", "announcements"),
        columns: &[
            plain("announced_on"),
            code("kind", "AnnouncementKind"),
            TITLE,
            TITLE_EN,
            TITLE_KO,
            MUNICIPALITY,
            plain("publisher"),
            plain("parties/*/name").wide(40),
            plain("happened_on"),
            plain("amount/amount"),
            plain("amount/as_stated").headed("금액(원문)", "Amount (as stated)"),
            plain("lead_department"),
            code("standing", "AnnouncementStanding"),
            AGREEMENT,
            plain("milestone/title"),
            plain("milestone/project/title")
                .headed("사업", "Project")
                .wide(30),
            URL,
            VISIBILITY,
            ID,
        ],
    },
    Table {
        rows: "AnnouncementMatch",
        name: Message::fixed("발표와 맞는 기록", "announcement-matches"),
        columns: &[
            plain("score"),
            plain("proposed").headed("제안", "Proposed"),
            AGREEMENT,
            plain("milestone/title"),
            plain("milestone/project/title")
                .headed("사업", "Project")
                .wide(30),
            plain("reasons/*/message")
                .headed("근거", "Reasons")
                .wide(60),
        ],
    },
    Table {
        rows: "ReconciliationRow",
        name: Message::fixed("발표와 기록의 대조", "reconciliation"),
        columns: &[
            code("finding", "ReconciliationFinding"),
            plain("day"),
            plain("announcement/title")
                .headed("발표", "Announcement")
                .wide(40),
            plain("others/*/title")
                .headed("같은 일의 다른 발표", "Other announcements")
                .wide(40),
            AGREEMENT,
            plain("milestone/title"),
            plain("department").headed("담당 부서", "Department"),
            plain("score"),
            code("differences/*/member", "DifferenceMember"),
            plain("differences/*/announced")
                .headed("발표한 값", "As announced")
                .wide(40),
            plain("differences/*/recorded")
                .headed("등록된 값", "As recorded")
                .wide(40),
        ],
    },
];
