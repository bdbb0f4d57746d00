//! Users whose name or address begins with a text, through the indexes of both: first those found by their name, in the
//! order of names, then the others by their address.

use crate::{
    model::{role::Role, user::User, username::UsernameKey},
    store::{
        StoreError, UserQuery, Users,
        database::Database,
        engine::Engine,
        rows::{self, select},
        sql::{Statement, sql},
    },
};

pub(super) async fn beginning_with<E: Engine>(
    database: &Database<E>,
    query: &UserQuery,
    text: &str,
) -> Result<Vec<User>, StoreError> {
    let beginning = Beginning::of(text);
    let after = match query.after {
        Some(id) => database.user(id).await?,
        None => None,
    };
    let mut users = Vec::new();
    if after.as_ref().is_none_or(|after| beginning.is_of_name(after)) {
        users = find(database, by_name::<E>(&beginning, query, after.as_ref())).await?;
    }
    let found = u32::try_from(users.len()).unwrap_or(u32::MAX);
    let rest = query.limit.saturating_sub(found);
    // All have a name, and none is left to be found by their address alone.
    if rest > 0 && !text.is_empty() {
        let after = after.filter(|after| !beginning.is_of_name(after));
        let others = by_email::<E>(&beginning, query, after.as_ref(), rest);
        users.extend(find(database, others).await?);
    }
    Ok(users)
}

/// The beginning of a name and of an address, as each is ordered, and what comes behind all that begin so.
struct Beginning {
    name: [String; 2],
    email: [String; 2],
}

impl Beginning {
    fn of(text: &str) -> Self {
        // Half a name may be none by the rules for whole ones.
        let name =
            UsernameKey::parse(text).map_or_else(|_| text.to_lowercase(), |key| key.as_str().to_owned());
        let email = email_key(text);
        Self {
            name: [name.clone(), end_of(name)],
            email: [email.clone(), end_of(email)],
        }
    }

    fn is_of_name(&self, user: &User) -> bool {
        user.username.key().as_str().starts_with(&self.name[0])
    }
}

/// No character comes behind the last code point, and it is none that stands in a name.
fn end_of(beginning: String) -> String {
    beginning + "\u{10ffff}"
}

/// An address as the index has it: with ASCII letters in lower case, alike in all engines.
fn email_key(text: &str) -> String {
    text.to_ascii_lowercase()
}

async fn find<E: Engine>(database: &Database<E>, statement: Statement<'_>) -> Result<Vec<User>, StoreError> {
    let rows = database.fetch_all(statement).await?;
    rows.iter().map(rows::user).collect()
}

fn by_name<'q, E: Engine>(
    beginning: &'q Beginning,
    query: &'q UserQuery,
    after: Option<&'q User>,
) -> Statement<'q> {
    let [from, to] = &beginning.name;
    let statement = sql(select!(users, "WHERE username_key >= $1 AND username_key < $2"))
        .bind(from)
        .bind(to);
    let statement = match after {
        Some(after) => statement.push_bind(" AND username_key > ", after.username.key().as_str()),
        None => statement,
    };
    filtered::<E>(statement, query)
        .push(" ORDER BY username_key")
        .limit(query.limit)
}

fn by_email<'q, E: Engine>(
    beginning: &'q Beginning,
    query: &'q UserQuery,
    after: Option<&'q User>,
    limit: u32,
) -> Statement<'q> {
    let (users, email) = (select!(users, ""), E::EMAIL_KEY);
    let [from, to] = &beginning.email;
    let [name_from, name_to] = &beginning.name;
    let statement = sql(format!(
        "{users} WHERE email IS NOT NULL AND {email} >= $1 AND {email} < $2 \
           AND NOT (username_key >= $3 AND username_key < $4)"
    ))
    .bind(from)
    .bind(to)
    .bind(name_from)
    .bind(name_to);
    let last = after.and_then(|after| Some((after.id, email_key(after.email.as_ref()?.as_str()))));
    let statement = match last {
        Some((id, key)) => statement
            .push_bind(&format!(" AND {email} >= "), key.clone())
            .push_bind(&format!(" AND ({email} > "), key)
            .push_bind(" OR id > ", id)
            .push(")"),
        None => statement,
    };
    filtered::<E>(statement, query)
        .push(&format!(" ORDER BY {email}, id"))
        .limit(limit)
}

