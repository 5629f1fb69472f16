//! What back ends order about pushes.
use std::sync::Arc;

use offhook_gateway::{PushAnswer, PushOrder};
use offhook_push::PushId;
use offhook_signaling::{Code, Problem, PushLedger, PushResource, PushResourceView, PushResources, PushView};
use offhook_store::{Devices as _, LedgerEntry, StoreError, StoredResource, Turn};
use offhook_types::{Account, AppId, Party};

use super::{Built, PushService, registry::Entry};
use crate::{config::BaseUrls, handler::Control};

/// The most resources of one app (call-semantics section 6.1).
const MOST_RESOURCES: usize = 10;

impl PushService {
    /// Carries out what an app's back end orders.
    ///
    /// # Errors
    /// A [`Problem`] if it was not carried out.
    pub(crate) async fn order(
        &self,
        control: &Arc<Control>,
        app: AppId,
        order: PushOrder,
    ) -> Result<PushAnswer, Problem> {
        match order {
            PushOrder::List => Ok(PushAnswer::Resources(self.list(app))),
            PushOrder::Put { name, resource } => {
                self.put(control, app, (&name, &resource)).await.map(|()| PushAnswer::Done)
            }
            PushOrder::Read { call, user } => {
                let party = Party { account: Account::new(app, user), device: None };
                let pushes = control.pushes_of(&party, call).await?.into_iter().map(view).collect();
                Ok(PushAnswer::Ledger(PushLedger { pushes }))
            }
            PushOrder::Remove { name } => self.remove(control, app, name).await.map(|()| PushAnswer::Done),
        }
    }

    fn list(&self, app: AppId) -> PushResources {
        let view = |entry: Entry| PushResourceView {
            expires_at: entry.built.lines.expires(),
            is_configured: entry.is_configured,
            name: entry.built.resource.name.clone(),
            providers: entry.built.lines.all().map(|(name, _)| name.to_owned()).collect(),
        };
        PushResources { resources: self.registry.of(app).into_iter().map(view).collect() }
    }

    async fn put(
        &self,
        control: &Arc<Control>,
        app: AppId,
        (name, form): (&str, &PushResource),
    ) -> Result<(), Problem> {
        let known = self.registry.of(app);
        let earlier = known.iter().find(|entry| entry.built.resource.name == name);
        check_changeable(earlier)?;
        if earlier.is_none() && known.len() >= MOST_RESOURCES {
            let text = format!("an app has at most {MOST_RESOURCES} push resources: remove one first");
            return Err(Problem::new(Code::PushInvalid, text));
        }
        let built = Built::new(name, (form, &BaseUrls::default()), &self.reach);
        let built = built.map_err(|error| Problem::new(Code::PushInvalid, format!("{error:#}")))?;
        let bytes = serde_json::to_vec(form).expect("a form is texts");
        let sealed = self.seal(app, &bytes);
        let stored = StoredResource { app, name: name.to_owned(), sealed };
        control.store().put_resource(stored).await.map_err(|error| of_store(&error))?;
        self.registry.put(app, &Entry { built: Arc::new(built), is_configured: false });
        Ok(())
    }

    async fn remove(&self, control: &Arc<Control>, app: AppId, name: String) -> Result<(), Problem> {
        let known = self.registry.find(app, &name);
        check_changeable(known.as_ref())?;
        if known.is_none() {
            return Err(Problem::new(Code::NotFound, "no such push resource"));
        }
        let gone = StoredResource { app, name: name.clone(), sealed: Vec::new() };
        control.store().put_resource(gone).await.map_err(|error| of_store(&error))?;
        self.registry.remove(app, &name);
        Ok(())
    }
}

fn check_changeable(entry: Option<&Entry>) -> Result<(), Problem> {
    if entry.is_some_and(|entry| entry.is_configured) {
        let text = "this push resource stands in the server's configuration, and can only be changed there";
        return Err(Problem::new(Code::PushInvalid, text));
    }
    Ok(())
}

fn of_store(error: &StoreError) -> Problem {
    tracing::error!(%error, "a push resource cannot be stored");
    Problem::new(Code::StoreUnavailable, "the store is not available; nothing has changed")
}

fn view(entry: LedgerEntry) -> PushView {
    let outcome = entry.outcome.as_ref();
    PushView {
        at: entry.at,
        attempts: outcome.map(|outcome| outcome.attempts),
        detail: outcome.map(|outcome| outcome.detail.clone()).unwrap_or_default(),
        device: entry.key.device,
        kind: match entry.key.turn {
            Turn::Ring => "ring",
            Turn::Stop => "stop",
            Turn::Missed => "missed",
        }
        .to_owned(),
        push: PushId::from_random(entry.push).to_string(),
        provider: entry.provider,
        resource: entry.resource,
        settled_at: outcome.map(|outcome| outcome.at),
        user: entry.key.user,
        verdict: outcome.map(|outcome| outcome.verdict.clone()),
    }
}
