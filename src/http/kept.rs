//! Answers computed over many records, kept until the log moves.
//!
//! Everything recorded is in the log, so an answer stays the same while the end of the log, the
//! day, the caller and the request do: while its [`Question`] does. Whoever asks again costs a look
//! at the caller and at the end of the log, and who asks the same at the same time waits for one
//! computation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use actix_web::body::BoxBody;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use utoipa::ToSchema;

use super::Session;
use super::conditional::{JSON, conditional, digest, linked, page_body, to_json};
use super::fields::{Fields, Rows};
use super::logged::{Question, tag};
use crate::db::page::Listed;
use crate::db::{AnyConnection, ReadClass};
use crate::kernel::error::ApiError;
use crate::kernel::language::Language;
use crate::ledger::{RequestContext, head};

/// An answer as it is sent.
#[derive(Debug)]
pub struct Answer {
    body: Bytes,
    pub(super) digest: u64,
    /// The cursor of the next page.
    next: Option<String>,
    /// The language of an answer whose request does not determine it.
    language: Option<Language>,
}

impl Answer {
    pub fn text(text: String) -> Self {
        Self {
            digest: digest(text.as_bytes()),
            // Boxed, so that no spare room is kept.
            body: Bytes::from(text.into_boxed_str().into_boxed_bytes()),
            next: None,
            language: None,
        }
    }

    /// Returns the answer with its language.
    #[must_use]
    pub fn speaking(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// Returns the answer that contains a page of rows, with the selected members of the rows.
    ///
    /// # Errors
    /// `internal_error` if the page cannot be serialized.
    pub(super) fn rows<T: Rows>(
        page: &T,
        fields: Option<&Fields>,
        language: Language,
    ) -> Result<Self, ApiError> {
        let text = match fields {
            None => to_json(page, language),
            Some(fields) => to_json(&language.speaking(|| fields.select(page))?, language),
        };
        Ok(Self {
            next: page.next_cursor().map(str::to_owned),
            ..Self::text(text?)
        })
    }

    /// Returns about how much memory it takes, in bytes.
    fn size(&self) -> usize {
        self.body.len() + self.next.as_ref().map_or(0, String::len) + 256
    }
}

/// The response to a read of an [`Answer`]; as a responder, JSON.
pub enum Kept {
    /// The client already has the response with this tag.
    Known(String),
    Whole(Arc<Answer>),
}

impl Kept {
    /// Returns the language of the answer, if that was stated.
    pub fn language(&self) -> Option<Language> {
        match self {
            Self::Known(_) => None,
            Self::Whole(answer) => answer.language,
        }
    }

    /// Returns the response of media type `kind`, or `304` if the client already has it.
    pub fn response(self, req: &HttpRequest, kind: &'static str) -> HttpResponse {
        match self {
            Self::Known(tag) => conditional(req, &tag, kind, Bytes::new()),
            Self::Whole(answer) => {
                let response = conditional(req, &tag(answer.digest), kind, answer.body.clone());
                linked(req, response, answer.next.as_deref())
            }
        }
    }
}

impl Responder for Kept {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.response(req, JSON)
    }
}

/// The kept answers, up to a number of bytes.
#[derive(Clone)]
pub struct Answers(Arc<Inner>);

struct Inner {
    limit: usize,
    kept: Mutex<Cache>,
    /// The questions whose answers are being computed.
    turns: Mutex<HashMap<Question, Weak<Computing>>>,
}

/// Held by the request that computes an answer.
pub type Computing = tokio::sync::Mutex<()>;

#[derive(Default)]
struct Cache {
    answers: HashMap<Question, (u64, Arc<Answer>)>,
    bytes: usize,
    /// Number of lookups, which orders the answers by their last use.
    lookups: u64,
    /// Number of the last entry of the log that the answers know.
    head: i64,
}

impl Answers {
    /// Creates the store for answers of `limit` bytes in all.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Inner {
            limit,
            kept: Mutex::default(),
            turns: Mutex::default(),
        }))
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the answer to a question, if it is kept.
    pub(super) fn of(&self, question: Question) -> Option<Arc<Answer>> {
        let mut cache = self.cache();
        cache.lookups += 1;
        let now = cache.lookups;
        let (used, answer) = cache.answers.get_mut(&question)?;
        *used = now;
        Some(answer.clone())
    }

    /// Returns the lock of a question, which one request at a time holds to compute the answer.
    pub(super) fn turn(&self, question: Question) -> Arc<Computing> {
        let turns = self.0.turns.lock();
        let mut turns = turns.unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(&question).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Computing::default());
        turns.insert(question, Arc::downgrade(&turn));
        turn
    }

    /// Keeps the answer to a question about a log that ends with entry `head`. Drops answers about
    /// a shorter log, and if there is no room, those that were not used for the longest time.
    pub(super) fn keep(&self, head: i64, question: Question, answer: &Arc<Answer>) {
        let mut cache = self.cache();
        // An answer that takes more than a quarter would displace too many others.
        if head < cache.head || answer.size() > self.0.limit / 4 {
            return;
        }
        if head > cache.head {
            cache.answers.clear();
            (cache.bytes, cache.head) = (0, head);
        }
        let used = cache.lookups;
        cache.bytes += answer.size();
        if let Some((_, replaced)) = cache.answers.insert(question, (used, answer.clone())) {
            cache.bytes -= replaced.size();
        }
        cache.shrink(self.0.limit);
    }
}

