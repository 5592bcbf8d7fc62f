//! The fields of the forms of working groups and their meetings.

use crate::pages::office::fields::{HELD_SOURCES, ORGANIZATION, SOURCES, URL, VISIBILITY};
use crate::pages::office::form::{Field, Group, Kind};
use crate::pages::office::members::fields::{JOINED, PERSON, POST, ROLE};

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
    Field::plain("purpose/*", Kind::Lines, ("목적", "Purpose")),
    Field {
        at: "established",
        kind: Kind::Past,
        label: ("구성일", "Established"),
        hint: (
            "문서에 적힌 대로: 2021. 4. 16., 2021년 상반기",
            "As the document has it: 2021-04-16, first half of 2021",
        ),
    },
    Field::plain("dissolved", Kind::Past, ("해산일", "Dissolved")),
    Field {
        at: "meets_every_months",
        kind: Kind::Whole,
        label: ("회의 주기(개월)", "Meets every so many months"),
        hint: ("정해져 있으면. 예: 6", "If that is laid down, such as 6"),
    },
    VISIBILITY,
];

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
pub const EDIT: &[Group] = &[NEW[0], HELD_SOURCES];

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
            "개최일 또는 개최 예정일. 예: 2026. 11. 29.",
            "The day on which it was or will be held, such as 2026-11-29.",
        ),
    },
    Field::plain(
        "status",
        Kind::Needed("MeetingStatus", "held"),
        ("상태", "Status"),
    ),
    Field::plain("venue/*", Kind::Line, ("장소", "Place")),
    Field::plain("agenda/*", Kind::Lines, ("안건", "Agenda")),
    Field::plain("decisions/*", Kind::Lines, ("결정 사항", "Decisions")),
    Field::plain(
        ATTENDED,
        Kind::Several,
        ("참석 기관", "Organizations that took part"),
    ),
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
            URL,
            Field::plain(
                "place_kept/*",
                Kind::Line,
                ("보관하는 곳", "Place where it is kept"),
            ),
            Field::plain("file_number", Kind::Line, ("문서 번호", "File number")),
        ],
        item: ("문서", "document"),
        offered: 1,
        closed: true,
    },
    SOURCES,
];
