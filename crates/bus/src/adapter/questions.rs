//! Questions on their way, for buses that cannot match an answer to its question themselves.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::NodeId;

/// Who waits for which answer.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    open: Arc<Mutex<HashMap<u64, Open>>>,
}

#[derive(Debug)]
struct Open {
    asked: NodeId,
    answer: oneshot::Sender<Vec<u8>>,
}

impl Questions {
    /// The answer to a question of that number, which `asked` must give. Waits from now on, also before the future is polled, so that
    /// the question can be sent then. Whoever drops the future is forgotten.
    pub fn open(&self, number: u64, asked: NodeId) -> impl Future<Output = Option<Vec<u8>>> + use<> {
        let (answer, answered) = oneshot::channel();
        self.lock().insert(number, Open { asked, answer });
        let closing = Closing { questions: self.clone(), number };
        async move {
            let answer = answered.await;
            drop(closing);
            answer.ok()
        }
    }

    /// An answer has come, as the message that it is in. One that nobody waits for, or that somebody else gives, is dropped.
    pub fn answer(&self, number: u64, from: NodeId, message: Vec<u8>) {
        let mut open = self.lock();
        if open.get(&number).is_some_and(|question| question.asked == from)
            && let Some(question) = open.remove(&number)
        {
            let _ = question.answer.send(message); // The asker may have given up just now.
        }
    }

    /// The question will not be answered: its future ends with `None`.
    pub fn refuse(&self, number: u64) {
        self.lock().remove(&number);
    }

    /// How many are waited for.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets a question when nobody waits for it any more.
struct Closing {
    questions: Questions,
    number: u64,
}

impl Drop for Closing {
    fn drop(&mut self) {
        self.questions.lock().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: NodeId = NodeId::new(1);
    const BOB: NodeId = NodeId::new(2);

    #[tokio::test]
    async fn an_answer_finds_its_question_and_no_other() {
        let questions = Questions::default();
        let (first, second, third) = (questions.open(1, ANN), questions.open(2, ANN), questions.open(3, ANN));
        questions.refuse(3);
        assert_eq!(third.await, None);
        questions.answer(2, ANN, b"two".to_vec());
        questions.answer(1, BOB, b"not asked".to_vec());
        questions.answer(1, ANN, b"one".to_vec());
        questions.answer(1, ANN, b"again".to_vec());
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (b"one".to_vec(), b"two".to_vec()));
        assert_eq!(questions.count(), 0);
    }

    #[test]
    fn a_question_that_nobody_waits_for_is_forgotten() {
        let questions = Questions::default();
        drop(questions.open(1, ANN));
        assert_eq!(questions.count(), 0);
    }
}
