//! Renewals in the model, and what follows of their predecessors.

use chrono::NaiveDate;

use super::dates::{Range, is_open, read};
use super::memory::{Agreement, Model, TODAY};
use super::ops::Day;

impl Agreement {
    /// The day of an end by supersession that was recorded by hand, if a start allows it.
    fn by_hand(&self, [first, last]: Range) -> Option<NaiveDate> {
        let day = self.superseded_by_hand.as_ref()?.as_deref().map(read)?;
        (is_open(last) && first <= day).then_some(day)
    }
}

impl Model {
    pub fn signed_renewal(&self, old: usize) -> Option<usize> {
        let void = ["withdrawn", "voided"];
        self.agreements.iter().position(|a| {
            let stands = !a.deleted && a.was_signed() && !void.contains(&a.status());
            stands && a.supersedes == Some(old)
        })
    }

    /// A voided renewal supersedes nothing.
    pub fn release(&mut self, new: usize) {
        for old in &mut self.agreements {
            if old.superseded_by == Some(new) {
                old.superseded_by = None;
                old.chain.clear();
                match old.superseded_by_hand.take() {
                    Some(day) => old.date_end(day),
                    None => old.steps.retain(|(to, _)| *to != "superseded"),
                }
                old.take_over_back(new);
                old.version += 1;
            }
        }
        if let Some(old) = self.agreements[new].supersedes {
            self.follow(old);
        }
    }

    /// The agreements whose starts end the predecessor of one.
    pub fn chain(&self, new: usize) -> Vec<usize> {
        let [_, last] = self.agreements[new].start();
        let may_come_first = |i: &&usize| self.agreements[**i].start()[0] < last;
        let later = self.agreements[new].chain.iter().filter(may_come_first);
        std::iter::once(&new).chain(later).copied().collect()
    }

    /// The predecessor of an agreement that was written follows it.
    fn follow(&mut self, new: usize) {
        let stands = ["signed", "completed", "terminated", "superseded"];
        let written = &self.agreements[new];
        let Some(old) = written
            .supersedes
            .filter(|_| stands.contains(&written.status()))
        else {
            return;
        };
        let mut chain = self.chain(new);
        match self.agreements[old].status() {
            "superseded" => {}
            "completed" | "terminated" => {
                let first = chain.iter().map(|i| self.agreements[*i].start()[0]).min();
                let end = self.agreements[old].end().map(|day| read(day));
                if end <= first {
                    chain.clear();
                }
            }
            _ => return,
        }
        let before = &mut self.agreements[old];
        if before.chain != chain {
            before.superseded_by = (!chain.is_empty()).then_some(new);
            before.chain = chain;
            before.version += 1;
            self.follow(old);
        }
    }

    /// The days on which a successor can have taken over from each agreement.
    pub fn settle(&mut self) {
        for i in 0..self.agreements.len() {
            self.agreements[i].taken_over = self.taken_over(i);
        }
    }

    fn taken_over(&self, old: usize) -> Option<Range> {
        let a = &self.agreements[old];
        let new = self.signed_renewal(old).filter(|_| a.was_signed())?;
        let start = self.agreements[new].start();
        let start = a.by_hand(start).map_or(start, |day| [day, day]);
        Some(match self.taken_over(new) {
            Some(next) => [start[0].min(next[0]), start[1].min(next[1])],
            None => start,
        })
    }

    /// The day of the last step that has one and does not lie ahead.
    pub fn last_day(&self, i: usize) -> Option<NaiveDate> {
        let a = &self.agreements[i];
        let day = |(to, on): &(&str, Option<Day>)| match a.chain.first() {
            Some(new) if *to == "superseded" => {
                let new = &self.agreements[*new];
                a.by_hand(new.start()).or_else(|| new.stated_start())
            }
            _ => on.as_deref().map(read),
        };
        let days = a.steps.iter().rev().filter_map(day);
        days.into_iter().find(|day| *day <= read(TODAY))
    }

    /// Signing a renewal supersedes its predecessor.
    pub fn supersede(&mut self, new: usize) {
        let (old, on) = (
            self.agreements[new].supersedes,
            self.agreements[new].signed.clone(),
        );
        let Some(old) = old.map(|old| &mut self.agreements[old]) else {
            return;
        };
        let Some(on) = on else { return };
        match old.status() {
            "signed" => {
                old.take_over(new, &on);
                old.steps.push(("superseded", Some(on)));
            }
            "superseded" => {
                old.superseded_by_hand = Some(old.end().cloned());
                old.date_end(Some(on));
            }
            _ => {}
        }
        self.follow(new);
    }
}
