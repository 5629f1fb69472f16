//! The commit path.
use std::sync::Arc;

use offhook_bus::{Bus, Hint};
use offhook_call::{Call, Notice};
use offhook_signaling::{Code, Problem, Reply, Request};
use offhook_store::{CommitError, Guard, Job, JobKey, Key, LocalPresence, Presence, Store, Transition};
use offhook_types::{Account, AppId, CallId, Opaque, Party, Timestamp, UserId};

use crate::{
    NoPushes, NoRooms, Policies, Pushes, Rooms, World,
    policy::AppPolicy,
    problem,
    pushes::{Agenda, Cause},
};

/// How often a decision is made anew because another commit came first. Each round loses only to a commit that won, so
/// more than a few happen only when many devices fight over one call; more would hide a livelock.
pub(crate) const ATTEMPTS: usize = 32;

/// Carries out what parties ask for, and what time brings.
pub struct CallControl<S, B, W> {
    pub(crate) agenda: Agenda,
    pub(crate) bus: Arc<B>,
    pub(crate) policies: Policies,
    pub(crate) presence: Arc<dyn Presence>,
    pub(crate) pushes: Arc<dyn Pushes>,
    pub(crate) rooms: Arc<dyn Rooms>,
    pub(crate) store: Arc<S>,
    pub(crate) world: W,
}

/// A decision that waits to be committed.
pub(crate) struct Decision {
    /// The call as it was, if it was.
    pub(crate) before: Option<Arc<Call>>,
    pub(crate) call: Arc<Call>,
    pub(crate) cause: Cause,
    pub(crate) guards: Vec<Guard>,
    pub(crate) key: Option<Key>,
    pub(crate) notices: Vec<Notice>,
}

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// Stands on a store and a bus, in a world, under the apps' rules; without media, and alone.
    #[must_use]
    pub fn new(store: Arc<S>, bus: Arc<B>, world: W, policies: Policies) -> Self {
        Self {
            agenda: Agenda::default(),
            bus,
            policies,
            presence: Arc::new(LocalPresence::new()),
            pushes: Arc::new(NoPushes::default()),
            rooms: Arc::new(NoRooms),
            store,
            world,
        }
    }

    /// Knows of devices on other nodes, too.
    #[must_use]
    pub fn with_presence(self, presence: Arc<dyn Presence>) -> Self {
        Self { presence, ..self }
    }

    /// Wakes devices through whoever this is.
    #[must_use]
    pub fn with_pushes(self, pushes: Arc<dyn Pushes>) -> Self {
        Self { pushes, ..self }
    }

    /// The store it stands on.
    pub fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// The world it lives in.
    pub fn world(&self) -> &W {
        &self.world
    }

    /// Carries out a request. An answer means that it is committed.
    ///
    /// # Errors
    /// A [`Problem`] if it was not carried out, with the current call if the party has to do with it.
    pub async fn execute(&self, party: &Party, request: Request) -> Result<Reply, Problem> {
        match request {
            Request::Invite(invite) => self.invite(party, invite).await,
            Request::ListCalls(list) => self.list_calls(party, &list).await,
            Request::QueryUsers(query) => self.query_users(party, &query).await,
            Request::ReadCall(read) => self.read_call(party, read.call).await,
            Request::UpdateUser(update) => self.update_user(party, update).await,
            Request::Logout | Request::RenewToken(_) => {
                Err(Problem::new(Code::BadRequest, "this request belongs to a WebSocket session"))
            }
            Request::AskPushKey(ask) => Ok(self.push_key(party, &ask)),
            Request::RegisterDevice(register) => self.register_device(party, &register).await,
            Request::UnregisterDevice => self.unregister_device(party).await,
            Request::AskRoomToken(ask) => self.ask_room_token(party, &ask).await,
            Request::Cancel(cancel) => self.cancel(party, cancel).await,
            Request::AddCandidate(_)
            | Request::AnswerMedia(_)
            | Request::JoinRoom(_)
            | Request::LeaveRoom(_)
            | Request::OfferMedia(_)
            | Request::ReadRoom(_)
            | Request::RemoveMember(_)
            | Request::SendMessage(_)
            | Request::Subscribe(_)
            | Request::UpdateStream(_) => Err(problem::media_unavailable()),
            Request::Accept(_)
            | Request::Acknowledge(_)
            | Request::Add(_)
            | Request::End(_)
            | Request::Ignore(_)
            | Request::Join(_)
            | Request::Quit(_)
            | Request::Reject(_) => self.command(party, request).await,
        }
    }

    /// Whether commits can be expected to succeed now; for readiness probes.
    ///
    /// # Errors
    /// A [`Problem`] that says what is not ready.
    pub fn ready(&self) -> Result<(), Problem> {
        self.store.health().map_err(|error| problem::of_store(&error))
    }

    pub(crate) fn policy(&self, app: AppId) -> Arc<AppPolicy> {
        self.policies.of(app)
    }

    pub(crate) async fn load(&self, app: AppId, call: CallId) -> Result<Option<Arc<Call>>, Problem> {
        self.store.load(app, call).await.map_err(|error| problem::of_store(&error))
    }

    /// Commits a decision and lets everybody concerned know that there is news.
    pub(crate) async fn commit(&self, now: Timestamp, decision: Decision) -> Result<(), CommitError> {
        let Decision { before, call, cause, guards, key, notices } = decision;
        let jobs = self.jobs_of(before.as_deref(), &call, &cause).await?;
        let (app, deadline) = (call.app, call.poll_timeout());
        let decided = Arc::clone(&call);
        let left: Vec<Job> = jobs.iter().map(|job| job_of(now, &call, job)).collect();
        let committed = self.store.commit(Transition { at: now, call, guards, jobs, key, notices }).await;
        let committed = committed.inspect_err(|error| self.look_for_jobs_after(now, (&left, error)))?;
        self.tell_rooms(before.as_deref(), &decided);
        let hint = |(user, head)| Hint { head, account: Account { app, user } };
        let hints: Vec<Hint> = committed.heads.into_iter().map(hint).collect();
        self.bus.publish(&hints);
        if let Some(deadline) = deadline {
            self.world.wake_at(deadline);
        }
        self.take_up(now, left);
        Ok(())
    }
}

fn job_of(at: Timestamp, call: &Call, (user, body): &(UserId, Opaque)) -> Job {
    let key = JobKey { app: call.app, call: call.id, seq: call.seq, user: user.clone() };
    Job { at, body: body.clone(), key }
}

impl Decision {
    /// A decision about an existing call: nothing to guard, no key.
    pub(crate) fn of(before: Arc<Call>, call: Call, notices: Vec<Notice>) -> Self {
        Self {
            before: Some(before),
            call: Arc::new(call),
            cause: Cause::default(),
            guards: Vec::new(),
            key: None,
            notices,
        }
    }
}
