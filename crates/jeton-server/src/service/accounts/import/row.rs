//! From a row to an account.

use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::Value;

use super::{columns::Column, moment, refusal::Refusal, table::Cells};
use crate::{
    model::{
        claims::{ClaimsError, CustomClaims},
        email::EmailAddress,
        id::UserId,
        role::{self, Role},
        time::Timestamp,
        user::{Account, DeviceEpoch, PasswordHash, User, UserVersion},
        username::Username,
    },
    service::machinery::hasher::{error::HashError, imported::ImportedHash},
};

/// How far a creation time may be ahead: it may be a local time, and clocks differ.
const AHEAD: Duration = Duration::from_hours(24);

/// An account, and the id of the row where it is no UUID and could not be kept.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) account: Account,
    pub(super) lost_id: Option<String>,
}

pub(super) fn read(mut cells: Cells, now: Timestamp) -> Result<Read, Refusal> {
    let mut take = |column: Column| cells[column as usize].take();
    let email = take(Column::Email);
    // A table without names has its users sign in with their address.
    let username = take(Column::Username).or_else(|| email.clone());
    let username = text(username, "username")?.ok_or(Refusal::NoUsername)?;
    let username = Username::parse(&username)?;
    let hash = text(take(Column::PasswordHash), "password hash")?.ok_or(HashError::Empty)?;
    let hash = ImportedHash::parse(&hash)?;
    let created_at = created_at(filled(take(Column::CreatedAt)), now)?;
    let id = text_or_number(take(Column::Id));
    let kept_id = id.as_deref().and_then(|id| id.parse().ok());
    let disabled = truth(take(Column::Disabled))?.unwrap_or(false);
    let active = truth(take(Column::Active))?.unwrap_or(true);
    let user = User {
        id: kept_id.unwrap_or_else(|| made_id(&username, hash.hash(), created_at)),
        email: text(email, "e-mail address")?
            .map(|email| email.parse::<EmailAddress>())
            .transpose()?,
        roles: roles(take(Column::Roles))?,
        claims: claims(take(Column::Claims))?,
        version: UserVersion::default(),
        device_epoch: DeviceEpoch::default(),
        disabled: disabled || !active,
        created_at: created_at.unwrap_or(now).min(now),
        locale: None,
        username,
    };
    Ok(Read {
        account: Account {
            user,
            scheme: hash.scheme().to_string(),
            password_hash: Some(hash.hash().clone()),
            reset_code: None,
        },
        lost_id: id.filter(|_| kept_id.is_none()),
    })
}

/// Makes an id that is always the same for a row, so that the row is recognised although its user has signed in
/// meanwhile and has another hash. Without the hash nobody can work it out. Without a creation time, the id begins
/// with zeros.
fn made_id(username: &Username, hash: &PasswordHash, created_at: Option<Timestamp>) -> UserId {
    let key = hmac::Key::new(hmac::HMAC_SHA256, hash.expose().as_bytes());
    let tag = hmac::sign(&key, username.key().as_str().as_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&tag.as_ref()[..10]);
    UserId::new(created_at.unwrap_or(Timestamp::from_seconds(0)).into(), random)
}

fn filled(cell: Option<Value>) -> Option<Value> {
    cell.filter(|value| !value.is_null())
}

fn text(cell: Option<Value>, name: &'static str) -> Result<Option<String>, Refusal> {
    match filled(cell) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(_) => Err(Refusal::NoText(name)),
    }
}

fn text_or_number(cell: Option<Value>) -> Option<String> {
    match filled(cell)? {
        Value::String(text) => Some(text.trim().to_owned()),
        other => Some(other.to_string()),
    }
}

fn created_at(cell: Option<Value>, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let Some(value) = cell else { return Ok(None) };
    let time = moment::parse(&value).filter(|time| time.since(now) <= AHEAD);
    time.map(Some).ok_or(Refusal::CreatedAt)
}

