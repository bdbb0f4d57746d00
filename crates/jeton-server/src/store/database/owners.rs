use async_trait::async_trait;

use super::{
    Database, acting, sessions,
    users::{is_last_administrator, is_name_free, remove},
};
use crate::{
    model::{
        audit::{Actor, Recorded},
        email::EmailAddress,
        id::{SessionId, UserId},
        locale::Locale,
        session::Session,
        user::{Account, User, own::OwnChange},
    },
    store::{
        Acted, OwnAct, OwnChanged, OwnDeletion, Owners, StoreError,
        audit::event_columns,
        engine::Engine,
        rows::{self, select},
        sql::sql,
        transaction::Transaction,
        writer::RowLocks,
    },
};

#[async_trait]
impl<E: Engine> Owners for Database<E> {
    async fn account(&self, user: UserId) -> Result<Option<Account>, StoreError> {
        let row = self
            .fetch_optional(sql(select!(users, "WHERE id = $1")).bind(user))
            .await?;
        row.as_ref().map(rows::account).transpose()
    }

    async fn change_own(&self, act: &OwnAct) -> Result<OwnChanged, StoreError> {
        let act = act.clone();
        let locks = match &act.change {
            OwnChange::Username(name) => RowLocks::row(name.key().as_str()).by(Some(Actor::User(act.user))),
            OwnChange::Email(_) | OwnChange::Locale(_) => RowLocks::user(act.user),
        };
        let changed = self
            .writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { change(transaction, &act).await })
            })
            .await;
        match changed {
            // Somebody took the name after it was looked for.
            Err(error) if error.is_taken() => Ok(OwnChanged::UsernameTaken),
            changed => changed,
        }
    }

    async fn delete_own(&self, deletion: &OwnDeletion) -> Result<Acted<()>, StoreError> {
        let deletion = *deletion;
        let locks = RowLocks::user(deletion.user).and_counters();
        let acted = self
            .writer
            .run_on(locks, move |transaction| {
                Box::pin(async move { delete(transaction, &deletion).await })
            })
            .await?;
        if let Acted::Done(..) = acted {
            self.engine.erased().await;
        }
        Ok(acted)
    }

    async fn sessions_of(&self, user: UserId, ended: u32) -> Result<Vec<Session>, StoreError> {
        let open = sql(select!(
            sessions,
            "WHERE user_id = $1 AND client_id IS NULL AND ended_at IS NULL ORDER BY created_at DESC, id DESC"
        ))
        .bind(user);
        let mut rows = self.fetch_all(open).await?;
        let ended_lately = sql(select!(
            sessions,
            "WHERE user_id = $1 AND client_id IS NULL AND ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC"
        ))
        .bind(user)
        .limit(ended);
        rows.extend(self.fetch_all(ended_lately).await?);
        rows.iter().map(rows::session).collect()
    }

    async fn first_events(&self, sessions: &[SessionId]) -> Result<Vec<Recorded>, StoreError> {
        let Some((first, rest)) = sessions.split_first() else {
            return Ok(Vec::new());
        };
        let statement = sql(concat!(
            "SELECT ",
            event_columns!(),
            " FROM sessions \
             JOIN audit ON audit.number = \
                 (SELECT min(first.number) FROM audit AS first WHERE first.session_id = sessions.id) \
             LEFT JOIN audit_personal USING (number) WHERE sessions.id IN ("
        ));
        let mut statement = statement.push_bind("", *first);
        for session in rest {
            statement = statement.push_bind(", ", *session);
        }
        let rows = self.fetch_all(statement.push(")")).await?;
        rows.iter().map(rows::event).collect()
    }
}

async fn change<E: Engine>(transaction: &mut Transaction<E>, act: &OwnAct) -> Result<OwnChanged, StoreError> {
    let found = acting::find(transaction, act.user).await?;
    let Some(mut user) = found.filter(|user| !user.disabled) else {
        return Ok(OwnChanged::Gone);
    };
    if !user.change_own(act.change.clone()) {
        return Ok(OwnChanged::Done(Box::new(user), Vec::new()));
    }
    if !is_name_free(transaction, &user).await? {
        return Ok(OwnChanged::UsernameTaken);
    }
    write(transaction, &user).await?;
    transaction.record(&act.event);
    if !act.change.revokes() {
        return Ok(OwnChanged::Done(Box::new(user), Vec::new()));
    }
    let revocation = sessions::raise_version(transaction, user.id).await?;
    if let Some(revocation) = &revocation {
        transaction.revoke(revocation);
    }
    // Read again, since the version has risen.
    Ok(match acting::find(transaction, act.user).await? {
        Some(user) => OwnChanged::Done(Box::new(user), revocation.into_iter().collect()),
        None => OwnChanged::Gone,
    })
}

async fn write<E: Engine>(transaction: &mut Transaction<E>, user: &User) -> Result<(), StoreError> {
    let statement = sql(
        "UPDATE users SET username = $1, username_key = $2, username_skeleton = $3, email = $4, locale = $5 \
         WHERE id = $6",
    )
    .bind(user.username.as_str())
    .bind(user.username.key().as_str())
    .bind(user.username.skeleton())
    .bind(user.email.as_ref().map(EmailAddress::as_str))
    .bind(user.locale.map(Locale::tag))
    .bind(user.id);
    transaction.execute(statement).await?;
    Ok(())
}

async fn delete<E: Engine>(
    transaction: &mut Transaction<E>,
    deletion: &OwnDeletion,
) -> Result<Acted<()>, StoreError> {
    let Some(user) = acting::find(transaction, deletion.user).await? else {
        return Ok(Acted::NotFound);
    };
    if user.is_active_admin() && is_last_administrator(transaction, user.id).await? {
        return Ok(Acted::LastAdmin);
    }
    let ended = sessions::end(transaction, &deletion.ending()).await?;
    remove(transaction, &user).await?;
    transaction.record(&deletion.event());
    Ok(Acted::Done((), ended.revocations))
}
