//! The fields of the forms of agreements.

use super::step_fields::URGENT;
use crate::pages::office::fields::{HELD_SOURCES, ORGANIZATION, SOURCES, VISIBILITY};
use crate::pages::office::form::{Field, Group, Kind, OF_RECORD};

/// Name of the field with the projects that an agreement serves, which the page offers.
pub const PROJECTS: &str = "project_ids";

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
    Field {
        at: PROJECTS,
        kind: Kind::Several,
        label: ("관련 사업", "Projects that it serves"),
        hint: (
            "등록된 사업에서 고르십시오.",
            "Some of the projects that are recorded.",
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
    Field::plain(
        "public_property",
        Kind::YesNo,
        ("공유재산 관련", "Involves public property"),
    ),
    Field::plain(
        "restricts_rights",
        Kind::YesNo,
        (
            "주민의 권리 제한·의무 부과",
            "Restricts rights of residents, or imposes duties",
        ),
    ),
    Field::plain(
        "concluded_by",
        Kind::Code("Organ"),
        ("체결 기관", "Organ that concluded it"),
    ),
    Field {
        at: "partner_reviewed_on",
        kind: Kind::Past,
        label: ("상대방 사전 검토일", "Day of the partner's review"),
        hint: (
            "상대방이 협약안의 검토를 마친 날. 예: 2026. 11. 20.",
            "The day by which the partner had reviewed the draft, such as 2026-11-20.",
        ),
    },
    Field {
        at: "topics",
        kind: Kind::Texts,
        label: ("주제", "Topics"),
        hint: (
            "한 줄에 하나씩. 예: 바이오",
            "One a line, such as: Biotechnology",
        ),
    },
    Field {
        at: "withholding/legal_basis",
        kind: Kind::Line,
        label: ("비공개 근거 법령", "Legal basis for withholding it"),
        hint: (
            "공개하지 않을 때만. 예: 공공기관의 정보공개에 관한 법률 제9조제1항제5호",
            "Only if it is not public, such as: Official Information Disclosure Act, Article 9 (1) 5",
        ),
    },
    Field {
        at: "withholding/until",
        kind: Kind::Day,
        label: ("비공개 종료일", "Last day of the withholding"),
        hint: ("정하지 않았으면 비워 둡니다.", "Empty if none is set."),
    },
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
    Field::plain(
        "contact/email",
        Kind::Line,
        ("연락처: 전자우편", "Contact: e-mail"),
    ),
    Field::plain("note/*", Kind::Lines, ("비고", "Remarks")),
];

pub const PARTY: &[Field] = &[
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
    Field {
        at: "signatory_not_stated",
        kind: Kind::Yes,
        label: (
            "출처에 서명자가 없음을 확인",
            "The sources were checked and name no signatory",
        ),
        hint: (
            "확인했는데 없을 때만 ‘예’. 아직 모르면 그대로 두십시오.",
            "Yes only if that was checked; leave it if it is not known yet.",
        ),
    },
];

pub const COMMITMENT: &[Field] = &[
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
    Field::plain("owed_to", Kind::Parties, ("상대", "Owed to")),
    Field {
        at: "due",
        kind: Kind::Due,
        label: ("기한", "Due"),
        hint: (
            "예: 2024년까지, 2026년 하반기, 체결일로부터 6개월 이내. 관련 사업의 추진 단계부터 계산하는 기한은 ‘착공 후 36개월’처럼 적습니다.",
            "Such as: by 2024, second half of 2026, within six months of signing. A time that is counted from a milestone of its project is written like ‘36 months after groundbreaking’.",
        ),
    },
    Field {
        at: "target",
        kind: Kind::Count,
        label: ("목표 수량", "Number that is promised"),
        hint: (
            "문서에 적힌 대로: 450명 고용, 30억 원",
            "As the document has it: 450 persons",
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
    STATEMENTS,
    SOURCES,
    Group {
        closed: true,
        ..Group::of_body(("추가 입력", "More"), MORE)
    },
    Group {
        closed: true,
        ..Group::of_body(
            (
                "의회보다 먼저 체결했을 때",
                "If it was signed before the council",
            ),
            &[URGENT],
        )
    },
];

/// What was said about an agreement.
const STATEMENTS: Group = Group {
    list: "statements",
    title: ("발언", "Statements"),
    fields: STATEMENT,
    item: ("발언", "statement"),
    offered: 1,
    closed: true,
};

const STATEMENT: &[Field] = &[
    Field {
        at: "speaker",
        kind: Kind::Line,
        label: ("발언자", "Speaker"),
        hint: ("예: 이재준", "Such as: Lee Jae-joon"),
    },
    Field {
        at: "title/*",
        kind: Kind::Line,
        label: ("직위", "Post"),
        hint: ("예: 고양시장", "Such as: Mayor of Goyang"),
    },
    Field::plain(
        PARTY_PLACE,
        Kind::Party,
        ("소속 당사자", "Speaks for the party"),
    ),
    Field::plain("text/*", Kind::Lines, ("발언 내용", "What was said")),
    Field {
        at: "said_on",
        kind: Kind::Past,
        label: ("발언일", "Said on"),
        hint: ("예: 2021. 4. 16.", "Such as: 2021-04-16"),
    },
];

/// Name of the field with the party for which somebody speaks.
pub const PARTY_PLACE: &str = "party";

/// The form that changes the content of an agreement.
pub const EDIT: &[Group] = &[
    Group::of_body(("협약", "The agreement"), CONTENT),
    Group {
        fields: &[
            OF_RECORD,
            STATEMENT[0],
            STATEMENT[1],
            STATEMENT[2],
            STATEMENT[3],
            STATEMENT[4],
        ],
        ..STATEMENTS
    },
    HELD_SOURCES,
    Group {
        closed: true,
        ..Group::of_body(("추가 입력", "More"), MORE)
    },
];

/// Name of the field with the reason for a correction, which is no part of the body.
pub const REASON: &str = "correction_reason";

/// The group with the reason for a correction.
pub const CORRECTING: Group = Group::of_body(
    ("정정 사유", "Reason for the correction"),
    &[Field {
        at: REASON,
        kind: Kind::Line,
        label: ("정정하는 이유를 적어 주십시오.", "Why is it corrected?"),
        hint: ("예: 오기 정정", "Such as: a slip of the pen"),
    }],
);

/// The form that corrects the content of a signed agreement.
pub const CORRECTION: &[Group] = &[CORRECTING, EDIT[0], EDIT[1], EDIT[2], EDIT[3]];

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
