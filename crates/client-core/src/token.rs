//! The user's token: where it comes from, and what a new one is good for.
use core::time::Duration;

use offhook_signaling::{RenewToken, Request};
use offhook_types::Timestamp;

use crate::{Client, Event, StopReason, Token, client::Phase, requests::Purpose, turn::Turn};

/// How long after the source of tokens failed it is asked again while the session lives. Less bothers a back end that is
/// down, more may let the token run out.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What is known of the user's token.
#[derive(Debug, Default)]
pub(crate) struct TokenState {
    /// When to ask the source again, because it failed when the session's token had to be renewed.
    pub(crate) ask_again: Option<Timestamp>,
    pub(crate) current: Option<Token>,
    pub(crate) expires: Option<Timestamp>,
    /// The last token was refused, and none has been accepted since.
    pub(crate) refused: bool,
}

impl Client {
    pub(crate) fn take_token(&mut self, token: Token, turn: &mut Turn) {
        match self.phase {
            Phase::AskingToken { .. } => {
                self.hold(token);
                self.open(turn);
            }
            Phase::Online(_) => {
                let renewal = RenewToken { token: token.0.clone() };
                self.hold(token);
                self.token.ask_again = None;
                self.ask(Purpose::Renew, Request::RenewToken(renewal), turn);
            }
            Phase::Backoff { .. }
            | Phase::Disconnected
            | Phase::Greeting { .. }
            | Phase::Opening { .. }
            | Phase::Stopped(_) => self.hold(token),
        }
    }

    fn hold(&mut self, token: Token) {
        self.token.current = Some(token);
        self.token.expires = None;
    }

    pub(crate) fn token_failed(&mut self, turn: &mut Turn) {
        match self.phase {
            Phase::AskingToken { .. } => {
                turn.tell(Event::TokenNeeded);
                self.retry(None, turn);
            }
            Phase::Online(_) => {
                turn.tell(Event::TokenNeeded);
                self.token.ask_again = Some(turn.now + ASK_AGAIN_AFTER);
            }
            Phase::Backoff { .. }
            | Phase::Disconnected
            | Phase::Greeting { .. }
            | Phase::Opening { .. }
            | Phase::Stopped(_) => {}
        }
    }

    pub(crate) fn token_gone(&mut self, turn: &mut Turn) {
        match self.phase {
            Phase::AskingToken { .. } => {
                turn.tell(Event::TokenNeeded);
                self.stop(StopReason::Unauthenticated, turn);
            }
            Phase::Online(_) => turn.tell(Event::TokenNeeded),
            Phase::Backoff { .. }
            | Phase::Disconnected
            | Phase::Greeting { .. }
            | Phase::Opening { .. }
            | Phase::Stopped(_) => {}
        }
    }
}
