//! The fields of the forms of projects and their milestones.

use crate::pages::office::fields::{
    HELD_SOURCES, ORGANIZATION, PUBLISHER, SOURCES, URL, VISIBILITY,
};
use crate::pages::office::form::{Field, Group, Kind, OF_RECORD};

const STATED_ON: Field = Field {
    at: "stated_on",
    kind: Kind::Past,
    label: ("밝힌 날", "Stated on"),
    hint: (
        "보도자료나 문서의 날짜. 예: 2021. 4. 16., 2021년 상반기",
        "The day of the press release or document, such as 2021-04-16.",
    ),
};

const STATED_BY: Field = Field {
    at: "stated_by",
    kind: Kind::Line,
    label: ("밝힌 사람이나 기관", "Stated by"),
    hint: ("예: 고양시", "Such as: Goyang City"),
};

const NOTE: Field = Field::plain(
    "note/*",
    Kind::Lines,
    ("출처의 표현", "In the words of the source"),
);

const SOURCE_PUBLISHER: Field = Field {
    at: "source/publisher",
    label: ("출처: 발행처", "Source: publisher"),
    ..PUBLISHER
};

const SOURCE_TITLE: Field =
    Field::plain("source/title", Kind::Line, ("출처: 제목", "Source: title"));

const SOURCE_URL: Field = Field {
    at: "source/url",
    label: ("출처: 주소", "Source: address"),
    ..URL
};

const PUBLISHED_ON: Field = Field::plain(
    "source/published_on",
    Kind::Past,
    ("출처: 발행일", "Source: published on"),
);

const TITLE: Field = Field {
    at: "title/*",
    kind: Kind::Line,
    label: ("사업 이름", "Title"),
    hint: (
        "예: 고양 일산테크노밸리",
        "Such as: Goyang Ilsan Technovalley",
    ),
};

const AREA: Field = Field {
    at: "area",
    kind: Kind::Area,
    label: ("면적", "Area"),
    hint: (
        "문서에 적힌 대로: 약 87만㎡ (26만 평)",
        "As the document has it: about 870,000 m²",
    ),
};

const BUDGET: Field = Field {
    at: "budget",
    kind: Kind::Money,
    label: ("사업비", "Cost"),
    hint: ("예: 약 8,493억 원", "Such as: about KRW 849.3 billion"),
};

const CONTENT: &[Field] = &[
    TITLE,
    Field::plain(
        "kind",
        Kind::Needed("ProjectKind", "urban_development"),
        ("종류", "Kind"),
    ),
    Field::plain(
        "status",
        Kind::Needed("ProjectStatus", "identification"),
        ("단계", "Stage"),
    ),
    Field::plain("description/*", Kind::Lines, ("내용", "Description")),
    Field {
        at: "legal_basis",
        kind: Kind::Line,
        label: ("근거 법률", "Legal basis"),
        hint: ("예: 도시개발법", "Such as: Urban Development Act"),
    },
    BUDGET,
    AREA,
    VISIBILITY,
];

const IMPLEMENTER: &[Field] = &[
    ORGANIZATION,
    Field {
        at: "share_percent",
        kind: Kind::Decimal,
        label: ("지분(%)", "Share (%)"),
        hint: ("알면 0에서 100까지", "0 to 100, if known"),
    },
];

const IMPLEMENTERS: Group = Group {
    list: "implementers",
    title: ("시행자", "Carried out by"),
    fields: IMPLEMENTER,
    item: ("시행자", "organization"),
    offered: 1,
    closed: true,
};

const PHASE: &[Field] = &[
    Field {
        at: "title/*",
        kind: Kind::Line,
        label: ("구간·단계 이름", "Title of the phase"),
        hint: ("예: 1단계", "Such as: Phase 1"),
    },
    Field {
        at: "period",
        kind: Kind::Date,
        label: ("기간", "Period"),
        hint: ("예: 2022 ~ 2024년", "Such as: 2022 to 2024"),
    },
    AREA,
    BUDGET,
];

