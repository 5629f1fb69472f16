//! From hello to an open session: token, origin, a place among the user's devices, and the handler's word.
use std::sync::{Arc, atomic::Ordering};

use futures_util::FutureExt;
use offhook_auth::{AuthError, Grant, verify_login, verify_user_token};
use offhook_signaling::{Code, Hello, Problem};
use offhook_types::{Account, AppId, Party, UserId};

use crate::{
    Departure, Handler, Login, Opened,
    config::{AppPolicy, is_browser},
    gateway::Shared,
    hub::Candidate,
    seat::Seat,
    work::contained,
};

/// A device that has a session.
pub(crate) struct Member {
    pub(crate) candidate: Candidate,
    pub(crate) grant: Grant,
    pub(crate) party: Arc<Party>,
}

/// Lets the device in, or says why not. Must not be dropped halfway: it leaves traces.
pub(crate) async fn open<H: Handler>(
    shared: &Shared<H>,
    seat: Arc<Seat>,
    hello: Hello,
    origin: Option<Box<str>>,
) -> Result<(Box<Member>, Opened), Problem> {
    let Hello { app, device, name, platform, resume, token, user } = hello;
    let grant = verified(shared, app, user, &token).map_err(|error| token_problem(&error))?;
    drop(token);
    let account = grant.account.clone();
    let fallback = AppPolicy::default();
    let policy = shared.config.apps.get(&account.app).unwrap_or(&fallback);
    if !policy.origins.admits_device(origin.as_deref(), &platform) {
        return Err(Problem::new(Code::TokenInvalid, "the app does not let pages of this origin in"));
    }
    let since = shared.clock.now();
    let candidate = Candidate {
        account: account.clone(),
        browser: is_browser(&platform),
        device: device.clone(),
        seat,
        since,
    };
    shared.hub.register(&candidate).await;
    let party = Party { account, device: Some(device) };
    let name = if name.is_empty() { grant.name.clone().unwrap_or_default() } else { name };
    let login = Login { name, party: party.clone(), platform, resume, since };
    match contained(shared.handler.open(login)).await {
        Ok(opened) => {
            let kicked = shared.hub.admit(&candidate, policy.login);
            shared.metrics.kicked.fetch_add(kicked as u64, Ordering::Relaxed);
            Ok((Box::new(Member { candidate, grant, party: Arc::new(party) }), opened))
        }
        Err(problem) => {
            depart(shared, &candidate, &party).await;
            Err(problem)
        }
    }
}

/// What the token proves. A client that says who it is may bring a token04, which does not say it by itself, if its app
/// permits that.
fn verified<H>(
    shared: &Shared<H>,
    app: Option<AppId>,
    user: Option<UserId>,
    token: &str,
) -> Result<Grant, AuthError> {
    let (keys, now) = (shared.keys.load(), shared.clock.now());
    match (app, user) {
        (Some(app), Some(user)) => verify_login(&keys, now, token, &Account::new(app, user)),
        (None, Some(user)) => {
            let grant = verify_user_token(&keys, now, token, None)?;
            if grant.account.user == user { Ok(grant) } else { Err(AuthError::WrongUser) }
        }
        (_, None) => verify_user_token(&keys, now, token, app),
    }
}

/// Takes the device's leave, unless another session of it goes on.
pub(crate) async fn depart<H: Handler>(shared: &Shared<H>, candidate: &Candidate, party: &Party) {
    if shared.hub.begin_departure(candidate) {
        // A fault has been logged; the device has left all the same.
        let _ = contained(shared.handler.closed(party, Departure::Lost).map(Ok)).await;
        shared.hub.depart(candidate);
    }
}

/// What the sender of a token may know.
pub(crate) fn token_problem(error: &AuthError) -> Problem {
    let (code, message) = match error {
        AuthError::Expired | AuthError::Revoked => (Code::TokenExpired, "the token is over; bring a new one"),
        AuthError::LifetimeTooLong => (Code::TokenTooLong, "the token lives for longer than is permitted"),
        AuthError::ExpiresTooSoon
        | AuthError::KeyNotInForce
        | AuthError::Malformed
        | AuthError::NotAuthentic
        | AuthError::NotYetValid
        | AuthError::Token04Disabled
        | AuthError::TooLarge
        | AuthError::UnknownKey
        | AuthError::WrongAlgorithm
        | AuthError::WrongAudience
        | AuthError::WrongDevice
        | AuthError::WrongIssuer
        | AuthError::WrongPurpose
        | AuthError::WrongType
        | AuthError::WrongUser
        | AuthError::WrongVersion => (Code::TokenInvalid, "the token is not valid"),
    };
    let mut problem = Problem::new(code, message);
    problem.zim_code = error.zim_code();
    tracing::debug!(%error, "a token was refused");
    problem
}
