//! The fields of the forms of agreements.

use crate::pages::office::fields::{ORGANIZATION, SOURCE, SOURCES, VISIBILITY};
use crate::pages::office::form::{Field, Group, Kind};

const CONTENT: &[Field] = &[
    Field {
        at: "title/*",
        kind: Kind::Line,
        label: ("협약 이름", "Title"),
        hint: (
            "예: 일산테크노밸리 의료·바이오 클러스터 조성을 위한 업무협약",
            "Such as: MOU for a medical and bio cluster",
        ),
    },
    Field::plain(
        "kind",
        Kind::Needed("AgreementKind", "mou"),
        ("종류", "Kind"),
    ),
    Field {
        at: "signed_on",
        kind: Kind::Past,
        label: ("체결일", "Signed on"),
        hint: (
            "문서에 적힌 대로: 2021. 4. 16., '21.4.16., 2021년 상반기. 모르면 비워 두십시오.",
            "As the document has it: 2021-04-16, April 2021, first half of 2021. Leave it empty if unknown.",
        ),
    },
    Field {
        at: "effective_until",
        kind: Kind::Term,
        label: ("협약 기간", "Term"),
        hint: (
            "문서에 적힌 대로: 체결일로부터 2년, 이의 없으면 1년씩 자동 연장 / 2021. 4. 16. ~ 2024. 4. 15.",
            "As the document has it: two years from signing, renewed by one year unless objected to.",
        ),
    },
    Field::plain("purpose/*", Kind::Lines, ("목적", "Purpose")),
    Field::plain("venue/*", Kind::Line, ("체결 장소", "Place of signing")),
    Field::plain(
        "lead_department",
        Kind::Line,
        ("담당 부서", "Department in charge"),
    ),
    Field::plain(
        "reference_number",
        Kind::Line,
        ("협약 번호", "The city's own number"),
    ),
    Field {
        at: "cost",
        kind: Kind::Money,
        label: ("소요 예산", "Cost"),
        hint: ("예: 약 8,493억 원, 3천만원", "Such as: KRW 30 million"),
    },
    VISIBILITY,
];

const MORE: &[Field] = &[
    Field::plain(
        "legally_binding",
        Kind::YesNo,
        ("법적 구속력", "Legally binding"),
    ),
    Field::plain(
        "financial_obligation",
        Kind::YesNo,
        ("재정 부담", "Binds the budget"),
    ),
    Field {
        at: "contact/department",
        kind: Kind::Line,
        label: ("연락처: 부서", "Contact: department"),
        hint: (
            "연락처는 우리 직원만 봅니다.",
            "Only your own staff see the contact.",
        ),
    },
    Field::plain(
        "contact/name",
        Kind::Line,
        ("연락처: 담당자", "Contact: name"),
    ),
    Field::plain(
        "contact/phone",
        Kind::Line,
        ("연락처: 전화", "Contact: phone"),
    ),
    Field::plain("note/*", Kind::Lines, ("비고", "Remarks")),
];

const PARTY: &[Field] = &[
    ORGANIZATION,
    Field::plain(
        "role",
        Kind::Needed("PartyRole", "partner"),
        ("역할", "Role"),
    ),
    Field {
        at: "signatory/title/*",
        kind: Kind::Line,
        label: ("서명자 직위", "Post of the signatory"),
        hint: ("예: 고양시장", "Such as: Mayor of Goyang"),
    },
    Field::plain(
        "signatory/name",
        Kind::Line,
        ("서명자 이름", "Name of the signatory"),
    ),
];

const COMMITMENT: &[Field] = &[
    Field::plain("text/*", Kind::Lines, ("약속한 내용", "What is promised")),
    Field {
        at: "owed_by",
        kind: Kind::Parties,
        label: ("이행 주체", "Owed by"),
        hint: (
            "위에 적은 당사자에서 고르십시오. 문서에 없으면 비워 두십시오.",
            "Some of the parties above; none if the document does not say.",
        ),
    },
    Field {
        at: "due",
        kind: Kind::Date,
        label: ("기한", "Due"),
        hint: (
            "예: 2024년까지, 2026년 하반기, 착공 후 36개월",
            "Such as: by 2024, second half of 2026",
        ),
    },
];

/// The form that records an agreement.
pub const NEW: &[Group] = &[
    Group::of_body(
        ("무엇을 기록합니까?", "What do you record?"),
        &[Field {
            at: "status",
            kind: Kind::Among("AgreementStatus", &["signed", "draft"]),
            label: ("지금 상태", "Status now"),
            hint: (
                "이미 체결했으면 ‘체결’, 아직이면 ‘작성’을 고르십시오.",
                "Signed, if the agreement was signed already; otherwise a draft.",
            ),
        }],
    ),
    Group::of_body(("협약", "The agreement"), CONTENT),
    Group {
        list: "parties",
        title: ("당사자", "Parties"),
        fields: PARTY,
        item: ("당사자", "party"),
        offered: 2,
        closed: false,
    },
    Group {
        list: "commitments",
        title: ("협약 사항", "Commitments"),
        fields: COMMITMENT,
        item: ("협약 사항", "commitment"),
        offered: 1,
        closed: false,
    },
    SOURCES,
    Group {
        closed: true,
        ..Group::of_body(("더 적기", "More"), MORE)
    },
];