/// Fields of a step and of its name, which a new milestone has.
const STEP: &[Field] = &[
    Field::plain(
        "kind",
        Kind::Code("MilestoneKind"),
        ("추진 단계", "Milestone"),
    ),
    Field {
        at: "title/*",
        kind: Kind::Line,
        label: ("이름", "Title of its own"),
        hint: (
            "종류만으로 분명하지 않을 때만 적으십시오.",
            "Only where the kind alone is not clear enough.",
        ),
    },
];

const TARGET: Field = Field {
    at: "target",
    kind: Kind::Target,
    label: ("목표 시점", "Target"),
    hint: (
        "밝힌 대로: 2024년까지, 2026년 하반기, 착공 후 36개월",
        "As it was stated: by 2024, second half of 2026, 36 months after groundbreaking",
    ),
};

const FORECAST: &[Field] = &[
    TARGET,
    STATED_ON,
    STATED_BY,
    Field {
        at: "reason_code",
        kind: Kind::Code("ReasonCode"),
        label: ("변경 사유", "Why it moved"),
        hint: (
            "앞서 밝힌 목표에서 바뀌었으면 선택하십시오.",
            "If it differs from the target stated before.",
        ),
    },
    Field::plain(
        "reason/*",
        Kind::Line,
        ("변경 사유(설명)", "Why it moved, in words"),
    ),
    NOTE,
    SOURCE_PUBLISHER,
    SOURCE_TITLE,
    SOURCE_URL,
    PUBLISHED_ON,
];

/// A place of the project.
const PLACE: Field = Field {
    at: "name/*",
    kind: Kind::Line,
    label: ("장소", "Place"),
    hint: (
        "예: 경기도 고양시 일산서구 대화동",
        "Such as: Daehwa-dong, Ilsanseo-gu, Goyang-si",
    ),
};

const LOCATIONS: Group = Group {
    list: "locations",
    title: ("위치", "Location"),
    fields: &[PLACE],
    item: ("장소", "place"),
    offered: 1,
    closed: true,
};

const PHASES: Group = Group {
    list: "phases",
    title: ("구간·단계", "Phases"),
    fields: PHASE,
    item: ("구간·단계", "phase"),
    offered: 1,
    closed: true,
};

/// The form that records a project. Its milestones have their first target each.
pub const NEW: &[Group] = &[
    Group::of_body(("사업", "The project"), CONTENT),
    LOCATIONS,
    IMPLEMENTERS,
    PHASES,
    Group {
        list: "milestones",
        title: ("추진 단계와 첫 목표", "Milestones and their first targets"),
        fields: &[
            STEP[0],
            STEP[1],
            Field {
                at: "forecasts/0/target",
                ..TARGET
            },
            Field {
                at: "forecasts/0/stated_on",
                ..STATED_ON
            },
            Field {
                at: "forecasts/0/source/publisher",
                ..SOURCE_PUBLISHER
            },
            Field {
                at: "forecasts/0/source/url",
                ..SOURCE_URL
            },
        ],
        item: ("추진 단계", "milestone"),
        offered: 1,
        closed: false,
    },
    SOURCES,
];

/// The form that changes the facts of a project.
pub const EDIT: &[Group] = &[
    Group::of_body(("사업", "The project"), CONTENT),
    Group {
        fields: &[OF_RECORD, PLACE],
        ..LOCATIONS
    },
    Group {
        fields: &[OF_RECORD, PHASE[0], PHASE[1], PHASE[2], PHASE[3]],
        ..PHASES
    },
    HELD_SOURCES,
];

/// The form that adds a phase.
pub const NEW_PHASE: &[Group] = &[Group::of_body(("구간·단계", "Phase"), PHASE)];

