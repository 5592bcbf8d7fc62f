//! The fields of the forms of working groups and their meetings.

use crate::pages::office::form::{Field, Group, Kind};

const CONTENT: &[Field] = &[
    Field {
        at: "name/*",
        kind: Kind::Line,
        label: ("실무협의체 이름", "Name"),
        hint: (
            "예: 일산테크노밸리 의료기관 실무협의체",
            "Such as: working group of hospitals",
        ),
    },
    Field {
        at: "purpose/*",
        kind: Kind::Lines,
        label: ("목적", "Purpose"),
        hint: ("", ""),
    },
    Field {
        at: "established",
        kind: Kind::Past,
        label: ("구성일", "Established"),
        hint: (
            "문서에 적힌 대로: 2021. 4. 16., 2021년 상반기",
            "As the document has it: 2021-04-16, first half of 2021",
        ),
    },
    Field {
        at: "dissolved",
        kind: Kind::Past,
        label: ("해산일", "Dissolved"),
        hint: ("", ""),
    },
    Field {
        at: "meets_every_months",
        kind: Kind::Whole,
        label: ("회의 주기(개월)", "Meets every so many months"),
        hint: ("정해져 있으면. 예: 6", "If that is laid down, such as 6"),
    },
    Field {
        at: "visibility",
        kind: Kind::Needed("Visibility", "public"),
        label: ("공개 범위", "Visible to"),
        hint: ("", ""),
    },
];

const ORGANIZATION: Field = Field {
    at: "organization",
    kind: Kind::Organization,
    label: ("기관", "Organization"),
    hint: (
        "이름, 약칭 또는 사업자등록번호",
        "Name, short name or business registration number",
    ),
};

const POST: Field = Field {
    at: "post/*",
    kind: Kind::Line,
    label: (
        "직위로 참여하면 그 직위",
        "Post, if its holder is the member",
    ),
    hint: ("예: 부시장", "Such as: Vice mayor"),
};

const PERSON: Field = Field {
    at: "person_name",
    kind: Kind::Line,
    label: ("사람 이름", "Name of the person"),
    hint: (
        "공개된 이름만 적으십시오. 협의체를 보는 사람은 모두 봅니다.",
        "Published names alone: whoever sees the group sees it.",
    ),
};

const ROLE: Field = Field {
    at: "role/*",
    kind: Kind::Line,
    label: ("역할", "Role"),
    hint: ("예: 간사", "Such as: Secretary"),
};

const JOINED: Field = Field {
    at: "joined",
    kind: Kind::Past,
    label: ("참여한 날", "Joined"),
    hint: ("", ""),
};

const LEFT: Field = Field {
    at: "left",
    kind: Kind::Past,
    label: ("그만둔 날", "Left"),
    hint: ("", ""),
};

const CHAIRED: &[Field] = &[
    Field {
        at: "from",
        kind: Kind::Past,
        label: ("위원장이 된 날", "Chairs from"),
        hint: ("", ""),
    },
    Field {
        at: "until",
        kind: Kind::Past,
        label: ("위원장을 그만둔 날", "Chairs until"),
        hint: ("", ""),
    },
];

const SOURCES: Group = Group {
    list: "sources",
    title: ("출처", "Sources"),
    fields: &[
        Field {
            at: "publisher",
            kind: Kind::Line,
            label: ("발행처", "Publisher"),
            hint: ("예: 고양시 보도자료", "Such as: press release of Goyang"),
        },
        Field {
            at: "title",
            kind: Kind::Line,
            label: ("제목", "Title"),
            hint: ("", ""),
        },
        Field {
            at: "url",
            kind: Kind::Line,
            label: ("주소", "Address"),
            hint: (
                "https://로 시작하는 주소",
                "An address that begins with https://",
            ),
        },
        Field {
            at: "published_on",
            kind: Kind::Past,
            label: ("발행일", "Published on"),
            hint: ("", ""),
        },
    ],
    item: ("출처", "source"),
    offered: 1,
    closed: true,
};