/// Reads a truth value as databases write it.
fn truth(cell: Option<Value>) -> Result<Option<bool>, Refusal> {
    let Some(text) = text_or_number(cell) else {
        return Ok(None);
    };
    match text.to_lowercase().as_str() {
        "" => Ok(None),
        "true" | "t" | "1" | "yes" | "y" | "on" => Ok(Some(true)),
        "false" | "f" | "0" | "no" | "n" | "off" => Ok(Some(false)),
        _ => Err(Refusal::Disabled),
    }
}

/// Reads roles: a JSON array, or names with spaces, commas, semicolons or bars between, in braces where PostgreSQL
/// wrote an array.
fn roles(cell: Option<Value>) -> Result<Vec<Role>, Refusal> {
    let names: Vec<String> = match filled(cell) {
        None => Vec::new(),
        Some(Value::String(text)) if text.trim_start().starts_with('[') => {
            jeton::json::from_str(&text).map_err(|_| Refusal::Roles)?
        }
        Some(Value::String(text)) => {
            let text = text.trim().trim_start_matches('{').trim_end_matches('}');
            let names = text.split([' ', ',', ';', '|']).filter(|name| !name.is_empty());
            names.map(str::to_owned).collect()
        }
        Some(list) => serde_json::from_value(list).map_err(|_| Refusal::Roles)?,
    };
    let mut roles = names
        .iter()
        .map(|name| name.parse())
        .collect::<Result<Vec<Role>, _>>()?;
    roles.sort();
    roles.dedup();
    Ok(role::fit(roles)?)
}

