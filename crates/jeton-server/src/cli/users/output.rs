//! Output of the commands: lines for people, or JSON for scripts.

use serde_json::{Value, json};

use crate::{
    model::{email::EmailAddress, reset_code::IssuedCode, role::Role, session::Session, user::User},
    service::accounts::register::Created,
};

pub(super) fn user(user: &User, as_json: bool) {
    if as_json {
        println!("{}", user_object(user));
        return;
    }
    let roles: Vec<_> = user.roles.iter().map(ToString::to_string).collect();
    let mut line = format!("{} {}", user.id, user.username);
    if !roles.is_empty() {
        line = format!("{line} [{}]", roles.join(", "));
    }
    if let Some(email) = &user.email {
        line = format!("{line} <{}>", email.as_str());
    }
    if !user.claims.is_empty() {
        line = format!("{line} {}", user.claims);
    }
    if user.disabled {
        line.push_str(" (disabled)");
    }
    println!("{line}");
}

pub(super) fn created(created: &Created) {
    let mut object = user_object(&created.user);
    if let Some(issued) = &created.code {
        object["reset"] = code_object(issued);
    }
    println!("{object}");
}

/// A code for a person to hand on.
pub(super) fn code(issued: &IssuedCode) {
    println!("{}", issued.code.expose());
    eprintln!(
        "This code sets a new password once, at POST /password/reset, until {}.",
        issued.until
    );
}

pub(super) fn code_as_json(issued: &IssuedCode) {
    println!("{}", code_object(issued));
}

pub(super) fn session(session: &Session, as_json: bool) {
    if as_json {
        println!(
            "{}",
            json!({
                "id": session.id,
                "device": session.device.name(),
                "user_agent": session.device.as_str(),
                "created_at": session.created_at.seconds(),
                "last_seen_at": session.last_seen_at.seconds(),
                "expires_at": session.expires_at.seconds(),
                "ends_at": session.ends_at.seconds(),
            })
        );
    } else {
        println!(
            "{} since {}, last seen {}, {}",
            session.id,
            session.created_at,
            session.last_seen_at,
            session.device.name()
        );
    }
}

fn user_object(user: &User) -> Value {
    json!({
        "id": user.id,
        "username": user.username.as_str(),
        "email": user.email.as_ref().map(EmailAddress::as_str),
        "roles": user.roles.iter().map(Role::as_str).collect::<Vec<_>>(),
        "claims": user.claims.members(),
        "disabled": user.disabled,
        "created_at": user.created_at.seconds(),
    })
}

fn code_object(issued: &IssuedCode) -> Value {
    json!({ "code": issued.code.expose(), "expires_at": issued.until.seconds() })
}
