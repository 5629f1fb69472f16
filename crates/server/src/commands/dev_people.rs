//! Who is around on a `dev` server: its users and whoever else is connected or has a phone that sleeps, with their presence. Only for the demo: a real
//! app knows its people itself, and nobody else should.
use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use offhook_gateway::Hub;
use offhook_signaling::{Code, Problem};
use offhook_types::{Account, Opaque, UserId};
use serde::{Deserialize, Serialize};

use super::dev::APP;
use crate::{cluster::Membership, handler::Control, node::Node, pushes::DevOffice};

/// At most so many are named in one answer; more would be looked at by nobody.
const MOST: usize = 200;

/// What presence is read from.
pub(super) struct Neighborhood {
    control: Arc<Control>,
    hub: Arc<Hub>,
    membership: Option<Arc<Membership>>,
    office: Arc<DevOffice>,
    /// The users that the server was started with.
    users: BTreeSet<UserId>,
}

impl Neighborhood {
    /// The neighborhood of a node that serves these users.
    ///
    /// # Errors
    /// One of `users` is no user's id.
    pub(super) fn new(node: &Node, office: Arc<DevOffice>, users: &[String]) -> anyhow::Result<Self> {
        let users = users.iter().map(UserId::new).collect::<Result<_, _>>()?;
        let (control, hub, membership) = (Arc::clone(node.control()), node.hub(), node.membership());
        Ok(Self { control, hub, membership, office, users })
    }

    /// Who is connected, to whichever node.
    async fn online(&self) -> Result<BTreeSet<UserId>, Problem> {
        match &self.membership {
            None => Ok(self.hub.users(APP)),
            Some(membership) => membership.users(APP).await.map_err(|error| {
                tracing::warn!(%error, "nobody knows who is around");
                Problem::new(Code::StoreUnavailable, "the database does not say who is around")
            }),
        }
    }

    async fn people(&self, also: impl Iterator<Item = UserId>) -> Result<Vec<Person>, Problem> {
        let online = self.online().await?;
        let known = self.users.iter().cloned().chain(self.office.sleepers());
        let everyone: BTreeSet<UserId> = known.chain(also).chain(online.iter().cloned()).collect();
        let mut people = Vec::new();
        for user in everyone.into_iter().take(MOST) {
            let account = Account::new(APP, user.clone());
            people.push(Person {
                in_call: self.control.is_in_call(&account).await?,
                name: self.control.name_of(&account).await?,
                online: online.contains(&user),
                user,
            });
        }
        Ok(people)
    }
}

#[derive(Serialize)]
struct Person {
    in_call: bool,
    /// Empty if they have none, or are not known here.
    name: Opaque,
    online: bool,
    user: UserId,
}

#[derive(Deserialize)]
pub(super) struct PeopleQuery {
    /// More people to tell of, separated by commas.
    #[serde(default)]
    also: String,
}

/// `GET /dev/people?also=dave,erin`.
pub(super) async fn list(
    State(here): State<Arc<Neighborhood>>,
    Query(query): Query<PeopleQuery>,
) -> Response {
    let also = query.also.split(',').filter_map(|name| UserId::new(name).ok());
    match here.people(also).await {
        Ok(people) => ([(header::CACHE_CONTROL, "no-store")], Json(people)).into_response(),
        Err(problem) => (StatusCode::SERVICE_UNAVAILABLE, problem.message).into_response(),
    }
}
