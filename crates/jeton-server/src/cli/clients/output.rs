use serde_json::{Value, json};

use crate::{
    cli::arguments::Json,
    http::ClientRecord,
    model::{
        client::{Client, ClientSecret},
        scope::joined,
    },
    service::clients::{administration::MadeClient, presets::Preset},
};

/// One client on one line.
pub(super) fn line(client: &Client, output: Json) {
    if output.json {
        println!("{}", record(client));
        return;
    }
    let disabled = if client.disabled { " (disabled)" } else { "" };
    println!(
        "{} {} [{}]{disabled}",
        client.id,
        client.name.as_str(),
        joined(&client.scopes)
    );
}

/// A client with all it registered, a line for each member.
pub(super) fn whole(client: &Client, output: Json) {
    let record = record(client);
    if output.json {
        println!("{record}");
        return;
    }
    for (name, value) in record.as_object().into_iter().flatten() {
        match value {
            Value::Array(values) if values.is_empty() => {}
            Value::Array(values) => {
                let values: Vec<_> = values.iter().map(plain).collect();
                println!("{name:<30} {}", values.join(" "));
            }
            value => println!("{name:<30} {}", plain(value)),
        }
    }
}

fn record(client: &Client) -> Value {
    serde_json::to_value(ClientRecord::new(client)).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The credentials of a client, its secret this once.
pub(super) fn credentials(client: &Client, secret: Option<&ClientSecret>, output: Json) {
    if output.json {
        println!("{}", object(client, secret));
        return;
    }
    println!("client_id     {}", client.id);
    if let Some(secret) = secret {
        println!("client_secret {}", secret.expose());
        eprintln!("The secret is shown this once. Tokens are at POST /oauth/token.");
    }
}

/// The credentials of a well-known program, and the settings to paste into it.
pub(super) fn settings(preset: &Preset, issuer: &str, url: &str, made: &MadeClient, output: Json) {
    let secret = made.secret.as_ref();
    let shown = secret.map_or("", |secret| secret.expose());
    let settings = preset.settings(issuer, url, &made.client.id.to_string(), shown);
    if output.json {
        let mut object = object(&made.client, secret);
        object["issuer"] = issuer.into();
        object["settings"] = settings.into();
        println!("{object}");
        return;
    }
    credentials(&made.client, secret, output);
    eprintln!("{} at {url}. Its settings, in {}:\n", preset.title, preset.place);
    print!("{settings}");
}

fn object(client: &Client, secret: Option<&ClientSecret>) -> Value {
    let mut object = json!({ "client_id": client.id });
    if let Some(secret) = secret {
        object["client_secret"] = secret.expose().into();
    }
    object
}