impl Cache {
    /// Drops the least recently used answers if there are more than `limit` bytes, and a quarter
    /// more than it must: that finds them less often.
    fn shrink(&mut self, limit: usize) {
        if self.bytes <= limit {
            return;
        }
        let mut used: Vec<(u64, Question)> = Vec::with_capacity(self.answers.len());
        used.extend(
            self.answers
                .iter()
                .map(|(question, (used, _))| (*used, *question)),
        );
        used.sort_unstable_by_key(|(used, _)| *used);
        for (_, question) in used {
            if self.bytes <= limit - limit / 4 {
                break;
            }
            if let Some((_, dropped)) = self.answers.remove(&question) {
                self.bytes -= dropped.size();
            }
        }
    }
}

impl Session {
    /// Like [`Self::read_logged`], for an answer that is computed over many records, and depends on
    /// the caller only by the records that the caller sees. It is kept until the log moves, and
    /// computed once for all who ask the same at the same time. Whether the caller may ask is
    /// checked first, whatever is kept.
    ///
    /// # Errors
    /// Like [`Session::read`].
    pub async fn read_kept(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<Answer, ApiError>
        + Send
        + 'static,
    ) -> Result<Kept, ApiError> {
        let condition = self.condition.clone();
        let asked = self.on_snapshot(ReadClass::Cheap, move |conn, cx, _| {
            Ok(condition.shared_question(&head(conn)?.1, cx))
        });
        let question = asked.await?;
        let known = self.tags.of(question);
        if let Some(tag) = known.filter(|tag| self.condition.knows(tag)) {
            return Ok(Kept::Known(tag));
        }
        if let Some(answer) = self.answers.of(question) {
            return Ok(Kept::Whole(answer));
        }
        let turn = self.answers.turn(question);
        let _computing = self.db.wait(turn.lock()).await?;
        if let Some(answer) = self.answers.of(question) {
            return Ok(Kept::Whole(answer));
        }
        let condition = self.condition.clone();
        let computed = self.on_snapshot(self.class(), move |conn, cx, when| {
            let (seq, hash) = head(conn)?;
            let answer = Arc::new(when.ask(conn, cx, work)?);
            // Who is shown personal data is recorded each time.
            let key = cx
                .shown
                .is_nothing()
                .then(|| condition.shared_question(&hash, cx));
            Ok((seq, key, answer))
        });
        let (seq, key, answer) = computed.await?;
        if let Some(question) = key {
            self.tags.note(question, answer.digest);
            self.answers.keep(seq, question, &answer);
        }
        Ok(Kept::Whole(answer))
    }

    /// Like [`Self::read_kept`], for a page of rows as JSON.
    ///
    /// # Errors
    /// Like [`Session::read`]; `invalid_parameters` if the request selects unknown members.
    pub async fn read_rows<T: Rows>(
        &self,
        req: &HttpRequest,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Kept, ApiError> {
        // What is wrong with them is named once the caller is known.
        let fields = Fields::of::<T::Row>(req);
        let language = Language::of(req);
        self.read_kept(move |conn, cx| {
            let fields = fields?;
            Answer::rows(&work(conn, cx)?, fields.as_ref(), language)
        })
        .await
    }

    /// Like [`Self::read_rows`], for a list.
    ///
    /// # Errors
    /// Like [`Self::read_rows`].
    pub async fn read_list<T: Serialize + ToSchema>(
        &self,
        req: &HttpRequest,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<Listed<T>, ApiError>
        + Send
        + 'static,
    ) -> Result<Kept, ApiError> {
        self.read_rows(req, move |conn, cx| Ok(page_body(work(conn, cx)?)))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(size: usize) -> Arc<Answer> {
        Arc::new(Answer::text(" ".repeat(size)))
    }

    fn kept(answers: &Answers, questions: std::ops::Range<u128>) -> Vec<u128> {
        let found = questions.filter(|n| answers.of(Question::numbered(*n)).is_some());
        found.collect()
    }

    #[test]
    fn the_least_recently_used_answers_make_room() {
        let answers = Answers::new(16_000);
        for n in 0..12 {
            answers.keep(1, Question::numbered(n), &answer(1_000));
            answers.of(Question::numbered(0));
        }
        assert_eq!(answers.cache().answers.len(), 12);
        answers.keep(1, Question::numbered(12), &answer(1_000));
        // The first one was asked for again each time.
        let left = kept(&answers, 0..13);
        assert_eq!(left, [0, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!(answers.cache().bytes, 9 * answer(1_000).size());
        // One answer alone does not displace all the others.
        answers.keep(1, Question::numbered(13), &answer(5_000));
        assert_eq!(kept(&answers, 0..14), left);
    }

    #[test]
    fn answers_last_until_the_log_moves() {
        let answers = Answers::new(16_000);
        answers.keep(1, Question::numbered(1), &answer(10));
        answers.keep(2, Question::numbered(2), &answer(10));
        // A computation that began before the last write ends after it.
        answers.keep(1, Question::numbered(3), &answer(10));
        assert_eq!(kept(&answers, 0..4), [2]);
        assert_eq!(answers.cache().bytes, answer(10).size());
    }

    #[actix_web::test]
    async fn a_question_is_computed_by_one_request_at_a_time() {
        let answers = Answers::new(16_000);
        let first = answers.turn(Question::numbered(1));
        let held = first.lock().await;
        assert!(answers.turn(Question::numbered(1)).try_lock().is_err());
        assert!(answers.turn(Question::numbered(2)).try_lock().is_ok());
        drop(held);
        assert!(answers.turn(Question::numbered(1)).try_lock().is_ok());
    }
}
