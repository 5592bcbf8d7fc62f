//! The fields of the forms of steps: their days, signatures and the outcomes of commitments.

use super::fields::CORRECTING;
use crate::pages::office::form::{Field, Group, Kind};

const SIGNATURE: &[Field] = &[
    Field::plain("party_id", Kind::Hidden, ("당사자", "Party")),
    Field {
        at: "signatory/title/*",
        kind: Kind::Line,
        label: ("직위", "Post"),
        hint: ("예: 고양시장", "Such as: Mayor of Goyang"),
    },
    Field::plain("signatory/name", Kind::Line, ("이름", "Name")),
];

pub const ON: Field = Field {
    at: "on",
    kind: Kind::Past,
    label: ("날짜", "Day"),
    hint: (
        "이 일이 있었던 날입니다. 예: 2026. 11. 29.",
        "The day on which it happened, such as 2026-11-29.",
    ),
};

/// The day of a step that is today unless another is stated.
const STEP_ON: Field = Field {
    hint: (
        "이 일이 있었던 날입니다. 비워 두면 오늘로 기록합니다. 예: 2026. 11. 29.",
        "The day on which it happened, such as 2026-11-29; today if it is left empty.",
    ),
    ..ON
};

const STEP_REASON: Field = Field::plain("reason/*", Kind::Lines, ("사유", "Reason"));

/// The form of a step that needs no more than its day and perhaps a reason.
pub const STEP: &[Group] = &[Group::of_body(("단계", "Step"), &[STEP_ON, STEP_REASON])];

/// The form that corrects the day of a step.
pub const STEP_DAY: &[Group] = &[
    CORRECTING,
    Group::of_body(
        ("단계 날짜", "Day of the step"),
        &[Field {
            hint: (
                "이 일이 있었던 날입니다. 모르면 비워 둡니다. 예: 2026. 11. 29.",
                "The day on which it happened, such as 2026-11-29; empty if unknown.",
            ),
            ..ON
        }],
    ),
];

/// What becomes of the open commitments of an agreement that ends.
pub const OUTCOMES: Group = Group {
    list: "commitments",
    title: ("남은 협약 사항", "Open commitments"),
    fields: &[
        Field::plain("commitment_id", Kind::Hidden, ("협약 사항", "Commitment")),
        Field::plain(
            "becomes",
            Kind::CodeOr("Becomes", ("아직 기록하지 않음", "Not recorded yet")),
            ("어떻게 되었습니까?", "What came of it?"),
        ),
        Field::plain("note/*", Kind::Line, ("설명", "Note")),
    ],
    item: ("협약 사항", "Commitment"),
    offered: 0,
    closed: false,
};

/// Why a signing could not wait for the council.
pub const URGENT: Field = Field {
    at: "urgent/reason/*",
    kind: Kind::Lines,
    label: ("긴급한 사유", "Why it could not wait"),
    hint: (
        "의회의 동의나 사전 보고를 기다릴 수 없어 먼저 체결할 때만 적습니다. 체결한 뒤 의회에 보고합니다. 예: 국비 공모 마감",
        "Only for a signing that cannot wait for the council, which is then told afterwards. Such as: a call for state funds closes",
    ),
};

/// The form of a signing.
pub const SIGNING: &[Group] = &[
    Group::of_body(("체결", "Signing"), &[ON, URGENT]),
    Group {
        list: "signatures",
        title: ("서명자", "Signatories"),
        fields: SIGNATURE,
        item: ("당사자", "Party"),
        offered: 0,
        closed: false,
    },
    Group {
        title: (
            "앞 협약의 남은 협약 사항",
            "Open commitments of the agreement before",
        ),
        ..OUTCOMES
    },
];

/// The form of a step that ends an agreement: each open commitment needs an outcome.
pub const ENDING: &[Group] = &[
    Group::of_body(
        ("종료", "End"),
        &[
            STEP_ON,
            Field {
                at: "notified_on",
                kind: Kind::Past,
                label: ("통보일", "Notified on"),
                hint: (
                    "종료를 먼저 통보했으면 그날",
                    "If the end was announced ahead, the day of that",
                ),
            },
            STEP_REASON,
        ],
    ),
    OUTCOMES,
];
