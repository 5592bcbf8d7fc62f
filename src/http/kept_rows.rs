//! Reads whose rows are kept while nothing that they show changes.

use std::collections::HashMap;

use actix_web::web::Bytes;
use serde::Serialize;
use utoipa::ToSchema;

use super::Session;
use super::answer::{Answer, Answered, Paged, Single};
use super::conditional::to_json;
use super::fields::Fields;
use super::fragments::{Fragment, Fragments, Kind, Rendered};
use super::query::{List, encode_cursor};
use super::question::Question;
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::kernel::error::ApiError;
use crate::kernel::language::Language;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::ledger::tail::Basis;

/// A row or record with what it depends on.
pub struct Shown<T> {
    /// What identifies it in its list.
    pub key: String,
    pub row: T,
    /// `None` if it depends on more than can be named, so that it is shown anew each time.
    pub basis: Option<Basis>,
}

impl<T> Shown<T> {
    /// Converts the row.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Shown<U> {
        Shown {
            key: self.key,
            row: f(self.row),
            basis: self.basis,
        }
    }
}

impl Session {
    /// Like [`Session::read_answer`], with texts that are kept while nothing that they show changes.
    ///
    /// # Errors
    /// Like [`Session::read`].
    pub async fn read_shown_texts<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &Texts) -> Result<Answer, ApiError>
        + Send
        + 'static,
    ) -> Result<Answered<T>, ApiError> {
        let fragments = self.fragments.clone();
        self.read_answer_at(move |conn, cx, at| work(conn, cx, &Texts { fragments, at }))
            .await
    }

    /// Like [`Session::read_list`], with rows that are kept while nothing that they show changes.
    /// `find` returns the keys of the rows on the page, and `show` the rows with some of these keys.
    /// They depend on the day, the language, the records that the caller sees, their bases and `view`,
    /// which names the list and everything else.
    ///
    /// # Errors
    /// Like [`Session::read_list`].
    pub async fn read_shown_list<T: Serialize + ToSchema, F: Send + 'static>(
        &self,
        view: String,
        list: List<F>,
        find: impl Fn(
            &mut AnyConnection,
            &RequestContext,
            &F,
            &Page,
        ) -> Result<Listed<String>, ApiError>
        + Send
        + 'static,
        show: impl Fn(
            &mut AnyConnection,
            &RequestContext,
            &F,
            &[String],
        ) -> Result<Vec<Shown<T>>, ApiError>
        + Send
        + 'static,
    ) -> Result<Paged<T>, ApiError> {
        if self.file.is_some() {
            let rows = self.read_list(list, move |conn, cx, filter, page| {
                let found = find(conn, cx, filter, page)?;
                let shown = show(conn, cx, filter, &found.items)?;
                Ok(found.with(shown.into_iter().map(|shown| (shown.key, shown.row))))
            });
            return rows.await;
        }
        let List { filter, page } = list;
        let fields = Fields::of::<T>(self.target.query());
        let language = self.language();
        let fragments = self.fragments.clone();
        self.read_answer_at(move |conn, cx, at| {
            let fields = fields?;
            let listed = find(conn, cx, &filter, &page)?;
            let list = KeptList {
                view: Question::view(&(view, &fields), language, cx),
                fragments,
                fields,
                language,
            };
            let show = |conn: &mut _, cx: &_, keys: &_| show(conn, cx, &filter, keys);
            let rows = list.rows(conn, cx, at, &listed.items, show)?;
            let next = listed.next.as_ref().map(encode_cursor);
            Answer::joined(rows.iter().flatten(), next, listed.total)
        })
        .await
    }

    /// Like [`Session::read_record`], with a record that is kept while nothing that it shows changes.
    /// It depends on the day, the language, the records that the caller sees, its basis, its key and
    /// `view`, which names the kind of record and everything else.
    ///
    /// # Errors
    /// Like [`Session::read`].
    pub async fn read_shown_record<T: Serialize + Versioned>(
        &self,
        view: String,
        key: String,
        show: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<(T, Option<Basis>), ApiError>
        + Send
        + 'static,
    ) -> Result<Single<T>, ApiError> {
        let language = self.language();
        let fragments = self.fragments.clone();
        let key = [key];
        if let Some((cx, when)) = self.at_once()
            && let Some(at) = when.keeps_at(&cx)
            && let Some(kept) = fragments.one(Question::view(&view, language, &cx), at, &key)
        {
            return Ok(Answered::new(Answer::of_record(kept)));
        }
        self.read_answer_at(move |conn, cx, at| {
            let view = Question::view(&view, language, cx);
            if let Some(at) = at
                && let Some(kept) = fragments.one(view, at, &key)
            {
                return Ok(Answer::of_record(kept));
            }
            let (record, basis) = show(conn, cx)?;
            let fragment = Answer::record(&record, language)?.into_fragment();
            // Who is shown personal data is recorded each time.
            if let Some(at) = at.filter(|_| cx.shown.is_nothing()) {
                let [key] = key;
                let fragment = fragment.clone();
                fragments.keep(
                    (Kind::Rows, view),
                    at,
                    vec![Rendered {
                        key,
                        fragment,
                        basis,
                    }],
                );
            }
            Ok(Answer::of_record(fragment))
        })
        .await
    }
}

