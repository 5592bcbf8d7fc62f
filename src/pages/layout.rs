//! The frame of every page.

use serde_json::{Value, json};

use super::assets;
use super::lists::pick;
use super::markup::JsonLd;
use super::reader::{AS_OF, Frame};
use super::words::Words;
use crate::http::RECORDED_AS_OF;
use crate::http::permissions::Access;
use crate::http::reader::LANG;

/// What the layout shows around a page.
pub struct Layout {
    pub w: Words,
    pub root: &'static str,
    pub style: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub description: String,
    pub parts: Vec<Part>,
    /// This page in each language: tag, name, URL, and whether it is this one.
    pub languages: [Version; 2],
    pub cited: Option<String>,
    /// URL of the API's answer with the same content.
    pub api: Option<String>,
    pub banner: Option<Banner>,
    pub data: Option<JsonLd>,
    /// URL of the feed of the record.
    pub feed: Option<String>,
    /// Path of the script below the root.
    pub script: Option<&'static str>,
    /// Language of the page as a hidden field of its forms.
    pub hidden: Option<&'static str>,
    pub docs: String,
    pub office: Office,
}

/// What the layout shows of the pages for people who are signed in.
pub struct Office {
    /// Who is signed in, with the role.
    pub who: Option<(String, String)>,
    /// URL of their page of the same record, or else of their first one.
    pub href: String,
    pub sign_out: String,
    /// URL of the pages for readers.
    pub public: String,
}

/// A part of the site, in the navigation.
pub struct Part {
    pub name: &'static str,
    pub href: String,
    pub current: bool,
}

/// A page in a language.
pub struct Version {
    pub tag: &'static str,
    pub name: &'static str,
    pub href: String,
    pub current: bool,
}

/// The notice that a page shows a past.
pub struct Banner {
    pub text: String,
    /// URL of the same page in the present.
    pub present: String,
}

/// The parts of the site for readers: path, and name in Korean and English.
const PARTS: &[(&str, &str, &str)] = &[
    ("", "처음", "Start"),
    ("agreements", "협약", "Agreements"),
    ("projects", "사업", "Projects"),
    ("working-groups", "실무협의체", "Working groups"),
    ("timeline", "연표", "Timeline"),
    ("publications", "공개", "Publications"),
    ("announcements", "발표", "Announcements"),
    ("find", "검색", "Search"),
];

/// The parts for people who are signed in, each with the roles that it is for.
const OFFICE_PARTS: &[(&str, &str, &str, Access)] = &[
    ("office", "내 업무", "My desk", Access::Own),
    ("office/agreements", "협약", "Agreements", Access::Own),
    ("office/projects", "사업", "Projects", Access::Own),
    (
        "office/working-groups",
        "실무협의체",
        "Working groups",
        Access::Own,
    ),
    (
        "office/agreements/new",
        "협약 기록",
        "Record an agreement",
        Access::Write,
    ),
    (
        "office/announcements",
        "발표",
        "Announcements",
        Access::Write,
    ),
    (
        "office/imports",
        "파일 가져오기",
        "Import a file",
        Access::Write,
    ),
    ("office/admin", "관리", "Administration", Access::Own),
];

/// Returns the parts for whoever reads a page: path, and name in Korean and English.
fn parts(frame: &Frame) -> Vec<(&'static str, &'static str, &'static str)> {
    let Some(who) = &frame.who else {
        return PARTS.to_vec();
    };
    let own = OFFICE_PARTS.iter();
    let own = own.filter(|(.., access)| access.is_for(Some(who.role)));
    own.map(|(part, ko, en, _)| (*part, *ko, *en)).collect()
}