fn claims(cell: Option<Value>) -> Result<CustomClaims, Refusal> {
    match filled(cell) {
        None => Ok(CustomClaims::default()),
        Some(Value::String(text)) => Ok(CustomClaims::parse(&text)?),
        Some(Value::Object(members)) => Ok(CustomClaims::new(members)?),
        Some(_) => Err(ClaimsError::NotAnObject.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::service::accounts::import::columns;

    const HASH: &str = "$2b$04$C.PsxLJHklMwhGwq5q6dROHYkDcLgP74Jl9xyjy.LILKAD6yBVfwq";
    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn row(members: &Value) -> Result<Read, Refusal> {
        row_at(members, NOW)
    }

    fn row_at(members: &Value, now: Timestamp) -> Result<Read, Refusal> {
        let members = members.as_object().unwrap();
        let (places, _) = columns::places(members.keys().map(String::as_str));
        let values: Vec<_> = members.values().cloned().collect();
        read(places.map(|place| Some(values[place?].clone())), now)
    }

    fn user(members: &Value) -> User {
        row(members).unwrap().account.user
    }

    fn with(name: &str, value: Value) -> Value {
        let mut members = json!({ "username": "anna", "password": HASH });
        members[name] = value;
        members
    }

    #[test]
    fn a_row_says_everything_there_is_to_say() {
        let id = "0190a5b0-7c4e-7d3a-8f21-3b1c2d4e5f60";
        let read = row(&json!({
            "username": " Anna ", "password_hash": HASH, "email": "anna@example.org", "roles": ["admin", "editor"],
            "claims": { "tenant": "blue" }, "id": id, "date_joined": "2024-05-01", "is_active": false,
        }))
        .unwrap();
        let user = read.account.user;
        assert_eq!(user.username.as_str(), "Anna");
        assert_eq!(user.id.to_string(), id);
        assert_eq!(user.email.unwrap().as_str(), "anna@example.org");
        assert_eq!(
            user.roles.iter().map(Role::as_str).collect::<Vec<_>>(),
            ["admin", "editor"]
        );
        assert_eq!(user.claims.to_string(), r#"{"tenant":"blue"}"#);
        assert_eq!(user.created_at, Timestamp::from_seconds(1_714_521_600));
        assert!(user.disabled && read.lost_id.is_none());
        assert_eq!(read.account.scheme, "bcrypt:4");
        assert_eq!(read.account.password_hash.unwrap().expose(), HASH);
    }

    #[test]
    fn what_is_not_there_is_what_a_registration_gives() {
        let user = user(&with("email", Value::Null));
        assert!(user.email.is_none() && user.roles.is_empty() && user.claims.is_empty() && !user.disabled);
        assert_eq!(user.created_at, NOW);
    }

    #[test]
    fn a_clock_that_is_ahead_is_forgiven() {
        let ahead = with("created_at", json!(1_800_086_400));
        assert_eq!(user(&ahead).created_at, NOW);
        let later = row_at(&ahead, NOW.plus(Duration::from_mins(1))).unwrap();
        assert_eq!(
            later.account.user.id,
            user(&ahead).id,
            "a row is known again at any time"
        );
    }

    #[test]
    fn without_a_column_of_names_the_address_is_the_name() {
        let named = user(&json!({ "email": "anna@example.org", "password": HASH }));
        assert_eq!(named.username.as_str(), "anna@example.org");
        let empty = row(&json!({ "username": "", "email": "anna@example.org", "password": HASH }));
        assert!(matches!(empty, Err(Refusal::NoUsername)));
    }

    #[test]
    fn the_same_row_gives_the_same_id_and_any_other_another() {
        let anna = user(&with("email", Value::Null)).id;
        assert_eq!(user(&with("email", json!("anna@example.org"))).id, anna);
        assert_ne!(user(&with("username", json!("bob"))).id, anna);
        let django = with("password", json!(format!("bcrypt${HASH}")));
        assert_ne!(user(&django).id, anna);
    }

    #[test]
    fn an_id_that_is_no_uuid_is_not_kept_and_said() {
        for id in [json!(17), json!("17")] {
            assert_eq!(row(&with("id", id)).unwrap().lost_id.as_deref(), Some("17"));
        }
    }

    #[test]
    fn roles_are_written_in_many_ways() {
        for roles in [
            json!("admin editor"),
            json!("editor,admin"),
            json!("{admin,editor}"),
            json!("admin; editor|admin"),
            json!("[\"admin\",\"editor\"]"),
            json!(["editor", "admin"]),
        ] {
            let user = user(&with("roles", roles.clone()));
            assert_eq!(
                user.roles.iter().map(Role::as_str).collect::<Vec<_>>(),
                ["admin", "editor"],
                "{roles}"
            );
        }
    }

    #[test]
    fn truth_is_written_in_many_ways() {
        for (value, disabled) in [
            (json!("t"), true),
            (json!(1), true),
            (json!("False"), false),
            (json!(""), false),
        ] {
            assert_eq!(
                user(&with("disabled", value.clone())).disabled,
                disabled,
                "{value}"
            );
            assert_eq!(
                user(&with("is_active", value.clone())).disabled,
                !disabled && value != json!(""),
                "{value}"
            );
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (name, value, said) in [
            ("username", json!("a b"), "`username` holds a character"),
            ("username", json!(7), "its username is no text"),
            ("password", json!("pass1425"), "no known scheme"),
            ("password", Value::Null, "there is no password hash"),
            ("password", json!("!unusable"), "unusable"),
            ("email", json!("anna"), "`email` is not an address"),
            ("roles", json!("Grand Vizier"), "a role is"),
            ("roles", json!([1]), "neither names nor a list"),
            ("roles", json!("[admin]"), "neither names nor a list"),
            ("claims", json!({ "sub": "x" }), "`sub`"),
            ("claims", json!("[]"), "not a JSON object"),
            ("claims", json!("{\"a\":1,\"a\":2}"), "twice"),
            ("claims", json!(true), "not a JSON object"),
            ("created_at", json!("yesterday"), "no time"),
            ("created_at", json!(1_800_086_401), "no time"),
            ("disabled", json!("perhaps"), "neither true nor false"),
            ("disabled", json!([]), "neither true nor false"),
        ] {
            let refusal = row(&with(name, value.clone())).unwrap_err().to_string();
            assert!(refusal.contains(said), "{name} {value}: {refusal}");
        }
    }
}
