//! Reads whose answers are kept until the log moves.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::Session;
use super::answer::{Answer, Answered, Paged, Single};
use super::conditional::page_body;
use super::fields::{Fields, Rows};
use super::query::List;
use super::tables::{all_pages, table_of, table_of_value};
use crate::db::page::{Listed, Page};
use crate::db::{AnyConnection, ReadClass};
use crate::kernel::error::ApiError;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;

/// The work that makes an answer, with the place in the log at which fragments can be used and kept.
type Answering = Box<
    dyn FnOnce(&mut AnyConnection, &RequestContext, Option<i64>) -> Result<Answer, ApiError> + Send,
>;

impl Session {
    /// Answers with what depends only on the log, the day and the caller; in the class of figures, on
    /// the caller only by the records that the caller sees. It is kept until the log moves. Whether
    /// the caller may ask is checked first, whatever is kept.
    ///
    /// # Errors
    /// Like [`Session::read`].
    pub async fn read_answer<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<Answer, ApiError>
        + Send
        + 'static,
    ) -> Result<Answered<T>, ApiError> {
        self.read_answer_at(move |conn, cx, _| work(conn, cx)).await
    }

    /// Like [`Self::read_answer`], with the place in the log at which fragments can be used and kept;
    /// `None` if none can.
    pub(super) async fn read_answer_at<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, Option<i64>) -> Result<Answer, ApiError>
        + Send
        + 'static,
    ) -> Result<Answered<T>, ApiError> {
        Ok(Answered::new(self.kept_or_asked(Box::new(work)).await?))
    }

    async fn kept_or_asked(&self, work: Answering) -> Result<Arc<Answer>, ApiError> {
        let class = self.class();
        if let Some(answer) = self.kept_answer(class) {
            return Ok(answer);
        }
        if class == ReadClass::Cheap {
            return self.ask(class, work).await;
        }
        // Asks in the cheap class whether the answer is kept, and lets others wait for one who
        // computes it.
        let (target, answers) = (self.target.clone(), self.answers.clone());
        let asked = self.on_snapshot(ReadClass::Cheap, move |_, cx, when| {
            let question = target.question(class, &when.place, cx);
            Ok((question, answers.of(question)))
        });
        let (question, kept) = asked.await?;
        if let Some(answer) = kept {
            return Ok(answer);
        }
        let Some(turn) = self.answers.turn(question) else {
            return self.ask(class, work).await;
        };
        let _computing = self.db.wait(turn.lock()).await?;
        if let Some(answer) = self.answers.of(question) {
            return Ok(answer);
        }
        self.ask(class, work).await
    }

    /// Returns the answer that is kept, if it is known without a snapshot.
    fn kept_answer(&self, class: ReadClass) -> Option<Arc<Answer>> {
        let (cx, when) = self.at_once()?;
        self.answers
            .of(self.target.question(class, &when.place, &cx))
    }

    /// Answers with what is kept, or else computes and keeps it.
    async fn ask(&self, class: ReadClass, work: Answering) -> Result<Arc<Answer>, ApiError> {
        let (target, answers) = (self.target.clone(), self.answers.clone());
        let answered = self.on_snapshot(class, move |conn, cx, when| {
            // Taken from the snapshot that the work sees. This applies to the past, too, since the
            // present may have withdrawn something from it.
            let question = target.question(class, &when.place, cx);
            if let Some(answer) = answers.of(question) {
                return Ok(answer);
            }
            let at = when.keeps_at(cx);
            let answer = when.ask(conn, cx, |conn, cx| work(conn, cx, at))?;
            let answer = Arc::new(answer);
            // Who is shown personal data is recorded each time.
            if cx.may_be_kept() {
                answers.keep(when.place.seq, question, &answer);
            }
            Ok(answer)
        });
        answered.await
    }

    /// Like [`Self::read_answer`], with a value as JSON.
    ///
    /// # Errors
    /// Like [`Session::read`].
    pub async fn read_value<T: Serialize>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Answered<T>, ApiError> {
        let language = self.language();
        self.read_answer(move |conn, cx| Answer::value(&work(conn, cx)?, language))
            .await
    }

    /// Like [`Self::read_answer`], with one record as JSON.
    ///
    /// # Errors
    /// Like [`Session::read`].
    pub async fn read_record<T: Serialize + Versioned>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Single<T>, ApiError> {
        let language = self.language();
        self.read_answer(move |conn, cx| Answer::record(&work(conn, cx)?, language))
            .await
    }

    /// Like [`Self::read_answer`], with a page of rows as JSON.
    ///
    /// # Errors
    /// Like [`Session::read`]; `invalid_parameters` if the request selects unknown members.
    pub async fn read_rows<T: Rows>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Answered<T>, ApiError> {
        // What is wrong with them is named once the caller is known.
        let fields = Fields::of::<T::Row>(self.target.query());
        let language = self.language();
        self.read_answer(move |conn, cx| {
            let fields = fields?;
            Answer::rows(&work(conn, cx)?, fields.as_ref(), language)
        })
        .await
    }

    /// Like [`Self::read_rows`], for a list: with one page as JSON, or with all rows as a file, for
    /// which `work` reads one page after the other.
    ///
    /// # Errors
    /// Like [`Self::read_rows`].
    pub async fn read_list<T: Serialize + ToSchema, F: Send + 'static>(
        &self,
        list: List<F>,
        work: impl Fn(&mut AnyConnection, &RequestContext, &F, &Page) -> Result<Listed<T>, ApiError>
        + Send
        + 'static,
    ) -> Result<Paged<T>, ApiError> {
        let List { filter, page } = list;
        let Some(file) = self.file.clone() else {
            return self
                .read_rows(move |conn, cx| Ok(page_body(work(conn, cx, &filter, &page)?)))
                .await;
        };
        let table = table_of(&T::name());
        let file = self.file(file, table, move |conn, cx, rows| {
            all_pages(page, |page| work(conn, cx, &filter, page), rows)
        });
        Ok(Answered::file(file.await?))
    }

    /// Like [`Self::read_value`], or with a file of the `rows` of the value.
    ///
    /// # Errors
    /// Like [`Session::read`].
    pub async fn read_table<T: Serialize + ToSchema + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
        rows: fn(&T) -> serde_json::Result<Vec<Value>>,
    ) -> Result<Answered<T>, ApiError> {
        let Some(file) = self.file.clone() else {
            return self.read_value(work).await;
        };
        let table = table_of_value(&T::name());
        let file = self.file(file, table, move |conn, cx, table| {
            let found = rows(&work(conn, cx)?).map_err(ApiError::internal)?;
            found.iter().try_for_each(|row| table.row(row))
        });
        Ok(Answered::file(file.await?))
    }

    /// Answers with a value that depends on more than the log.
    ///
    /// # Errors
    /// `internal_error` if it cannot be written as JSON.
    pub fn value<T: Serialize>(&self, value: &T) -> Result<Answered<T>, ApiError> {
        Ok(Answered::new(Answer::value(value, self.language())?))
    }

    /// Answers with a page of a list that depends on more than the log, or on nothing that is
    /// recorded.
    ///
    /// # Errors
    /// `invalid_parameters` if the request selects unknown members.
    pub fn page<T: Serialize + ToSchema>(&self, listed: Listed<T>) -> Result<Paged<T>, ApiError> {
        let fields = Fields::of::<T>(self.target.query())?;
        let page = Answer::rows(&page_body(listed), fields.as_ref(), self.language())?;
        Ok(Answered::new(page))
    }
}