/// The form that records a working group.
pub const NEW: &[Group] = &[
    Group::of_body(("실무협의체", "The working group"), CONTENT),
    Group {
        list: "members",
        title: ("구성원", "Members"),
        fields: &[ORGANIZATION, POST, PERSON, ROLE, JOINED],
        item: ("구성원", "member"),
        offered: 2,
        closed: false,
    },
    SOURCES,
];

/// The form that changes a working group.
pub const EDIT: &[Group] = &[Group::of_body(("실무협의체", "The working group"), CONTENT)];

/// The form that adds a member.
pub const NEW_MEMBER: &[Group] = &[
    Group::of_body(
        ("구성원", "Member"),
        &[ORGANIZATION, POST, PERSON, ROLE, JOINED, LEFT],
    ),
    Group {
        list: "chair_terms",
        title: ("위원장 임기", "Terms as the chair"),
        fields: CHAIRED,
        item: ("임기", "term"),
        offered: 1,
        closed: true,
    },
    SOURCES,
];

/// The form that changes a member, such as one that leaves.
pub const MEMBER: &[Group] = &[Group::of_body(
    ("구성원", "Member"),
    &[POST, PERSON, ROLE, JOINED, LEFT],
)];

const MEETING: &[Field] = &[
    Field {
        at: "title/*",
        kind: Kind::Line,
        label: ("회의 이름", "Title"),
        hint: ("예: 제1차 실무협의회", "Such as: First meeting"),
    },
    Field {
        at: "held_on",
        kind: Kind::Date,
        label: ("날짜", "Day"),
        hint: (
            "열린 날이나 열릴 날. 예: 2026. 11. 29.",
            "The day on which it was or will be held, such as 2026-11-29.",
        ),
    },
    Field {
        at: "status",
        kind: Kind::Needed("MeetingStatus", "held"),
        label: ("상태", "Status"),
        hint: ("", ""),
    },
    Field {
        at: "venue/*",
        kind: Kind::Line,
        label: ("장소", "Place"),
        hint: ("", ""),
    },
    Field {
        at: "agenda/*",
        kind: Kind::Lines,
        label: ("안건", "Agenda"),
        hint: ("", ""),
    },
    Field {
        at: "decisions/*",
        kind: Kind::Lines,
        label: ("결정 사항", "Decisions"),
        hint: ("", ""),
    },
    Field {
        at: ATTENDED,
        kind: Kind::Several,
        label: ("참석 기관", "Organizations that took part"),
        hint: ("", ""),
    },
];

/// Name of the field with the members that took part in a meeting.
pub const ATTENDED: &str = "attended";

/// The list of organizations that took part. The form names those that are no members in it.
pub const ATTENDEES: &str = "attendee_ids";

/// The form of a meeting.
pub const MEETINGS: &[Group] = &[
    Group::of_body(("회의", "Meeting"), MEETING),
    Group {
        list: ATTENDEES,
        title: ("그 밖의 참석 기관", "Others who took part"),
        fields: &[ORGANIZATION],
        item: ("기관", "organization"),
        offered: 1,
        closed: true,
    },
];

/// The form of a new meeting.
pub const NEW_MEETING: &[Group] = &[
    MEETINGS[0],
    MEETINGS[1],
    Group {
        list: "documents",
        title: ("회의록", "Minutes"),
        fields: &[
            Field {
                at: "title/*",
                kind: Kind::Line,
                label: ("문서 이름", "Title of the document"),
                hint: ("예: 제1차 회의록", "Such as: Minutes of the first meeting"),
            },
            Field {
                at: "url",
                kind: Kind::Line,
                label: ("주소", "Address"),
                hint: (
                    "https://로 시작하는 주소",
                    "An address that begins with https://",
                ),
            },
            Field {
                at: "place_kept/*",
                kind: Kind::Line,
                label: ("보관하는 곳", "Place where it is kept"),
                hint: ("", ""),
            },
            Field {
                at: "file_number",
                kind: Kind::Line,
                label: ("문서 번호", "File number"),
                hint: ("", ""),
            },
        ],
        item: ("문서", "document"),
        offered: 1,
        closed: true,
    },
    SOURCES,
];