/// Texts that are kept while nothing that they show changes.
pub struct Texts {
    fragments: Fragments,
    at: Option<i64>,
}

impl Texts {
    /// Like these texts, but each is shown anew and none is kept.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self {
            fragments: self.fragments.clone(),
            at: None,
        }
    }

    /// Returns the texts with these keys, each kept or shown now; without those that show nothing. They
    /// depend on the day, the language, the records that the caller sees, their bases and `view`, which
    /// names everything else.
    ///
    /// # Errors
    /// Like `show`.
    pub fn of(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        (view, language): (&str, Language),
        keys: &[String],
        show: impl FnOnce(
            &mut AnyConnection,
            &RequestContext,
            &[String],
        ) -> Result<Vec<Shown<String>>, ApiError>,
    ) -> Result<Vec<Bytes>, ApiError> {
        let view = Question::view(&view, language, cx);
        let place = ((Kind::Texts, view), self.at);
        let rows = kept(&self.fragments, place, conn, cx, keys, |conn, cx, keys| {
            let shown = show(conn, cx, keys)?.into_iter();
            Ok(shown.map(|shown| shown.map(boxed)).collect())
        });
        Ok(rows?.into_iter().flatten().map(|row| row.text).collect())
    }
}

/// A list whose rows are kept.
struct KeptList {
    fragments: Fragments,
    view: Question,
    fields: Option<Fields>,
    language: Language,
}

impl KeptList {
    /// Returns the rows with these keys, each kept or shown now; `None` for rows that show nothing.
    fn rows<T: Serialize>(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        at: Option<i64>,
        keys: &[String],
        show: impl FnOnce(
            &mut AnyConnection,
            &RequestContext,
            &[String],
        ) -> Result<Vec<Shown<T>>, ApiError>,
    ) -> Result<Vec<Option<Fragment>>, ApiError> {
        let place = ((Kind::Rows, self.view), at);
        kept(&self.fragments, place, conn, cx, keys, |conn, cx, keys| {
            let shown = show(conn, cx, keys)?.into_iter();
            shown.map(|shown| self.render(shown)).collect()
        })
    }

    fn render<T: Serialize>(&self, shown: Shown<T>) -> Result<Shown<Bytes>, ApiError> {
        let text = match &self.fields {
            None => to_json(&shown.row, self.language),
            Some(fields) => {
                let row = self
                    .language
                    .speaking(|| fields.select_of_row(&shown.row))?;
                to_json(&row, self.language)
            }
        }?;
        Ok(shown.map(|_| boxed(text)))
    }
}

/// Returns a text without spare room.
fn boxed(text: String) -> Bytes {
    Bytes::from(text.into_boxed_str().into_boxed_bytes())
}

/// Returns the fragments of a view with these keys, each kept or rendered now; `None` for those that
/// show nothing.
fn kept(
    fragments: &Fragments,
    (view, at): ((Kind, Question), Option<i64>),
    conn: &mut AnyConnection,
    cx: &RequestContext,
    keys: &[String],
    render: impl FnOnce(
        &mut AnyConnection,
        &RequestContext,
        &[String],
    ) -> Result<Vec<Shown<Bytes>>, ApiError>,
) -> Result<Vec<Option<Fragment>>, ApiError> {
    let mut rows = match at {
        Some(at) => fragments.of(view, at, keys),
        None => vec![None; keys.len()],
    };
    let missing = keys.iter().zip(&rows).filter(|(_, row)| row.is_none());
    let missing: Vec<String> = missing.map(|(key, _)| key.clone()).collect();
    if missing.is_empty() {
        return Ok(rows);
    }
    let rendered = render(conn, cx, &missing)?.into_iter();
    let rendered = rendered.map(|Shown { key, row, basis }| Rendered {
        key,
        fragment: Fragment {
            text: row,
            tag: None,
        },
        basis,
    });
    let rendered: Vec<Rendered> = rendered.collect();
    let by_key = rendered.iter().map(|row| (row.key.as_str(), &row.fragment));
    let by_key: HashMap<&str, &Fragment> = by_key.collect();
    for (key, row) in keys.iter().zip(&mut rows) {
        if row.is_none() {
            *row = by_key.get(key.as_str()).copied().cloned();
        }
    }
    if let Some(at) = at.filter(|_| cx.shown.is_nothing()) {
        fragments.keep(view, at, rendered);
    }
    Ok(rows)
}
