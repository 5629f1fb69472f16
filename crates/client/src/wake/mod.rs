//! For a process that a push has started: whether to ring, and how to answer without a login.
//!
//! ```no_run
//! use offhook_client::{Opaque, Platform, Timestamp, wake::{Outbox, Verdict, Wake, WakeConfig}};
//!
//! # async fn example(payload: &str, now: Timestamp, accepted: bool) -> Result<(), Box<dyn std::error::Error>> {
//! let config = WakeConfig::new("https://calls.example", "phone-1".parse()?, Platform::Android);
//! let wake = Wake::from_push(payload, &config)?;
//! let outbox = Outbox::open("the app's private folder")?;
//!
//! if wake.push().verdict(now, None, None) == Verdict::Ring {
//!     // First the notification, then the word to the server: the platform gave seconds.
//!     wake.ring().await?;
//!     if accepted {
//!         outbox.accept(&wake, Opaque::default()).await?;
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Nothing here shows anything: that is the app's, by the platform's rules. Two of them decide whether pushes go on coming.
//! iOS ends an app that was woken by a VoIP push and has not reported a call before its handler returns, so there every ring push is
//! reported, whatever its verdict, and one that is not to ring is ended at once. Android and browsers count pushes of high
//! priority that show nothing.
//!
//! docs/client.md tells the flows of both.

mod answer;
mod config;
mod http;
mod outbox;
mod push;
#[cfg(test)]
mod testing;
mod verdict;
mod woken;

pub use answer::{Accepted, AnswerError};
pub use config::WakeConfig;
pub use outbox::{
    Answered, AnsweredKind, Dropped, Flushed, Outbox, OutboxError, Outcome, Pending, PendingKind,
};
pub use push::{Invitation, Push, PushError, PushKind, PushStop};
pub use verdict::{Ignored, Verdict};
pub use woken::{WakeEvent, Woken};

use std::sync::Arc;

use offhook_signaling::{CallView, RejectCause};
use offhook_types::{CallId, Opaque};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::{ConnectError, TokenSource, clock::time_of_day};
use answer::{Ask, Verb};

/// A push that has started this process, and the ways to answer it. Cheap to clone. `Debug` keeps its credential to itself.
#[derive(Clone, Debug)]
pub struct Wake {
    config: Arc<WakeConfig>,
    /// When the ring ends, on the monotonic clock.
    deadline: Instant,
    push: Arc<Push>,
}

impl Wake {
    /// Takes a push as it came just now: the document as JSON, or the map of texts that Firebase carries, as JSON.
    ///
    /// # Errors
    /// [`PushError`]; [`PushError::NotOurs`] is another push of the app.
    pub fn from_push(payload: &str, config: &WakeConfig) -> Result<Self, PushError> {
        Ok(Self::new(Push::read(payload, time_of_day())?, config))
    }

    /// Takes the map of texts that Firebase carries.
    ///
    /// # Errors
    /// [`PushError`]; [`PushError::NotOurs`] is another push of the app.
    pub fn from_texts<Name, Text>(
        texts: impl IntoIterator<Item = (Name, Text)>,
        config: &WakeConfig,
    ) -> Result<Self, PushError>
    where
        Name: Into<String>,
        Text: Into<String>,
    {
        let texts = texts.into_iter().map(|(name, text)| (name.into(), Value::String(text.into())));
        let fields: Map<String, Value> = texts.collect();
        Ok(Self::new(Push::from_fields(&fields, time_of_day())?, config))
    }

    fn new(push: Push, config: &WakeConfig) -> Self {
        let deadline = Instant::now() + push.until.since(time_of_day());
        Self { config: Arc::new(config.clone()), deadline, push: Arc::new(push) }
    }

    /// What the push says.
    #[must_use]
    pub fn push(&self) -> &Push {
        &self.push
    }

    /// The call that it tells of.
    #[must_use]
    pub fn call(&self) -> CallId {
        self.push.invitation.call
    }

    /// The decision of [`Push::verdict`], at this moment.
    #[must_use]
    pub fn verdict(
        &self,
        last_seen: Option<offhook_types::CallSeq>,
        logged_in: Option<&offhook_types::UserId>,
    ) -> Verdict {
        self.push.verdict(time_of_day(), last_seen, logged_in)
    }

    /// Tells the server that this device rings. While the ring lasts it is asked again and again if it cannot be reached; so is
    /// every answer below. To repeat one is harmless.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn ring(&self) -> Result<CallView, AnswerError> {
        self.asking(Verb::Ringing).send(self.deadline).await?.into_call()
    }

    /// Accepts: this device becomes the main device. [`Outbox::accept`] does the same, and outlives this process.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn accept(&self, data: Opaque) -> Result<Accepted, AnswerError> {
        self.asking(Verb::Accept { data }).send(self.deadline).await?.into_accepted()
    }

    /// Rejects on all of the user's devices. [`Outbox::reject`] does the same, and outlives this process.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn reject(&self, reason: RejectCause) -> Result<CallView, AnswerError> {
        self.reject_with(reason, Opaque::default()).await
    }

    /// Rejects, and shows `data` to the others, at most 2 KiB.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn reject_with(&self, reason: RejectCause, data: Opaque) -> Result<CallView, AnswerError> {
        self.asking(Verb::Reject { data, reason }).send(self.deadline).await?.into_call()
    }

    /// Reads the call as it now is.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub async fn read(&self) -> Result<CallView, AnswerError> {
        self.asking(Verb::Read).send(self.deadline).await?.into_call()
    }

    /// Connects as this device of the user whom the push is for, acknowledges the ring, and tells when it ends. Has to be called
    /// within a tokio runtime.
    ///
    /// # Errors
    /// [`ConnectError`] if the server's address cannot be used at all. A server that is away is no error.
    pub fn connect(&self, token: impl Into<TokenSource>) -> Result<Woken, ConnectError> {
        Woken::connect(self.clone(), token.into())
    }

    fn asking(&self, verb: Verb) -> Ask {
        let credential = self.push.credential.clone();
        Ask {
            allow_plaintext: self.config.allow_plaintext,
            call: self.call(),
            credential,
            server: self.config.server.clone(),
            verb,
        }
    }
}
