//! docs/administration.md.

use std::fs;

use super::{Try, each_works, lived_in};

#[test]
fn every_command_works_as_it_is_written() {
    let home = lived_in();
    let table =
        "username,password_hash\nGrace,$2b$04$XVz/SH.6YqIotUa8ww.WoeWsOmRL9/DtfrkOLkvqZ1nnW0ZPWYcVK\n";
    fs::write(home.path().join("users.csv"), table).unwrap();
    each_works("administration.md", &home, &TRIES);
}

const TRIES: [Try; 20] = [
    Try::new("jeton users list", " Romel\n"),
    Try::typed(
        "jeton users create NAME",
        "jeton users create john",
        "at POST /password/reset, until 20",
    ),
    Try::typed("jeton users show NAME", "jeton users show Romel", " Romel\n"),
    Try::typed(
        "jeton users set NAME",
        "jeton users set Romel --role editor --role reader --claims '{\"tenant\":\"blue\"}' --email romel@example.org",
        " Romel [editor, reader] <romel@example.org> {\"tenant\":\"blue\"}\n",
    ),
    Try::typed(
        "jeton users delete NAME",
        "jeton users delete Romel --yes",
        " Romel is deleted\n",
    ),
    Try::typed(
        "jeton users reset-password NAME",
        "jeton users reset-password Romel --force",
        "This code sets a new password once, at POST /password/reset, until 20",
    ),
    Try::typed(
        "jeton users unlock NAME",
        "jeton users unlock Romel",
        " Romel is unlocked\n",
    ),
    Try::typed(
        "jeton users sessions NAME",
        "jeton users sessions Romel",
        ", last seen 20",
    ),
    Try::typed(
        "jeton users revoke NAME [--session ID]",
        "jeton users revoke Romel --session \"$(jeton users sessions Romel --json | jq -r .id)\" && \
         jeton users revoke Romel",
        "1 session ended\n0 sessions ended\n",
    ),
    Try::typed(
        "jeton clients list",
        "jeton clients create feeder --scope revocations:read && jeton clients list",
        " feeder [revocations:read]",
    ),
    Try::typed(
        "jeton clients create NAME",
        "jeton clients create feeder",
        "client_secret jeton_sk_",
    ),
    Try::typed(
        "jeton clients show ID",
        "jeton clients create feeder --json >made && jeton clients show \"$(jq -r .client_id made)\"",
        "grant_types                    client_credentials\n",
    ),
    Try::typed(
        "jeton clients rotate ID",
        "jeton clients create feeder --json >made && jeton clients rotate \"$(jq -r .client_id made)\"",
        "client_secret jeton_sk_",
    ),
    Try::typed(
        "jeton service-accounts",
        "jeton service-accounts create feeder --scope revocations:read && jeton service-accounts list",
        " feeder [revocations:read]",
    ),
    Try::typed(
        "jeton token explain",
        "jeton token explain nonsense",
        "Refused: malformed token: it is not three parts between dots.",
    ),
    Try::typed("jeton doctor", "jeton doctor || true", "--password-min-length 15"),
    Try::new("jeton audit list", " session.ended "),
    Try::new("jeton audit verify", "The trail is as it was written: "),
    Try::typed(
        "jeton users import",
        "jeton users import users.csv",
        "1 imported, 0 already there, 0 refused\n",
    ),
    Try::new("jeton keys list", " playground HS256     signing  since 20"),
];
