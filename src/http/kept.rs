//! Answers that are kept until the log moves: as long as their [`Question`] stays the same.
//!
//! Whoever asks again costs a look at the caller and at the end of the log. What is computed over many
//! records is computed once for all who ask the same at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::answer::Answer;
use super::question::Question;
use super::worth::{Used, Uses};

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
    answers: HashMap<Question, (Used, Arc<Answer>)>,
    bytes: usize,
    uses: Uses,
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
        let now = cache.uses.look();
        let (used, answer) = cache.answers.get_mut(&question)?;
        *used = now;
        Some(answer.clone())
    }

    /// Returns the lock of a question, which one request at a time holds to compute the answer; `None`
    /// if no answer is kept, so that nobody would wait for anything.
    pub(super) fn turn(&self, question: Question) -> Option<Arc<Computing>> {
        if self.0.limit == 0 {
            return None;
        }
        let turns = self.0.turns.lock();
        let mut turns = turns.unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(&question).and_then(Weak::upgrade) {
            return Some(turn);
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::new(Computing::default());
        turns.insert(question, Arc::downgrade(&turn));
        Some(turn)
    }

    /// Keeps the answer to a question about a log that ends with entry `head`. Drops answers about
    /// a shorter log, and if there is no room, those that are [worth](Uses::worth) least.
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
        cache.bytes += answer.size();
        if let Some((_, replaced)) = cache.answers.insert(question, (0, answer.clone())) {
            cache.bytes -= replaced.size();
        }
        cache.shrink(self.0.limit);
    }
}

impl Cache {
    /// Drops the answers that are worth least if there are more than `limit` bytes, and a quarter more
    /// than it must: that finds them less often.
    fn shrink(&mut self, limit: usize) {
        if self.bytes <= limit {
            return;
        }
        let uses = self.uses;
        let kept = self.answers.iter();
        let worths =
            kept.map(|(question, (used, _))| (uses.worth(question.bytes(), *used), *question));
        let mut worths: Vec<_> = worths.collect();
        worths.sort_unstable_by_key(|(worth, _)| *worth);
        for (_, question) in worths {
            if self.bytes <= limit - limit / 4 {
                break;
            }
            if let Some((_, dropped)) = self.answers.remove(&question) {
                self.bytes -= dropped.size();
            }
        }
        self.uses.shrunk();
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
    fn answers_that_were_used_stay_when_room_is_made() {
        let answers = Answers::new(16_000);
        for n in 0..12 {
            answers.keep(1, Question::numbered(n), &answer(1_000));
        }
        assert_eq!(kept(&answers, 0..4), [0, 1, 2, 3]);
        answers.keep(1, Question::numbered(12), &answer(1_000));
        let left = kept(&answers, 0..13);
        assert_eq!((&left[..4], left.len()), (&[0, 1, 2, 3][..], 9));
        assert_eq!(answers.cache().bytes, 9 * answer(1_000).size());
        // One answer alone does not displace all the others.
        answers.keep(1, Question::numbered(13), &answer(5_000));
        assert_eq!(kept(&answers, 0..14), left);
    }

    #[test]
    fn a_round_through_more_than_there_is_room_for_finds_most_of_it() {
        let answers = Answers::new(80 * answer(1_000).size());
        let (mut asked, mut hits) = (0, 0);
        for round in 0..10 {
            for n in 0..88 {
                let question = Question::numbered(n);
                let is_kept = answers.of(question).is_some();
                if !is_kept {
                    answers.keep(1, question, &answer(1_000));
                }
                if round > 0 {
                    asked += 1;
                    hits += i32::from(is_kept);
                }
            }
        }
        assert!(hits * 2 > asked, "{hits} of {asked}");
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
        let first = answers.turn(Question::numbered(1)).unwrap();
        let held = first.lock().await;
        assert!(
            answers
                .turn(Question::numbered(1))
                .unwrap()
                .try_lock()
                .is_err()
        );
        assert!(
            answers
                .turn(Question::numbered(2))
                .unwrap()
                .try_lock()
                .is_ok()
        );
        drop(held);
        assert!(
            answers
                .turn(Question::numbered(1))
                .unwrap()
                .try_lock()
                .is_ok()
        );
        assert!(Answers::new(0).turn(Question::numbered(1)).is_none());
    }
}
