//! The fields of the forms of members of working groups and associations.

use crate::pages::office::fields::{HELD_SOURCES, ORGANIZATION, SOURCES};
use crate::pages::office::form::{Field, Group, Kind, OF_RECORD};

pub const POST: Field = Field {
    at: "post/*",
    kind: Kind::Line,
    label: (
        "직위로 참여하면 그 직위",
        "Post, if its holder is the member",
    ),
    hint: ("예: 부시장", "Such as: Vice mayor"),
};

pub const PERSON: Field = Field {
    at: "person_name",
    kind: Kind::Line,
    label: ("사람 이름", "Name of the person"),
    hint: (
        "공개된 이름만 적으십시오. 협의체를 보는 사람은 모두 봅니다.",
        "Published names alone: whoever sees the group sees it.",
    ),
};

pub const ROLE: Field = Field {
    at: "role/*",
    kind: Kind::Line,
    label: ("역할", "Role"),
    hint: ("예: 간사", "Such as: Secretary"),
};

pub const JOINED: Field = Field::plain("joined", Kind::Past, ("참여일", "Joined"));

const LEFT: Field = Field::plain("left", Kind::Past, ("탈퇴일", "Left"));

const CHAIRED: [Field; 2] = [
    Field::plain("from", Kind::Past, ("위원장 임기 시작일", "Chairs from")),
    Field::plain("until", Kind::Past, ("위원장 임기 종료일", "Chairs until")),
];

const CHAIR_TERMS: Group = Group {
    list: "chair_terms",
    title: ("위원장 임기", "Terms as the chair"),
    fields: &CHAIRED,
    item: ("임기", "term"),
    offered: 1,
    closed: true,
};

/// The form that adds a member to a working group.
pub const NEW_OF_GROUP: &[Group] = &[
    Group::of_body(
        ("구성원", "Member"),
        &[ORGANIZATION, POST, PERSON, ROLE, JOINED, LEFT],
    ),
    CHAIR_TERMS,
    SOURCES,
];

/// The form that changes a member of a working group, such as one that leaves.
pub const OF_GROUP: &[Group] = &[
    Group::of_body(("구성원", "Member"), &[POST, PERSON, ROLE, JOINED, LEFT]),
    Group {
        fields: &[OF_RECORD, CHAIRED[0], CHAIRED[1]],
        ..CHAIR_TERMS
    },
    HELD_SOURCES,
];

/// The form that adds a member to an association.
pub const NEW_OF_ASSOCIATION: &[Group] = &[
    Group::of_body(("회원", "Member"), &[ORGANIZATION, ROLE, JOINED, LEFT]),
    SOURCES,
];

/// The form that changes a member of an association, such as one that leaves.
pub const OF_ASSOCIATION: &[Group] = &[
    Group::of_body(("회원", "Member"), &[ROLE, JOINED, LEFT]),
    HELD_SOURCES,
];
