//! Questions to other nodes.
use std::time::Duration;

use tokio::{sync::oneshot, time::timeout};

use super::{Carrier, Core};
use crate::{
    AskError, NodeId, TooLarge,
    adapter::wire::{Content, Message, Verdict},
};

impl<C: Carrier> Core<C> {
    /// As [`crate::Peers::ask`]. `send` sends the question's message, which has that number, to the node, and says whether it did; what
    /// comes of it comes by [`Core::receive`], or [`Questions::refuse`](crate::adapter::Questions::refuse).
    ///
    /// # Errors
    /// As it says there.
    pub async fn ask(
        &self,
        (to, body): (NodeId, Vec<u8>),
        patience: Duration,
        send: impl FnOnce(u64, Vec<u8>) -> bool,
    ) -> Result<Vec<u8>, AskError> {
        TooLarge::check(body.len(), self.limit)?;
        if to == self.identity.id {
            return timeout(patience, self.ask_here(body)).await.unwrap_or(Err(AskError::TimedOut));
        }
        if !self.standing.is_connected() {
            return Err(AskError::Away);
        }
        let number = self.next_number();
        let question = self.message(Content::Ask { to, number, body });
        let answer = self.questions.open(number, to);
        if !send(number, question) {
            return Err(AskError::Away);
        }
        tokio::select! {
            biased;
            answer = timeout(patience, answer) => match answer {
                Ok(Some(answer)) => read_answer(&answer),
                Ok(None) => Err(AskError::Gone),
                Err(_) => Err(AskError::TimedOut),
            },
            () = self.departure(to) => Err(AskError::Gone),
        }
    }

    async fn ask_here(&self, body: Vec<u8>) -> Result<Vec<u8>, AskError> {
        let (sender, answer) = oneshot::channel();
        let hand_on = move |body| {
            let _ = sender.send(body); // The asker may have given up.
        };
        let place = self.desk.place().ok_or(AskError::Busy)?;
        self.desk.work(place, (self.identity.id, body), hand_on);
        let answer = answer.await.map_err(|_| AskError::Gone)?;
        TooLarge::check(answer.len(), self.limit).map_err(|_| AskError::AnswerTooLarge)?;
        Ok(answer)
    }

    /// Ends when a node that is known now is gone; never for one that is not known.
    async fn departure(&self, id: NodeId) {
        let mut changed = self.changed.subscribe();
        if !self.knows(id) {
            return std::future::pending().await;
        }
        // The sender lives in this very value.
        while self.knows(id) && changed.changed().await.is_ok() {}
    }
}

fn read_answer(message: &[u8]) -> Result<Vec<u8>, AskError> {
    match Message::decode(message) {
        Ok(Message { content: Content::Answer { verdict: Verdict::Answered, body, .. }, .. }) => Ok(body),
        Ok(Message { content: Content::Answer { verdict: Verdict::Busy, .. }, .. }) => Err(AskError::Busy),
        Ok(Message { content: Content::Answer { verdict: Verdict::TooLarge, .. }, .. }) => {
            Err(AskError::AnswerTooLarge)
        }
        // What is no answer comes from a node of a later version, which this one cannot talk with.
        Ok(_) | Err(_) => Err(AskError::Gone),
    }
}
