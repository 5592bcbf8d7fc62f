//! Long work in one transaction that this process does, and how far it is: nothing of it shows in the
//! database before it is done.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use uuid::Uuid;

use crate::kernel::ids::OrganizationId;

/// Number of steps that a slow listener can lag behind.
const BUFFERED: usize = 128;
/// Work is told of once for each of so many parts.
const PARTS: usize = 100;

/// How far a work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Id of the record that is worked on.
    pub id: Uuid,
    /// The municipality that it concerns.
    pub municipality: OrganizationId,
    pub done: usize,
    pub all: usize,
}

/// The works of this process, cheap to clone.
#[derive(Clone)]
pub struct Works(Arc<Inner>);

struct Inner {
    steps: Mutex<BTreeMap<Uuid, Step>>,
    told: broadcast::Sender<Step>,
}

impl Default for Works {
    fn default() -> Self {
        Self(Arc::new(Inner {
            steps: Mutex::default(),
            told: broadcast::Sender::new(BUFFERED),
        }))
    }
}

impl Works {
    fn steps(&self) -> MutexGuard<'_, BTreeMap<Uuid, Step>> {
        // A map of numbers is whole whatever panicked beside it.
        let locked = self.0.steps.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a work, which ends when the guard is dropped.
    #[must_use]
    pub fn begin(&self, id: Uuid) -> Work {
        Work {
            works: self.clone(),
            id,
        }
    }

    /// Returns how far the work on a record is; `None` if this process does none.
    pub fn on(&self, id: Uuid) -> Option<Step> {
        self.steps().get(&id).copied()
    }

    /// Subscribes to the steps.
    pub fn follow(&self) -> broadcast::Receiver<Step> {
        self.0.told.subscribe()
    }
}

/// A work that is being done.
pub struct Work {
    works: Works,
    id: Uuid,
}

impl Work {
    /// Tells how far it is. Listeners hear of about every hundredth part.
    pub fn tell(&self, municipality: OrganizationId, done: usize, all: usize) {
        let step = Step {
            id: self.id,
            municipality,
            done,
            all,
        };
        self.works.steps().insert(self.id, step);
        if done == all || done.is_multiple_of(all.div_ceil(PARTS)) {
            // Nobody listens: then nobody needs to know.
            let _ = self.works.0.told.send(step);
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.works.steps().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_is_told_of_until_it_ends() {
        let works = Works::default();
        let (id, city) = (Uuid::from_u128(1), Uuid::from_u128(2).into());
        let mut told = works.follow();
        let work = works.begin(id);
        assert_eq!(works.on(id), None);
        for done in 0..=1_000 {
            work.tell(city, done, 1_000);
        }
        assert_eq!(works.on(id).map(|step| step.done), Some(1_000));
        let mut heard = Vec::new();
        while let Ok(step) = told.try_recv() {
            heard.push(step.done);
        }
        assert_eq!(
            (heard.len(), heard[0], heard[1], heard[100]),
            (101, 0, 10, 1_000)
        );
        drop(work);
        assert_eq!(works.on(id), None);
        // A work without parts is done at once.
        works.begin(id).tell(city, 0, 0);
        assert_eq!(told.try_recv().map(|step| step.all), Ok(0));
    }
}
