//! Links of a page: to other pages with the day and the language of this one, to its data, and to its files.

use super::{AS_OF, Frame};
use crate::http::office_data::DATA;
use crate::http::reader::LANG;
use crate::http::{BASE, RECORDED_AS_OF};

/// Parts of the site of which people who are signed in have pages of their own.
const OF_BOTH: [&str; 6] = [
    "agreements",
    "announcements",
    "organizations",
    "projects",
    "reconciliation",
    "working-groups",
];

/// Parts of the site that show the days that a reader asks about; their pages lead on to each other on
/// the same days.
const ON_DAYS: [&str; 7] = [
    "",
    "agreements",
    "municipalities",
    "organizations",
    "projects",
    "timeline",
    "working-groups",
];

impl Frame {
    /// Returns the URL of a page, in the reader's language.
    pub fn to(&self, path: &str) -> String {
        self.with(path, &[])
    }

    /// Returns the URL of a page with a query, in the reader's language and on the days that the reader
    /// asks about. From a page for people who are signed in, what they see otherwise is seen as they see
    /// it.
    pub fn with(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut query = query.to_vec();
        if has_days(path) {
            let others = self.only(&[AS_OF, RECORDED_AS_OF]).into_iter();
            let stated: Vec<&str> = query.iter().map(|(name, _)| *name).collect();
            query.extend(others.filter(|(name, _)| !stated.contains(name)));
        }
        self.now_with(path, &query)
    }

    /// Like [`Self::to`], in the present.
    pub fn now(&self, path: &str) -> String {
        self.now_with(path, &[])
    }

    /// Like [`Self::with`], on the days of the query alone.
    fn now_with(&self, path: &str, query: &[(&str, &str)]) -> String {
        match self.is_office() && is_worked_on(path) {
            true => self.url(&format!("office/{path}"), query),
            false => self.url(path, query),
        }
    }

    /// Returns the URL of a page as everybody sees it, in the reader's language.
    pub fn public(&self, path: &str) -> String {
        self.url(path, &[])
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> String {
        let (path, fragment) = path.split_once('#').unwrap_or((path, ""));
        let lang = self.lang.map(|lang| (LANG, lang));
        let mut url = format!("{}{path}", self.root);
        let query = encoded(query.iter().copied().chain(lang));
        if !query.is_empty() {
            url = format!("{url}?{query}");
        }
        if !fragment.is_empty() {
            url = format!("{url}#{fragment}");
        }
        url
    }

    /// Returns the URL of this page without a query.
    pub fn own(&self) -> String {
        self.plain(self.path.trim_start_matches('/'), &[])
    }

    /// Returns the URL of the page for people who are signed in that is nearest to this one.
    pub fn office(&self) -> String {
        let path = self.path.trim_matches('/');
        match is_worked_on(path) && path.matches('/').count() <= 1 {
            true => self.to(&format!("office/{path}")),
            false => self.to("office"),
        }
    }

    /// Returns the URL of a page for use elsewhere: absolute if the server knows its own.
    pub fn linked(&self, path: &str) -> String {
        self.linked_with(path, &[])
    }

    /// Like [`Self::linked`], with a query.
    pub fn linked_with(&self, path: &str, query: &[(&str, &str)]) -> String {
        let url = self.with(path, query);
        match (&self.own, url.strip_prefix(self.root)) {
            (Some(public), Some(path)) => public.join(&format!("/{path}")),
            _ => url,
        }
    }

    /// Returns the URL of something that is no page, such as a file.
    pub fn plain(&self, path: &str, query: &[(&str, &str)]) -> String {
        match encoded(query.iter().copied()) {
            query if query.is_empty() => format!("{}{path}", self.root),
            query => format!("{}{path}?{query}", self.root),
        }
    }

    /// Returns the URL of an answer of the API: on a page for people who are signed in, as they read it.
    pub fn data(&self, path: &str, query: &[(&str, &str)]) -> String {
        let base = if self.is_office() { DATA } else { BASE };
        self.plain(&format!("{}/{path}", base.trim_start_matches('/')), query)
    }

    /// Returns the URL of a file with a list's rows, in the language of the page.
    pub fn file(&self, path: &str, query: &[(&str, &str)]) -> String {
        let spoken = query.iter().copied().chain([(LANG, self.w.tag())]);
        self.data(path, &spoken.collect::<Vec<_>>())
    }

    /// Returns the URL of this page in a language.
    pub fn in_language(&self, tag: &str) -> String {
        let pairs = self.query.iter();
        let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
        let query = encoded(pairs.chain([(LANG, tag)]));
        match &self.own {
            Some(url) => format!("{}?{query}", url.join(&self.path)),
            None => format!("?{query}"),
        }
    }

    /// Returns the URL by which this page is cited; `None` if the server does not know its own.
    pub fn cited(&self) -> Option<String> {
        let url = self.own.as_ref()?.join(&self.path);
        let days = self.only(&[AS_OF, RECORDED_AS_OF]);
        let query = encoded(days.into_iter());
        Some(match query.is_empty() {
            true => url,
            false => format!("{url}?{query}"),
        })
    }

    /// Returns true if the reader asks about another day or instant than the present.
    pub fn asks_about_a_day(&self) -> bool {
        !self.only(&[AS_OF, RECORDED_AS_OF]).is_empty()
    }

    /// Returns the URL of this page in the present.
    pub fn present(&self) -> String {
        let others = self.query.iter();
        let others = others.filter(|(name, _)| name != AS_OF && name != RECORDED_AS_OF);
        let others: Vec<_> = others
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.now_with(self.path.trim_start_matches('/'), &others)
    }

    /// Names everything of the frame that the links of a row depend on.
    pub fn links(&self) -> String {
        let days = self.only(&[AS_OF, RECORDED_AS_OF]);
        format!("{} {:?} {days:?}", self.root, self.lang)
    }

    /// Returns the language as a hidden field of a form, if the URL names it.
    pub fn hidden_language(&self) -> Option<&'static str> {
        self.lang
    }

    /// Returns the query by which the API answers with what a page shows that has these parameters.
    pub fn for_api(&self, names: &[&str]) -> Vec<(&str, &str)> {
        let mut query = self.only(names);
        let recorded = self.recorded.as_deref();
        query.extend(recorded.map(|instant| (RECORDED_AS_OF, instant)));
        query
    }
}

/// Returns true for the path of a page that people who are signed in have of their own.
fn is_worked_on(path: &str) -> bool {
    let part = path.split(['/', '#']).next().unwrap_or_default();
    OF_BOTH.contains(&part)
}

/// Returns true for the path of a page that shows the days that a reader asks about.
fn has_days(path: &str) -> bool {
    let path = path.split('#').next().unwrap_or_default();
    let (part, rest) = path.split_once('/').unwrap_or((path, ""));
    ON_DAYS.contains(&part) && !rest.contains(['/', '.'])
}

fn encoded<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    query.finish()
}
