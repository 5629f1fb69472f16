//! Reading calls.
use offhook_bus::Bus;
use offhook_signaling::{CallReply, Calls, Code, ListCalls, Problem, Reply};
use offhook_store::Store;
use offhook_types::{Account, CallId, Party};

use crate::{CallControl, World, problem, view};

const MAX_PAGE: u32 = 100;

impl<S: Store, B: Bus, W: World> CallControl<S, B, W> {
    /// One call, if the user has a leg in it.
    pub(crate) async fn read_call(&self, party: &Party, id: CallId) -> Result<Reply, Problem> {
        let call = self.load(party.account.app, id).await?;
        let call = call.filter(|call| call.legs.contains_key(&party.account.user));
        let call = call.ok_or_else(problem::call_not_found)?;
        let call = Some(view::of_call(&call, party, self.world.now()));
        Ok(Reply::Call(CallReply { call, left_out: Vec::new(), room: None }))
    }

    /// Whether the user is in a call, or in the room of one; one whose devices are lost for longer than their lease is not.
    ///
    /// # Errors
    /// A [`Problem`] if the store cannot tell.
    pub async fn is_in_call(&self, account: &Account) -> Result<bool, Problem> {
        if self.rooms.occupies(account, None) {
            return Ok(true);
        }
        let live = self.store.live(account).await.map_err(|error| problem::of_store(&error))?;
        let is_in = live.calls.iter().any(|call| view::is_in_call(call, &account.user));
        Ok(is_in && self.is_here(account).await?)
    }

    /// The user's calls, newest first. The cursor is the id of the last call of the page before.
    pub(crate) async fn list_calls(&self, party: &Party, list: &ListCalls) -> Result<Reply, Problem> {
        let before = match list.cursor.as_deref() {
            None => None,
            Some(text) => {
                let id: Result<CallId, _> = text.parse();
                let refuse = |_| Problem::new(Code::BadRequest, "a cursor is the `next` of the page before");
                Some(id.map_err(refuse)?)
            }
        };
        let limit = usize::try_from(list.limit.clamp(1, MAX_PAGE)).expect("100 fits");
        let page = self.store.calls(&party.account, before, limit).await;
        let page = page.map_err(|error| problem::of_store(&error))?;
        let now = self.world.now();
        let next = page.calls.last().filter(|_| page.more).map(|call| call.id.to_string());
        let calls = page.calls.iter().map(|call| view::of_call(call, party, now)).collect();
        Ok(Reply::Calls(Calls { calls, next }))
    }
}
