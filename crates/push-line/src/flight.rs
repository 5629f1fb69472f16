//! One does it, and all who come meanwhile take what came of it.
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// Work that is worth doing once for all who wait. Who begins it does it; if that one gives up, another one begins anew.
#[derive(Debug)]
pub(crate) struct Flight<T>(Mutex<Option<watch::Receiver<Option<T>>>>);

enum Turn<T> {
    Follow(watch::Receiver<Option<T>>),
    Lead(watch::Sender<Option<T>>),
}

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Flight<T> {
    /// Does the work, or waits for whoever does it. The work must begin by looking whether it is still needed: another flight may have
    /// ended since the caller looked.
    pub(crate) async fn run<Work: Future<Output = T>>(&self, work: impl FnOnce() -> Work) -> T {
        loop {
            match self.turn() {
                Turn::Follow(mut flight) => {
                    if let Ok(done) = flight.wait_for(Option::is_some).await
                        && let Some(value) = done.as_ref()
                    {
                        return value.clone();
                    }
                }
                Turn::Lead(flight) => {
                    let value = work().await;
                    *self.slot() = None;
                    flight.send_replace(Some(value.clone()));
                    return value;
                }
            }
        }
    }

    fn turn(&self) -> Turn<T> {
        let mut slot = self.slot();
        // A flight whose leader gave up has no sender any more.
        if let Some(flight) = slot.as_ref().filter(|flight| flight.has_changed().is_ok()) {
            return Turn::Follow(flight.clone());
        }
        let (sender, receiver) = watch::channel(None);
        *slot = Some(receiver);
        Turn::Lead(sender)
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<watch::Receiver<Option<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU32, Ordering::Relaxed},
        task::{Context, Waker},
    };

    use super::*;

    #[tokio::test]
    async fn all_who_come_meanwhile_take_what_came_of_it() {
        let (flight, begun) = (Flight::default(), AtomicU32::new(0));
        let work = || async {
            tokio::task::yield_now().await;
            begun.fetch_add(1, Relaxed)
        };
        let all = futures_util::future::join_all((0..100).map(|_| flight.run(work))).await;
        assert_eq!((all, begun.load(Relaxed)), (vec![0; 100], 1));
        assert_eq!(flight.run(work).await, 1, "later it is done anew");
    }

    #[tokio::test]
    async fn another_one_begins_anew_if_the_first_gives_up() {
        let flight = Flight::default();
        let mut first = Box::pin(flight.run(std::future::pending::<u32>));
        let mut nobody = Context::from_waker(Waker::noop());
        assert!(first.as_mut().poll(&mut nobody).is_pending());
        let mut second = Box::pin(flight.run(|| async { 2 }));
        assert!(second.as_mut().poll(&mut nobody).is_pending());
        drop(first);
        assert_eq!(second.await, 2);
    }
}
