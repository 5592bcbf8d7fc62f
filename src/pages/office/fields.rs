//! Fields that forms of several kinds of records share.

use super::form::{Field, Group, Kind, OF_RECORD};

/// Who holds the posts of an organization that is recorded.
pub const OFFICERS: Group = Group {
    list: "officers",
    title: ("기관장 등", "Officers"),
    fields: &[
        OF_RECORD,
        Field {
            at: "title/*",
            kind: Kind::Line,
            label: ("직위", "Post"),
            hint: ("예: 협회장", "Such as: President"),
        },
        Field::plain("name", Kind::Line, ("이름", "Name")),
        Field::plain("from", Kind::Date, ("취임", "From")),
        Field::plain("until", Kind::Date, ("퇴임", "Until")),
    ],
    item: ("기관장 등", "officer"),
    offered: 1,
    closed: true,
};

/// To whom a record is shown.
pub const VISIBILITY: Field = Field::plain(
    "visibility",
    Kind::Needed("Visibility", "public"),
    ("공개 범위", "Visible to"),
);

pub const ORGANIZATION: Field = Field {
    at: "organization",
    kind: Kind::Organization,
    label: ("기관", "Organization"),
    hint: (
        "이름, 약칭 또는 사업자등록번호",
        "Name, short name or business registration number",
    ),
};

pub const URL: Field = Field {
    at: "url",
    kind: Kind::Line,
    label: ("주소", "Address"),
    hint: (
        "https://로 시작하는 주소",
        "An address that begins with https://",
    ),
};

pub const PUBLISHER: Field = Field {
    at: "publisher",
    kind: Kind::Line,
    label: ("발행처", "Publisher"),
    hint: ("예: 고양시 보도자료", "Such as: press release of Goyang"),
};

/// The fields of a source.
pub const SOURCE: &[Field] = &[
    PUBLISHER,
    Field::plain("title", Kind::Line, ("제목", "Title")),
    URL,
    Field::plain("published_on", Kind::Past, ("발행일", "Published on")),
];

/// The sources of a record.
pub const SOURCES: Group = Group {
    list: "sources",
    title: ("출처", "Sources"),
    fields: SOURCE,
    item: ("출처", "source"),
    offered: 1,
    closed: true,
};

/// The sources that a record has.
pub const HELD_SOURCES: Group = Group {
    fields: &[OF_RECORD, SOURCE[0], SOURCE[1], SOURCE[2], SOURCE[3]],
    ..SOURCES
};
