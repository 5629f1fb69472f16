//! The user's token: where it comes from, and what a new one is good for.
use core::time::Duration;

use offhook_signaling::{RenewToken, Renewed, Request};
use offhook_types::Timestamp;

use crate::{Client, Event, Output, StopReason, Token, client::Phase, requests::Purpose, turn::Turn};

/// How long after the source of tokens failed it is asked again while the session lives. Less bothers a back end that is
/// down, more may let the token run out.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// What is known of the user's token.
#[derive(Debug, Default)]
pub(crate) struct TokenState {
    /// The session needs a token that the server has not taken, and the source is not being asked.
    pub(crate) ask_again: Option<AskAgain>,
    pub(crate) current: Option<Token>,
    pub(crate) expires: Option<Timestamp>,
    /// The last token was refused, and none has been accepted since.
    pub(crate) refused: bool,
}

/// What makes the client ask the source of tokens again, while the session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskAgain {
    /// The clock: the source failed. A wish of the app comes before it.
    At(Timestamp),
    /// A wish of the app alone: the source has no other token, or the server has not taken the one that it gave.
    OnConnect,
}

impl TokenState {
    /// When the clock makes the client ask the source again.
    pub(crate) fn ask_at(&self) -> Option<Timestamp> {
        match self.ask_again {
            Some(AskAgain::At(at)) => Some(at),
            Some(AskAgain::OnConnect) | None => None,
        }
    }
}

impl Client {
    pub(crate) fn ask_source(&mut self, turn: &mut Turn) {
        self.token.ask_again = None;
        turn.push(Output::NeedToken);
    }

    /// The app wants to be connected, and is: it does not wait for the clock if the session needs a token and none is on
    /// its way.
    pub(crate) fn ask_source_if_needed(&mut self, turn: &mut Turn) {
        if self.token.ask_again.is_some() && !self.requests.is_renewing() {
            self.ask_source(turn);
        }
    }

    /// Asks the source again, if it is time.
    pub(crate) fn ask_source_if_due(&mut self, turn: &mut Turn) {
        if self.is_online() && self.token.ask_at().is_some_and(|at| at <= turn.now) {
            self.ask_source(turn);
        }
    }

    pub(crate) fn take_token(&mut self, token: Token, turn: &mut Turn) {
        match self.phase {
            Phase::AskingToken { .. } => {
                self.hold(token);
                self.open(turn);
            }
            Phase::Online(_) => {
                let renewal = RenewToken { token: token.0.clone() };
                self.hold(token);
                self.token.ask_again = Some(AskAgain::OnConnect);
                self.ask(Purpose::Renew, Request::RenewToken(renewal), turn);
            }
            Phase::Backoff { .. }
            | Phase::Disconnected
            | Phase::Greeting { .. }
            | Phase::Opening { .. }
            | Phase::Stopped(_) => self.hold(token),
        }
    }

    /// The server has taken a token, which is the present one from this moment, whoever asked for it.
    pub(crate) fn renewed(&mut self, request: &RenewToken, renewed: &Renewed, turn: &Turn) {
        self.hold(Token(request.token.clone()));
        self.token.ask_again = None;
        self.token.expires = Some(turn.now + Duration::from_millis(renewed.expires_in_ms));
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
                self.token.ask_again = Some(AskAgain::At(turn.now + ASK_AGAIN_AFTER));
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
            Phase::Online(_) => {
                turn.tell(Event::TokenNeeded);
                self.token.ask_again = Some(AskAgain::OnConnect);
            }
            Phase::Backoff { .. }
            | Phase::Disconnected
            | Phase::Greeting { .. }
            | Phase::Opening { .. }
            | Phase::Stopped(_) => {}
        }
    }
}