/// Adds the other conditions. An index by names and one by addresses serve those that few users meet.
fn filtered<'q, E: Engine>(mut statement: Statement<'q>, query: &'q UserQuery) -> Statement<'q> {
    let position = E::POSITION;
    if let Some(search) = &query.search {
        let search = search.to_lowercase();
        statement = statement
            .push_bind(&format!(" AND ({position}(username_key, "), search.clone())
            .push_bind(&format!(") > 0 OR {position}(lower(username), "), search.clone())
            .push_bind(&format!(") > 0 OR {position}(lower(email), "), search)
            .push(") > 0)");
    }
    if let Some(role) = &query.role {
        statement = statement
            .push_bind(
                &format!(" AND roles <> '' AND {position}(' ' || roles || ' ', ' ' || "),
                Role::as_str(role),
            )
            .push(" || ' ') > 0");
    }
    match query.disabled {
        Some(true) => statement.push(" AND disabled_at IS NOT NULL"),
        Some(false) => statement.push(" AND disabled_at IS NULL"),
        None => statement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use tempfile::tempdir;

    use crate::store::{
        rows::Columns,
        sqlite::{self, File},
    };

    fn query(role: Option<&str>, disabled: Option<bool>) -> UserQuery {
        UserQuery {
            role: role.map(|name| name.parse().unwrap()),
            disabled,
            limit: 50,
            ..UserQuery::default()
        }
    }

    async fn plan(database: &Database<File>, statement: Statement<'_>) -> String {
        let rows = database.fetch_all(statement.explained()).await.unwrap();
        let steps = rows.iter().map(|row| row.try_get::<String>("detail").unwrap());
        steps.collect::<Vec<_>>().join("; ")
    }

    /// Nothing is sorted either: as many rows are read as are shown.
    #[tokio::test]
    async fn both_searches_go_through_an_index_in_its_order() {
        let home = tempdir().unwrap();
        let url = format!("sqlite://{}", home.path().join("jeton.db").display());
        let database = sqlite::open(&url).await.unwrap();
        let beginning = Beginning::of("rom");
        for (role, disabled, by_names, by_emails) in [
            (None, None, "sqlite_autoindex_users_2", "users_by_email"),
            (None, Some(false), "sqlite_autoindex_users_2", "users_by_email"),
            (None, Some(true), "users_disabled", "users_disabled_by_email"),
            (
                Some("editor"),
                None,
                "users_with_roles",
                "users_with_roles_by_email",
            ),
            (
                Some("editor"),
                Some(false),
                "users_with_roles",
                "users_with_roles_by_email",
            ),
        ] {
            let query = query(role, disabled);
            let by_name = plan(&database, by_name::<File>(&beginning, &query, None)).await;
            assert_eq!(
                by_name,
                format!("SEARCH users USING INDEX {by_names} (username_key>? AND username_key<?)")
            );
            let by_email = plan(&database, by_email::<File>(&beginning, &query, None, 50)).await;
            assert_eq!(
                by_email,
                format!("SEARCH users USING INDEX {by_emails} (<expr>>? AND <expr><?)")
            );
        }
    }

    #[test]
    fn a_beginning_is_folded_as_names_and_addresses_are() {
        let beginning = Beginning::of("RÖM");
        assert_eq!(beginning.name[0], "röm");
        assert_eq!(beginning.email[0], "rÖm");
        assert_eq!(Beginning::of("two words").name[0], "two words");
    }
}
