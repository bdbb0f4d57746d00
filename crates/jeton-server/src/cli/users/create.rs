use clap::{Arg, Command};

use super::{super::input, Call, Outcome, claims, email, json, output, role, switch};
use crate::{
    model::{claims::CustomClaims, password::NewPassword, role, username::Username},
    service::accounts::register::NewAccount,
};

pub(super) fn command() -> Command {
    Command::new("create")
        .about("Make an account; without a password, with a code that sets one")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("The username"),
        )
        .arg(role().help("A role; may be repeated"))
        .arg(claims())
        .arg(email())
        .arg(switch(
            "password-stdin",
            "Ask for the password without showing it, or take a line from a pipe: an argument would show in the process list",
        ))
        .arg(json())
}

pub(super) fn run(call: &Call<'_>) -> Outcome {
    let password = if call.flag("password-stdin") {
        let min_chars = call.config.rules.password_min_chars;
        Some(NewPassword::choose(input::new_password()?, min_chars)?)
    } else {
        None
    };
    let account = NewAccount {
        username: Username::parse(call.text("name").unwrap_or_default())?,
        email: call.text("email").map(str::parse).transpose()?,
        roles: role::fit(call.texts("role").map(str::parse).collect::<Result<_, _>>()?)?,
        claims: match call.text("claims") {
            Some(text) => CustomClaims::parse(text)?,
            None => CustomClaims::default(),
        },
        password,
    };
    call.administrate(async |administration| {
        let created = administration.create(account).await?;
        if call.flag("json") {
            output::created(&created);
            return Ok(());
        }
        println!("{} {}", created.user.id, created.user.username);
        if let Some(issued) = &created.code {
            output::code(issued);
        }
        Ok(())
    })
}
