//! The fields of the forms that add, change and remove parts of an agreement.

use super::fields::{COMMITMENT, CORRECTING, PARTY};
use crate::pages::office::fields::SOURCE;
use crate::pages::office::form::{Field, Group, Kind};

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
    Field {
        kind: Kind::Several,
        ..COMMITMENT[2]
    },
    COMMITMENT[3],
    COMMITMENT[4],
];

/// The form that adds a commitment. Those who owe it are chosen among the parties.
pub const NEW_COMMITMENT: &[Group] = &[
    CORRECTING,
    Group::of_body(("협약 사항", "Commitment"), COMMITTED),
];

const JOINED_PARTY: &[Field] = &[
    PARTY[0],
    PARTY[1],
    PARTY[2],
    PARTY[3],
    Field {
        at: "signatory/on_behalf_of/*",
        kind: Kind::Line,
        label: ("누구를 대리해", "Signed on behalf of"),
        hint: ("예: 시장", "Such as: the mayor"),
    },
    PARTY[4],
    Field {
        at: "signed_on",
        kind: Kind::Past,
        label: ("이 당사자가 서명한 날", "Day on which this party signed"),
        hint: (
            "체결일과 따로 적혀 있을 때만",
            "Only if it is stated apart from the day of signing",
        ),
    },
    Field {
        at: "from",
        kind: Kind::Past,
        label: ("참여일", "Joined on"),
        hint: (
            "나중에 참여했을 때만",
            "Only if it joined later than the others",
        ),
    },
    Field {
        at: "until",
        kind: Kind::Past,
        label: ("탈퇴일", "Left on"),
        hint: (
            "탈퇴한 당사자는 삭제하지 말고 이날을 적으십시오.",
            "Give the day on which a party left: it stays in the record.",
        ),
    },
];

/// The form that changes a party, also one that leaves or joins.
pub const EDIT_PARTY: &[Group] = &[
    CORRECTING,
    Group::of_body(("당사자", "Party"), JOINED_PARTY),
];

/// The form that changes a commitment.
pub const EDIT_COMMITMENT: &[Group] = NEW_COMMITMENT;

/// The form that changes a document.
pub const EDIT_DOCUMENT: &[Group] = &[CORRECTING, NEW_DOCUMENT[0]];

/// The form that removes a part of a signed agreement.
pub const REMOVAL: &[Group] = &[CORRECTING];

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

/// The form that retracts a report.
pub const RETRACTION: &[Group] = &[Group::of_body(
    ("철회", "Retraction"),
    &[Field {
        at: "reason/*",
        kind: Kind::Lines,
        label: ("잘못된 이유를 적어 주십시오.", "Why is it a mistake?"),
        hint: (
            "예: 다른 협약 사항의 보고를 잘못 적음",
            "Such as: the report is on another commitment",
        ),
    }],
)];
