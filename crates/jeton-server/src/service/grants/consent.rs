//! Consent: what users allow clients, remembered for each scope, and taken back.

use crate::{
    model::{
        audit::{Action, Actor},
        authorization::AuthorizationRequest,
        client::Client,
        id::{ClientId, UserId},
        scope::{Scope, joined},
        session::{EndReason, Session},
        time::Timestamp,
        user_agent::UserAgent,
    },
    service::{Failure, Service, accounts::admin::Administrator, caller::Caller},
    store::{ConsentGiven, GrantEnding, WhichGrants},
};

/// A client that a user let do something.
#[derive(Debug)]
pub struct Application {
    pub client: Client,
    /// What they allowed; for a client nobody is asked about, what it has now.
    pub scopes: Vec<Scope>,
    pub since: Timestamp,
    /// Its live grants, the newest first.
    pub grants: Vec<Session>,
}

impl Service {
    /// Whether a user has allowed a client what it asks for. Nobody is asked about a client that belongs to whoever runs
    /// the service. What is remembered is scopes: a request for a resource is asked about each time.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn is_consented(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        user: UserId,
    ) -> Result<bool, Failure> {
        if client.registration.first_party {
            return Ok(true);
        }
        if !request.resources.is_empty() {
            return Ok(false);
        }
        let given = self.store.consent(user, client.id).await?;
        Ok(given.is_some_and(|given| request.scopes.iter().all(|scope| given.scopes.contains(scope))))
    }

    /// Notes that a user allowed a client what it asks for.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn consent(
        &self,
        caller: &Caller,
        request: &AuthorizationRequest,
        agent: &UserAgent,
    ) -> Result<(), Failure> {
        let now = self.now();
        let event = caller
            .event(Action::Consented, now)
            .detail("client", request.client.to_string())
            .detail("scope", joined(&request.scopes))
            .personal(self.personal(agent)?);
        let giving = ConsentGiven {
            user: caller.user(),
            client: request.client,
            scopes: request.scopes.clone(),
            event,
        };
        Ok(self.store.give_consent(&giving).await?)
    }

    /// The applications that a user lets do something.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn applications(&self, user: UserId) -> Result<Vec<Application>, Failure> {
        let now = self.now();
        let mut grants = self.store.live_grants(user, now).await?;
        let consents = self.store.consents(user).await?;
        let mut ids: Vec<ClientId> = consents.iter().map(|(client, _)| *client).collect();
        for client in grants.iter().filter_map(Session::client) {
            if !ids.contains(&client) {
                ids.push(client);
            }
        }
        let mut applications = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(client) = self.store.client(id).await? else {
                continue;
            };
            let (own, others) = grants.into_iter().partition(|grant| grant.client() == Some(id));
            grants = others;
            let own: Vec<Session> = own;
            let consent = consents.iter().find(|(client, _)| *client == id);
            let first = own.last().map(|grant| grant.created_at);
            applications.push(Application {
                client,
                scopes: match consent {
                    Some((_, consent)) => consent.scopes.clone(),
                    None => scopes_of(&own),
                },
                since: match consent {
                    Some((_, consent)) => consent.given_at,
                    None => first.unwrap_or(now),
                },
                grants: own,
            });
        }
        Ok(applications)
    }

    /// Takes back all that a user let a client do: its tokens are refused from the answer on, and it has to ask again.
    /// Returns whether there was anything.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn withdraw_consent(&self, caller: &Caller, client: ClientId) -> Result<bool, Failure> {
        self.withdraw_consent_for(caller.user(), client, caller.actor())
            .await
    }

    /// The same, by an administrator.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the database does.
    pub async fn withdraw_consent_of(
        &self,
        admin: &Administrator,
        user: UserId,
        client: ClientId,
    ) -> Result<bool, Failure> {
        self.withdraw_consent_for(user, client, Some(admin.actor())).await
    }

    async fn withdraw_consent_for(
        &self,
        user: UserId,
        client: ClientId,
        by: Option<Actor>,
    ) -> Result<bool, Failure> {
        let ending = GrantEnding {
            which: WhichGrants::Of { user, client },
            reason: EndReason::Revoked,
            by,
            now: self.now(),
        };
        let ended = self.store.end_grants(&ending).await?;
        self.heed(&ended.revocations).await?;
        Ok(ended.consent || ended.grants > 0)
    }
}

fn scopes_of(grants: &[Session]) -> Vec<Scope> {
    let mut scopes = Vec::new();
    for grant in grants.iter().filter_map(|grant| grant.grant.as_deref()) {
        for scope in &grant.terms.scopes {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
    }
    scopes
}
