//! A bounded queue in which callers take turns. Pure.
//!
//! Work of one caller runs in the order in which it came, but between callers it goes around: a
//! caller with a hundred requests holds up another one's by one of them at a time. If the queue is
//! full, the caller with the most work in it gives way.

use std::collections::{HashMap, VecDeque};

use super::Turn;

/// Work that may have been given up while it waited.
pub(super) trait Waiting {
    /// Returns true if nobody waits for the work any more.
    fn is_abandoned(&self) -> bool;
}

/// The waiting work of all callers.
pub(super) struct FairQueue<W> {
    of: HashMap<Turn, VecDeque<W>>,
    /// The callers with waiting work, in the order in which their turns come.
    turns: VecDeque<Turn>,
    length: usize,
    limit: usize,
}

impl<W: Waiting> FairQueue<W> {
    /// Creates a queue for at most `limit` pieces of work.
    pub fn new(limit: usize) -> Self {
        Self {
            of: HashMap::new(),
            turns: VecDeque::new(),
            length: 0,
            limit,
        }
    }

    /// Adds work of a caller. Returns the work that finds no room: this one, or the last one of the
    /// caller with the most.
    pub fn push(&mut self, turn: Turn, work: W) -> Option<W> {
        let mut refused = None;
        if self.length >= self.limit {
            self.retain_awaited();
        }
        if self.length >= self.limit {
            let own = self.of.get(&turn).map_or(0, VecDeque::len);
            let most = self.of.iter().max_by_key(|(_, works)| works.len());
            match most.map(|(turn, works)| (*turn, works.len())) {
                Some((other, most)) if most > own + 1 => refused = self.take_last(other),
                _ => return Some(work),
            }
        }
        let works = self.of.entry(turn).or_default();
        if works.is_empty() {
            self.turns.push_back(turn);
        }
        works.push_back(work);
        self.length += 1;
        refused
    }

    /// Takes the next work: of the caller whose turn it is, the oldest.
    pub fn pop(&mut self) -> Option<W> {
        let turn = self.turns.pop_front()?;
        let works = self.of.get_mut(&turn)?;
        let work = works.pop_front();
        if works.is_empty() {
            self.of.remove(&turn);
        } else {
            self.turns.push_back(turn);
        }
        self.length -= usize::from(work.is_some());
        work
    }

    fn take_last(&mut self, turn: Turn) -> Option<W> {
        let work = self.of.get_mut(&turn)?.pop_back();
        self.length -= usize::from(work.is_some());
        work
    }

    /// Drops the work for which nobody waits any more.
    fn retain_awaited(&mut self) {
        self.of.retain(|_, works| {
            works.retain(|work| !work.is_abandoned());
            !works.is_empty()
        });
        self.turns.retain(|turn| self.of.contains_key(turn));
        self.length = self.of.values().map(VecDeque::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request of a caller, by its number, which may have been given up.
    #[derive(Debug, PartialEq, Eq)]
    struct Request(u64, usize, bool);

    impl Waiting for Request {
        fn is_abandoned(&self) -> bool {
            self.2
        }
    }

    fn fill(queue: &mut FairQueue<Request>, caller: u64, numbers: std::ops::Range<usize>) {
        for n in numbers {
            let refused = queue.push(Turn::of(&caller), Request(caller, n, false));
            assert_eq!(refused, None);
        }
    }

    fn drain(queue: &mut FairQueue<Request>) -> Vec<(u64, usize)> {
        std::iter::from_fn(|| queue.pop())
            .map(|Request(caller, n, _)| (caller, n))
            .collect()
    }

    #[test]
    fn callers_take_turns() {
        let mut queue = FairQueue::new(200);
        fill(&mut queue, 1, 0..120);
        fill(&mut queue, 2, 0..1);
        fill(&mut queue, 3, 0..2);
        let order = drain(&mut queue);
        assert_eq!(order.len(), 123);
        // One caller's 120 requests hold up the others by one each turn.
        let first = [(1, 0), (2, 0), (3, 0), (1, 1), (3, 1), (1, 2), (1, 3)];
        assert_eq!(order[..first.len()], first);
    }

    #[test]
    fn a_caller_that_comes_back_waits_for_its_turn() {
        let mut queue = FairQueue::new(10);
        fill(&mut queue, 1, 0..2);
        assert_eq!(queue.pop(), Some(Request(1, 0, false)));
        fill(&mut queue, 2, 0..1);
        fill(&mut queue, 1, 2..3);
        assert_eq!(drain(&mut queue), [(1, 1), (2, 0), (1, 2)]);
        assert_eq!(queue.pop(), None);
        fill(&mut queue, 1, 3..4);
        assert_eq!(drain(&mut queue), [(1, 3)]);
    }

    #[test]
    fn the_caller_with_the_most_gives_way_when_the_queue_is_full() {
        let mut queue = FairQueue::new(4);
        fill(&mut queue, 1, 0..4);
        let own = Request(1, 4, false);
        assert_eq!(
            queue.push(Turn::of(&1_u64), own),
            Some(Request(1, 4, false))
        );
        for n in 0..2 {
            let refused = queue.push(Turn::of(&2_u64), Request(2, n, false));
            assert_eq!(refused, Some(Request(1, 3 - n, false)));
        }
        // Both have two: nobody gives way.
        let refused = queue.push(Turn::of(&2_u64), Request(2, 2, false));
        assert_eq!(refused, Some(Request(2, 2, false)));
        assert_eq!(drain(&mut queue), [(1, 0), (2, 0), (1, 1), (2, 1)]);
    }

    #[test]
    fn abandoned_work_takes_no_room() {
        let mut queue = FairQueue::new(2);
        for n in 0..2 {
            let refused = queue.push(Turn::of(&1_u64), Request(1, n, n == 0));
            assert_eq!(refused, None);
        }
        fill(&mut queue, 2, 0..1);
        assert_eq!(drain(&mut queue), [(1, 1), (2, 0)]);
    }
}
