//! The fields of the forms of announcements.

use crate::pages::office::form::{Field, Group, Kind, OF_RECORD};

const CONTENT: &[Field] = &[
    Field {
        at: "title/*",
        kind: Kind::Line,
        label: ("제목", "Title"),
        hint: (
            "예: 고양시, 한국바이오의약품협회와 업무협약",
            "Such as: Goyang and KoBIA sign an MOU",
        ),
    },
    Field {
        at: "kind",
        kind: Kind::Needed("AnnouncementKind", "signing"),
        label: ("발표한 일", "Event"),
        hint: ("", ""),
    },
    Field {
        at: "announced_on",
        kind: Kind::Past,
        label: ("발표일", "Announced on"),
        hint: (
            "예: 2021. 4. 19. 모르면 비워 두십시오. 발표한 목표 시점을 기록하려면 있어야 합니다.",
            "Such as 2021-04-19. Leave it empty if unknown; the targets that it states need it.",
        ),
    },
    Field {
        at: "publisher",
        kind: Kind::Line,
        label: ("발표한 곳", "Publisher"),
        hint: ("예: 고양시, 연합뉴스", "Such as: Goyang-si, Yonhap News"),
    },
    Field {
        at: "url",
        kind: Kind::Line,
        label: ("주소", "Address"),
        hint: (
            "예: https://www.goyang.go.kr/news/1",
            "Such as https://www.goyang.go.kr/news/1",
        ),
    },
    Field {
        at: "happened_on",
        kind: Kind::Date,
        label: ("발표한 일의 날짜", "Day of the event"),
        hint: (
            "발표에 적힌 체결일, 착공일 또는 준공일입니다.",
            "The day of the signing, groundbreaking or completion, as the announcement states it.",
        ),
    },
    Field {
        at: "amount",
        kind: Kind::Money,
        label: ("금액", "Amount"),
        hint: ("예: 약 8,493억 원", "Such as: KRW 30 million"),
    },
    Field {
        at: "lead_department",
        kind: Kind::Line,
        label: ("담당 부서", "Department in charge"),
        hint: ("예: 전략산업과", "Such as: Strategic Industry Division"),
    },
    Field {
        at: "text/*",
        kind: Kind::Lines,
        label: ("내용", "Text"),
        hint: ("", ""),
    },
    Field {
        at: "visibility",
        kind: Kind::Needed("Visibility", "public"),
        label: ("공개 범위", "Visible to"),
        hint: ("", ""),
    },
];

const PARTIES: Group = Group {
    list: "parties",
    title: ("당사자(발표한 대로)", "Parties, as announced"),
    fields: &[PARTY],
    item: ("당사자", "party"),
    offered: 2,
    closed: false,
};

const PARTY: Field = Field::plain("name", Kind::Line, ("기관 이름", "Name"));

const TARGETS: Group = Group {
    list: "targets",
    title: ("발표한 목표 시점", "Targets, as announced"),
    fields: &[STEP, TARGET],
    item: ("목표 시점", "target"),
    offered: 1,
    closed: false,
};

const STEP: Field = Field::plain(
    "kind",
    Kind::Needed("MilestoneKind", "completion"),
    ("추진 단계", "Milestone"),
);

/// The form that records an announcement.
pub const NEW: &[Group] = &[
    Group::of_body(("발표 내용", "The announcement"), CONTENT),
    PARTIES,
    TARGETS,
];

/// The form that changes an announcement.
pub const EDIT: &[Group] = &[
    NEW[0],
    Group {
        fields: &[OF_RECORD, PARTY],
        ..PARTIES
    },
    Group {
        fields: &[OF_RECORD, STEP, TARGET],
        ..TARGETS
    },
];

const TARGET: Field = Field {
    at: "target",
    kind: Kind::Date,
    label: ("목표 시점", "Target"),
    hint: (
        "발표에 적힌 대로: 2024년까지, 2026년 하반기",
        "As announced: by 2024, second half of 2026",
    ),
};

const FORECASTS: Group = Group {
    list: "forecasts",
    title: ("함께 기록할 목표 시점", "Targets to record with it"),
    fields: &[
        Field {
            at: "milestone_id",
            kind: Kind::Hidden,
            label: ("", ""),
            hint: ("", ""),
        },
        TARGET,
    ],
    item: ("추진 단계", "milestone"),
    offered: 0,
    closed: false,
};

/// The form that confirms the agreement that an announcement is about.
pub const OF_AGREEMENT: &[Group] = &[FORECASTS];

/// The form that confirms the milestone that an announcement is about.
pub const OF_MILESTONE: &[Group] = &[
    Group::of_body(
        ("추진 결과", "Outcome"),
        &[Field {
            at: "met_on",
            kind: Kind::Past,
            label: ("달성일", "Met on"),
            hint: (
                "이 발표로 추진 결과도 기록하려면 그날을 적으십시오. 이미 기록했으면 비워 두십시오.",
                "To record the outcome as well, its day. Leave it empty if it is recorded already.",
            ),
        }],
    ),
    FORECASTS,
];

/// The form that rejects a candidate, or every one.
pub const REJECTION: &[Group] = &[Group::of_body(
    ("제외", "Rejection"),
    &[Field {
        at: "reason/*",
        kind: Kind::Lines,
        label: ("사유", "Reason"),
        hint: ("예: 행사 안내", "Such as: an invitation to an event"),
    }],
)];

/// The form that makes a draft agreement.
pub const DRAFT: &[Group] = &[Group::of_body(
    ("협약 초안", "Draft"),
    &[
        Field {
            at: "kind",
            kind: Kind::Needed("AgreementKind", "mou"),
            label: ("종류", "Kind"),
            hint: ("", ""),
        },
        Field {
            at: "title/*",
            kind: Kind::Line,
            label: ("협약 이름", "Title"),
            hint: (
                "비워 두면 발표의 제목입니다.",
                "That of the announcement if left empty.",
            ),
        },
    ],
)];