/// Fields of a new milestone, which can belong to a phase.
const NEW_STEP: &[Field] = &[
    STEP[0],
    STEP[1],
    Field {
        at: "phase",
        kind: Kind::Choice,
        label: ("구간·단계", "Phase"),
        hint: (
            "사업 전체의 것이면 비워 두십시오.",
            "Leave it empty for the whole project.",
        ),
    },
];

/// The form that records a milestone.
pub const MILESTONE: &[Group] = &[
    Group::of_body(("추진 단계", "Milestone"), NEW_STEP),
    Group {
        list: "forecasts",
        title: ("밝힌 목표", "Targets as stated"),
        fields: FORECAST,
        item: ("목표", "target"),
        offered: 1,
        closed: false,
    },
];

/// The form that changes what a milestone is.
pub const EDIT_MILESTONE: &[Group] = &[MILESTONE[0]];

/// The form that records one more target of a milestone.
pub const TARGETS: &[Group] = &[Group::of_body(("밝힌 목표", "Target as stated"), FORECAST)];

/// The form that records what happened to a milestone.
pub const OUTCOME: &[Group] = &[Group::of_body(
    ("일어난 일", "What happened"),
    &[
        Field::plain(
            "kind",
            Kind::Needed("OutcomeKind", "met"),
            ("무엇이 일어났습니까?", "What happened?"),
        ),
        Field {
            at: "on",
            kind: Kind::Past,
            label: ("날짜", "Day"),
            hint: ("예: 2023. 10. 26., 2023년 10월", "Such as 2023-10-26."),
        },
        NOTE,
        SOURCE_PUBLISHER,
        SOURCE_TITLE,
        SOURCE_URL,
        PUBLISHED_ON,
    ],
)];

/// The form that retracts what was stated by mistake.
pub const RETRACTION: &[Group] = &[Group::of_body(
    ("철회", "Retraction"),
    &[Field {
        at: "reason/*",
        kind: Kind::Lines,
        label: ("잘못된 이유를 적어 주십시오.", "Why is it a mistake?"),
        hint: ("예: 출처를 잘못 읽음", "Such as: the source was misread"),
    }],
)];

/// The form that records figures of a project as they were stated.
pub const STATEMENT: &[Group] = &[
    Group::of_body(
        ("밝힌 내용", "What was stated"),
        &[
            STATED_ON,
            STATED_BY,
            Field {
                hint: (
                    "이름이 바뀌었을 때만 적으십시오.",
                    "Only where the title is another.",
                ),
                ..TITLE
            },
            BUDGET,
            AREA,
            NOTE,
            SOURCE_PUBLISHER,
            SOURCE_TITLE,
            SOURCE_URL,
            PUBLISHED_ON,
        ],
    ),
    Group {
        list: "progress",
        title: ("진행률", "Progress"),
        fields: &[
            Field::plain(
                "measure",
                Kind::Code("ProgressMeasure"),
                ("지표", "Measure"),
            ),
            Field {
                at: "name/*",
                kind: Kind::Line,
                label: ("지표 이름", "Name of the measure"),
                hint: (
                    "그 밖의 지표이면 적으십시오.",
                    "Needed for another measure.",
                ),
            },
            Field {
                at: "percent",
                kind: Kind::Decimal,
                label: ("백분율(%)", "Percent"),
                hint: ("예: 37.5", "Such as 37.5"),
            },
            Field::plain("phase", Kind::Choice, ("구간·단계", "Phase")),
        ],
        item: ("진행률", "figure"),
        offered: 1,
        closed: true,
    },
    Group {
        list: "funding",
        title: ("재원", "Funding"),
        fields: &[
            Field::plain("origin", Kind::Code("FundingOrigin"), ("재원", "Origin")),
            Field {
                at: "amount",
                ..BUDGET
            },
        ],
        item: ("재원", "part"),
        offered: 1,
        closed: true,
    },
    IMPLEMENTERS,
];
