//! Where tokens come from.
use std::{fmt, future::Future, pin::Pin, sync::Arc};

pub(crate) type Asking = Pin<Box<dyn Future<Output = Result<String, TokenError>> + Send>>;

/// The source of tokens failed. The client asks again later; the error itself stays in the app, which should log it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the source of tokens failed")]
pub struct TokenError;

/// Where a client gets its tokens from. `Debug` keeps them to itself.
#[derive(Clone)]
pub struct TokenSource(pub(crate) Source);

#[derive(Clone)]
pub(crate) enum Source {
    Ask(Arc<dyn Fn() -> Asking + Send + Sync>),
    Fixed(Arc<str>),
}

impl TokenSource {
    /// One token, as for a command-line tool. When it ends, or the server refuses it, the session ends;
    /// [`Event::TokenNeeded`](crate::Event::TokenNeeded) says so before, and
    /// [`Client::provide_token`](crate::Client::provide_token) helps.
    pub fn fixed(token: impl Into<Arc<str>>) -> Self {
        Self(Source::Fixed(token.into()))
    }

    /// Asks the app, which asks its back end. The function is called when the client connects, when the token is about to
    /// end and once when the server refuses a token; never twice at a time. It has 30 s.
    pub fn ask<F, A>(ask: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<String, TokenError>> + Send + 'static,
    {
        Self(Source::Ask(Arc::new(move || Box::pin(ask()))))
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::Ask(_) => "TokenSource::ask(…)",
            Source::Fixed(_) => "TokenSource::fixed(…)",
        })
    }
}

impl From<&str> for TokenSource {
    fn from(token: &str) -> Self {
        Self::fixed(token)
    }
}

impl From<String> for TokenSource {
    fn from(token: String) -> Self {
        Self::fixed(token)
    }
}
