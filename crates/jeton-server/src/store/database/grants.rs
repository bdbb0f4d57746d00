use async_trait::async_trait;

use super::{Database, ceremonies, grant_ends, sessions};
use crate::{
    model::{
        ceremony::Standing,
        client::registration::GrantType,
        id::{ClientId, UserId},
        scope::{Scope, joined},
        session::{EndReason, Session},
        time::Timestamp,
    },
    store::{
        Consent, ConsentGiven, GrantEnding, Grants, GrantsEnded, Redeemed, Redemption, StoreError,
        WhichGrants,
        engine::Engine,
        rows::{self, select},
        sql::sql,
        transaction::Transaction,
        writer::RowLocks,
    },
};

#[async_trait]
impl<E: Engine> Grants for Database<E> {
    async fn redeem(&self, redemption: Redemption) -> Result<Redeemed, StoreError> {
        let locks = RowLocks::user(redemption.grant.user_id).and_ceremony(Some(redemption.code));
        self.writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { redeem(transaction, &redemption).await })
            })
            .await
    }

    async fn live_grants(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let statement = sql(select!(
            sessions,
            "WHERE user_id = $1 AND client_id IS NOT NULL AND ended_at IS NULL AND expires_at > $2 \
             ORDER BY created_at DESC, id DESC"
        ))
        .bind(user)
        .bind(now);
        let rows = self.fetch_all(statement).await?;
        rows.iter().map(rows::session).collect()
    }

    async fn end_grants(&self, ending: &GrantEnding) -> Result<GrantsEnded, StoreError> {
        let ending = *ending;
        self.writer
            .run_on(RowLocks::user(ending.which.user()), move |transaction| {
                Box::pin(async move { grant_ends::end(transaction, &ending).await })
            })
            .await
    }

    async fn consent(&self, user: UserId, client: ClientId) -> Result<Option<Consent>, StoreError> {
        let statement = sql(select!(consents, "WHERE user_id = $1 AND client_id = $2"))
            .bind(user)
            .bind(client);
        let row = self.fetch_optional(statement).await?;
        Ok(row
            .as_ref()
            .map(rows::consent)
            .transpose()?
            .map(|(_, consent)| consent))
    }

    async fn consents(&self, user: UserId) -> Result<Vec<(ClientId, Consent)>, StoreError> {
        let statement = sql(select!(
            consents,
            "WHERE user_id = $1 ORDER BY given_at DESC, client_id"
        ))
        .bind(user);
        let rows = self.fetch_all(statement).await?;
        rows.iter().map(rows::consent).collect()
    }

    async fn give_consent(&self, giving: &ConsentGiven) -> Result<(), StoreError> {
        let giving = giving.clone();
        self.writer
            .run_on(RowLocks::user(giving.user), move |transaction| {
                Box::pin(async move { give(transaction, &giving).await })
            })
            .await
    }

    async fn use_once(&self, digest: [u8; 32], until: Timestamp) -> Result<bool, StoreError> {
        self.writer
            .run_on(RowLocks::row(digest), move |transaction| {
                Box::pin(async move {
                    let statement = sql(
                        "INSERT INTO used_assertions (digest, until) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    )
                    .bind(&digest)
                    .bind(until);
                    Ok(transaction.execute(statement).await? == 1)
                })
            })
            .await
    }
}

async fn redeem<E: Engine>(
    transaction: &mut Transaction<E>,
    redemption: &Redemption,
) -> Result<Redeemed, StoreError> {
    let Redemption { code, grant, event } = redemption;
    let now = event.at;
    match ceremonies::standing(transaction, *code, now).await? {
        Some(Standing::Open) => {}
        Some(Standing::Used) => return used_before(transaction, grant, now).await,
        Some(Standing::Expired) | None => return Ok(Redeemed::Expired),
    }
    ceremonies::finish(transaction, *code, now).await?;
    let owner = if let Some(row) = transaction.locked_row(grant.user_id) {
        Some(row)
    } else {
        let owner = sql(select!(users, "WHERE id = $1")).bind(grant.user_id);
        transaction.fetch_for_update(owner).await?
    };
    let user = owner.as_ref().map(rows::user).transpose()?;
    let Some(user) = user.filter(|user| !user.disabled) else {
        return Ok(Redeemed::Over);
    };
    if !may_open(transaction, grant, now).await? {
        return Ok(Redeemed::Over);
    }
    sessions::insert(transaction, grant).await?;
    transaction.record(event);
    let made_room = grant_ends::make_room(transaction, grant, now).await?;
    Ok(Redeemed::Opened(Box::new((user, made_room))))
}

/// Whether the session that a grant is given in is live, its client may have all of it, and its user allows it: the code
/// was given before, and each may have been changed since.
async fn may_open<E: Engine>(
    transaction: &mut Transaction<E>,
    session: &Session,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(grant) = &session.grant else {
        return Ok(false);
    };
    let live =
        sql("SELECT 1 FROM sessions WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3")
            .bind(grant.given_in)
            .bind(session.user_id)
            .bind(now);
    if transaction.fetch_optional(live).await?.is_none() {
        return Ok(false);
    }
    let client = sql(select!(service_accounts, "WHERE id = $1")).bind(grant.client);
    let client = transaction.fetch_optional(client).await?;
    let Some((client, _)) = client.as_ref().map(rows::client).transpose()? else {
        return Ok(false);
    };
    let scopes = &grant.terms.scopes;
    let may = |scope: &Scope| client.scopes.contains(scope) || matches!(scope.as_str(), "address" | "phone");
    if client.disabled || !client.registration.allows(GrantType::AuthorizationCode) || !scopes.iter().all(may)
    {
        return Ok(false);
    }
    if client.registration.first_party {
        return Ok(true);
    }
    let consent = sql(select!(consents, "WHERE user_id = $1 AND client_id = $2"))
        .bind(session.user_id)
        .bind(grant.client);
    let consent = transaction.fetch_optional(consent).await?;
    let consent = consent.as_ref().map(rows::consent).transpose()?;
    Ok(consent.is_some_and(|(_, given)| scopes.iter().all(|scope| given.scopes.contains(scope))))
}

/// Ends the grant that a code had opened.
async fn used_before<E: Engine>(
    transaction: &mut Transaction<E>,
    grant: &Session,
    now: Timestamp,
) -> Result<Redeemed, StoreError> {
    let ending = GrantEnding {
        which: WhichGrants::One {
            user: grant.user_id,
            grant: grant.id,
        },
        reason: EndReason::CodeReused,
        by: None,
        now,
    };
    Ok(Redeemed::UsedBefore(
        grant_ends::end(transaction, &ending).await?.revocations,
    ))
}

async fn give<E: Engine>(transaction: &mut Transaction<E>, giving: &ConsentGiven) -> Result<(), StoreError> {
    let before = sql(select!(consents, "WHERE user_id = $1 AND client_id = $2"))
        .bind(giving.user)
        .bind(giving.client);
    let before = transaction.fetch_for_update(before).await?;
    let mut scopes = before
        .as_ref()
        .map(rows::consent)
        .transpose()?
        .map_or_else(Vec::new, |(_, consent)| consent.scopes);
    for scope in &giving.scopes {
        if !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
    let statement = sql("INSERT INTO consents (user_id, client_id, scopes, given_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, client_id) DO UPDATE SET scopes = excluded.scopes, given_at = excluded.given_at")
    .bind(giving.user)
    .bind(giving.client)
    .bind(joined(&scopes))
    .bind(giving.event.at);
    transaction.execute(statement).await?;
    transaction.record(&giving.event);
    Ok(())
}