/// The form that changes the content of an agreement.
pub const EDIT: &[Group] = &[
    Group::of_body(("협약", "The agreement"), CONTENT),
    Group {
        closed: true,
        ..Group::of_body(("더 적기", "More"), MORE)
    },
];

/// Name of the field with the reason for a correction, which is no part of the body.
pub const REASON: &str = "correction_reason";

/// The group with the reason for a correction.
const CORRECTING: Group = Group::of_body(
    ("정정 사유", "Reason for the correction"),
    &[Field {
        at: REASON,
        kind: Kind::Line,
        label: ("왜 고칩니까?", "Why is it corrected?"),
        hint: ("예: 오기 정정", "Such as: a slip of the pen"),
    }],
);

/// The form that corrects the content of a signed agreement.
pub const CORRECTION: &[Group] = &[CORRECTING, EDIT[0], EDIT[1]];

/// The form that adds a party.
pub const NEW_PARTY: &[Group] = &[CORRECTING, Group::of_body(("당사자", "Party"), PARTY)];

/// Fields of a commitment of an agreement whose parties are known.
const COMMITTED: &[Field] = &[
    COMMITMENT[0],
    Field {
        kind: Kind::Several,
        hint: (
            "문서에 없으면 비워 두십시오.",
            "None if the document does not say.",
        ),
        ..COMMITMENT[1]
    },
    Field::plain("owed_to", Kind::Several, ("상대", "Owed to")),
    COMMITMENT[2],
];

/// The form that adds a commitment. Those who owe it are chosen among the parties.
pub const NEW_COMMITMENT: &[Group] = &[
    CORRECTING,
    Group::of_body(("협약 사항", "Commitment"), COMMITTED),
];

/// The form that adds a source.
pub const NEW_SOURCE: &[Group] = &[CORRECTING, Group::of_body(("출처", "Source"), SOURCE)];

/// The form that adds a document.
pub const NEW_DOCUMENT: &[Group] = &[Group::of_body(
    ("문서", "Document"),
    &[
        Field {
            at: "title/*",
            kind: Kind::Line,
            label: ("문서 이름", "Title"),
            hint: ("예: 업무협약서", "Such as: the signed agreement"),
        },
        Field {
            at: "file_number",
            kind: Kind::Line,
            label: ("문서 번호", "File number"),
            hint: ("예: 전략산업과-1234", "Such as: Strategy-1234"),
        },
        Field {
            at: "place_kept/*",
            kind: Kind::Line,
            label: ("보관하는 곳", "Place where it is kept"),
            hint: (
                "예: 전략산업과 문서고",
                "Such as: archive of the department",
            ),
        },
        Field {
            at: "url",
            kind: Kind::Line,
            label: ("주소", "Address"),
            hint: (
                "공개되어 있으면 https://로 시작하는 주소",
                "If it is published: an address that begins with https://",
            ),
        },
    ],
)];

/// The form that reports on a commitment.
pub const REPORT: &[Group] = &[Group::of_body(
    ("이행 보고", "Report"),
    &[
        Field {
            at: "on",
            kind: Kind::Past,
            label: ("어느 날의 상태입니까?", "State as of"),
            hint: (
                "예: 2026. 11. 29., 2026년 상반기",
                "Such as: 2026-11-29, first half of 2026",
            ),
        },
        Field::plain(
            "status",
            Kind::Among(
                "ReportedStatus",
                &[
                    "in_progress",
                    "fulfilled",
                    "not_started",
                    "unfulfilled",
                    "dropped",
                ],
            ),
            ("상태", "Status"),
        ),
        Field {
            at: "percent",
            kind: Kind::Whole,
            label: ("이행률(%)", "Share done (%)"),
            hint: ("알면 0에서 100까지", "0 to 100, if known"),
        },
        Field::plain("note/*", Kind::Lines, ("설명", "Note")),
    ],
)];

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

const STEP_REASON: Field = Field::plain("reason/*", Kind::Lines, ("사유", "Reason"));

/// The form of a step that needs no more than its day and perhaps a reason.
pub const STEP: &[Group] = &[Group::of_body(("단계", "Step"), &[ON, STEP_REASON])];

/// What becomes of the open commitments of an agreement that ends.
const OUTCOMES: Group = Group {
    list: "commitments",
    title: ("남은 협약 사항", "Open commitments"),
    fields: &[
        Field::plain("commitment_id", Kind::Hidden, ("협약 사항", "Commitment")),
        Field::plain(
            "becomes",
            Kind::Code("Becomes"),
            ("어떻게 되었습니까?", "What came of it?"),
        ),
        Field::plain("note/*", Kind::Line, ("설명", "Note")),
    ],
    item: ("협약 사항", "Commitment"),
    offered: 0,
    closed: false,
};

/// The form of a signing.
pub const SIGNING: &[Group] = &[
    Group::of_body(("체결", "Signing"), &[ON]),
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
            ON,
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

/// The form that confirms or declines a partner's report.
pub const REVIEW: &[Group] = &[Group::of_body(
    ("결정", "Decision"),
    &[
        Field::plain(
            "decision",
            Kind::Among("Standing", &["counted", "declined"]),
            ("이 보고를 어떻게 합니까?", "What becomes of this report?"),
        ),
        Field {
            at: "text",
            kind: Kind::Lines,
            label: ("사유나 설명", "Reason or note"),
            hint: (
                "받아들이지 않을 때에는 사유가 필요합니다.",
                "A report that is declined needs a reason.",
            ),
        },
    ],
)];
