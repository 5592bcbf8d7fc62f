//! The fields of the forms that record an action of the council, a review or a publication.

use super::step_fields::ON;
use crate::pages::office::fields::{HELD_SOURCES, SOURCES};
use crate::pages::office::form::{Field, Group, Kind, OF_RECORD};

/// The form that records an action of the council.
pub const COUNCIL_ACTION: &[Group] = &[
    Group::of_body(
        ("의회 조치", "Action of the council"),
        &[
            Field::plain(
                "kind",
                Kind::Needed("CouncilActionKind", "post_report"),
                ("종류", "Kind"),
            ),
            ON,
            Field::plain(
                "occasion",
                Kind::Needed("Occasion", "signing"),
                ("계기", "Occasion"),
            ),
            Field::plain("result", Kind::Code("CouncilResult"), ("결과", "Result")),
            Field::plain("session", Kind::Line, ("회기", "Session")),
            Field::plain("bill_number", Kind::Line, ("의안 번호", "Bill number")),
            Field::plain("note/*", Kind::Lines, ("설명", "Note")),
        ],
    ),
    SOURCES,
];

/// The form that records a review.
pub const REVIEW_OF_AGREEMENT: &[Group] = &[
    Group::of_body(
        ("점검", "Review"),
        &[
            ON,
            Field::plain(
                "rating",
                Kind::Needed("ReviewRating", "good"),
                ("추진 상태", "Progress"),
            ),
            Field::plain("from", Kind::Past, ("점검 기간 시작일", "Period from")),
            Field::plain("until", Kind::Past, ("점검 기간 종료일", "Period until")),
            Field::plain("findings/*", Kind::Lines, ("점검 결과", "Findings")),
            Field::plain(
                "improvement_plan/*",
                Kind::Lines,
                ("개선 계획", "Planned improvements"),
            ),
            Field::plain(
                "renewal",
                Kind::Code("RenewalDecision"),
                ("연장 여부의 결정", "Decision on renewal"),
            ),
        ],
    ),
    SOURCES,
];

/// A part that a publication withholds.
const WITHHELD: &[Field] = &[
    Field {
        at: "part/*",
        kind: Kind::Line,
        label: ("어느 부분", "Part"),
        hint: (
            "예: 제5조(투자 금액). 내용은 적지 않습니다.",
            "Such as: Article 5 (amount), without what it says",
        ),
    },
    Field {
        at: "legal_basis",
        kind: Kind::Line,
        label: ("근거 법령", "Legal basis"),
        hint: (
            "예: 공공기관의 정보공개에 관한 법률 제9조제1항제7호",
            "Such as: Official Information Disclosure Act, Article 9 (1) 7",
        ),
    },
    Field {
        at: "until",
        kind: Kind::Day,
        label: ("언제까지", "Until"),
        hint: (
            "비공개 종료일. 정하지 않았으면 비워 둡니다.",
            "The last day of the withholding; empty if none is set",
        ),
    },
];

/// The form that records a publication.
pub const PUBLICATION: &[Group] = &[
    Group::of_body(
        ("공개", "Publication"),
        &[
            Field::plain(
                "extent",
                Kind::Needed("PublicationExtent", "full_text"),
                ("공개 범위", "Extent"),
            ),
            Field {
                at: "published_on",
                kind: Kind::Past,
                label: ("공개한 날", "Published on"),
                hint: (
                    "이날부터 공개되어 있습니다. 예: 2026. 11. 29.",
                    "It has been public since that day, such as 2026-11-29.",
                ),
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
                at: "place/*",
                kind: Kind::Line,
                label: ("공개한 곳", "Place"),
                hint: (
                    "예: 고양시보 제1234호",
                    "Such as: official gazette no. 1234",
                ),
            },
            Field::plain("note/*", Kind::Lines, ("설명", "Note")),
        ],
    ),
    Group {
        list: "withheld",
        title: ("비공개한 부분", "Withheld parts"),
        fields: WITHHELD,
        item: ("부분", "part"),
        offered: 1,
        closed: true,
    },
    SOURCES,
];

/// The forms that correct what was recorded.
pub const EDIT_COUNCIL_ACTION: &[Group] = &[COUNCIL_ACTION[0], HELD_SOURCES];
pub const EDIT_REVIEW: &[Group] = &[REVIEW_OF_AGREEMENT[0], HELD_SOURCES];
pub const EDIT_PUBLICATION: &[Group] = &[
    PUBLICATION[0],
    Group {
        fields: &[OF_RECORD, WITHHELD[0], WITHHELD[1], WITHHELD[2]],
        ..PUBLICATION[1]
    },
    HELD_SOURCES,
];