impl Layout {
    pub fn new(frame: &Frame, title: impl Into<String>, description: impl Into<String>) -> Self {
        let w = frame.w;
        let path = frame.path.trim_matches('/');
        let parts = parts(frame);
        let is_within = |part: &str| match part {
            "" | "office" => path == part,
            part => path
                .strip_prefix(part)
                .is_some_and(|rest| !rest.starts_with(|c: char| c != '/')),
        };
        let within = parts.iter().filter(|(part, ..)| is_within(part));
        // The form that records an agreement is a part of its own, not one of the list.
        let nearest = within.map(|(part, ..)| *part).max_by_key(|part| part.len());
        let parts = parts.into_iter().map(|(part, ko, en)| Part {
            name: pick(w, (ko, en)),
            href: match frame.who.is_none() && frame.is_office() {
                true => frame.public(part),
                false => frame.to(part),
            },
            current: nearest == Some(part),
        });
        let version = |tag: &'static str, name| Version {
            tag,
            name,
            href: frame.in_language(tag),
            current: tag == w.tag(),
        };
        Self {
            w,
            root: frame.root,
            style: assets::style_path(),
            icon: assets::icon_path(),
            title: title.into(),
            description: description.into(),
            parts: parts.collect(),
            languages: [version("ko", "한국어"), version("en", "English")],
            cited: frame.cited(),
            api: None,
            banner: banner(frame),
            data: None,
            feed: None,
            // A page that follows a form tells its script that what was sent is recorded.
            script: frame.who.as_ref().map(|_| assets::forms_path()),
            hidden: frame.hidden_language(),
            docs: frame.plain("docs/", &[]),
            office: Office {
                who: frame
                    .who
                    .as_ref()
                    .map(|who| (who.name.clone(), w.label("Role", &who.role))),
                href: frame.office(),
                sign_out: frame.to("office/sign-out"),
                public: frame.to(""),
            },
        }
    }

    /// Names the API's answer with the same content.
    #[must_use]
    pub fn with_api(mut self, frame: &Frame, path: &str, query: &[(&str, &str)]) -> Self {
        self.api = Some(frame.data(path, query));
        self
    }

    /// Like [`Self::with_api`], for an answer that depends on the days alone.
    #[must_use]
    pub fn with_api_on_days(self, frame: &Frame, path: &str) -> Self {
        self.with_api(frame, path, &frame.for_api(&[AS_OF]))
    }

    /// Names the feed of the page's record.
    #[must_use]
    pub fn with_feed(mut self, frame: &Frame, path: &str) -> Self {
        self.feed = Some(frame.plain(&format!("{path}.atom"), &[(LANG, self.w.tag())]));
        self
    }

    /// Runs the script of the search.
    #[must_use]
    pub fn with_suggestions(mut self) -> Self {
        self.script = Some(assets::script_path());
        self
    }

    /// Runs the script of forms.
    #[must_use]
    pub fn with_forms(mut self) -> Self {
        self.script = Some(assets::forms_path());
        self
    }

    /// Adds data for programs, in the vocabulary of schema.org.
    #[must_use]
    pub fn with_data(mut self, kind: &str, mut data: Value) -> Self {
        data["@context"] = json!("https://schema.org");
        data["@type"] = json!(kind);
        if let Some(url) = &self.cited {
            data["url"] = json!(url);
        }
        data["inLanguage"] = json!(self.w.tag());
        self.data = Some(JsonLd::of(&data));
        self
    }
}

fn banner(frame: &Frame) -> Option<Banner> {
    let w = frame.w;
    let known = frame.as_of.map(|day| match (frame.is_ahead, w.tag()) {
        (false, "ko") => format!("{} 현재로 알려진 내용입니다.", w.day(day)),
        (false, _) => format!("As known on {}.", w.day(day)),
        (true, "ko") => format!(
            "지금 알려진 내용으로 {} 상태를 미리 계산했습니다.",
            w.day(day)
        ),
        (true, _) => format!(
            "Calculated ahead for {} from what is known now.",
            w.day(day)
        ),
    });
    let recorded = frame.recorded_as_of.map(|_| {
        let said = frame.get(RECORDED_AS_OF).unwrap_or_default();
        let said = said
            .parse()
            .map_or_else(|_| said.to_owned(), |day| w.day(day));
        match w.tag() {
            "ko" => format!("{said}까지 등록부에 기록된 내용입니다."),
            _ => format!("As the registry had recorded it by {said}."),
        }
    });
    let in_vain = frame.is_asked_in_vain.then(|| {
        let text = w.t(
            "이 페이지에는 기준일이 없어 지금 알려진 내용을 보입니다.",
            "This page has no day as known on; it shows what is known now.",
        );
        text.to_owned()
    });
    let texts: Vec<String> = known.into_iter().chain(in_vain).chain(recorded).collect();
    (!texts.is_empty()).then(|| Banner {
        text: texts.join(" "),
        present: frame.present(),
    })
}
