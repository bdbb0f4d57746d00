//! docs/importing-users.md.

use std::fs;

use crate::process::Home;

use super::{Try, each_works, shell};

/// A table as Django makes it: somebody with a password, and somebody without a usable one.
const AUTH_USER: &str = "sqlite3 db.sqlite3 \"
    CREATE TABLE auth_user (id integer PRIMARY KEY AUTOINCREMENT, password varchar(128) NOT NULL, last_login datetime,
        is_superuser bool NOT NULL, username varchar(150) NOT NULL UNIQUE, last_name varchar(150) NOT NULL,
        email varchar(254) NOT NULL, is_staff bool NOT NULL, is_active bool NOT NULL, date_joined datetime NOT NULL,
        first_name varchar(150) NOT NULL);
    INSERT INTO auth_user VALUES
        (1, 'bcrypt\\$\\$2b\\$04\\$XVz/SH.6YqIotUa8ww.WoeWsOmRL9/DtfrkOLkvqZ1nnW0ZPWYcVK', NULL, 1, 'Romel', '',
            'romel@example.org', 1, 1, '2024-05-01 12:00:00.123456', ''),
        (2, '!rFvC1ifWdTh1hBaHpTpDDkPU5EKChxKyKzUQ9Ukr', NULL, 0, 'john', '', '', 0, 1, '2024-05-02 12:00:00', '');\"";

const DUMP: &str = "sqlite3 -csv -header db.sqlite3 'SELECT * FROM auth_user' > users.csv";

fn home() -> Home {
    let home = Home::new();
    for line in [AUTH_USER, DUMP] {
        let said = shell(&home, line);
        assert!(said.succeeded, "{said:?}");
    }
    home
}

#[test]
fn every_command_works_as_it_is_written() {
    each_works("importing-users.md", &home(), &TRIES);
}

const TRIES: [Try; 4] = [
    Try::typed(
        DUMP,
        "rm users.csv && sqlite3 -csv -header db.sqlite3 'SELECT * FROM auth_user' > users.csv && cat users.csv",
        "id,password,last_login,is_superuser,username,",
    ),
    Try::typed(
        "jeton users import users.csv --dry-run",
        "jeton users import users.csv --dry-run || test $? = 1",
        "1 would be imported, 0 already there, 1 would be refused\n",
    ),
    Try::typed(
        "jeton users import users.csv --report refused.csv",
        "jeton users import users.csv --report refused.csv || test $? = 1; cat refused.csv",
        "\n2,!rFvC1ifWdTh1hBaHpTpDDkPU5EKChxKyKzUQ9Ukr,",
    ),
    Try::typed(
        "jeton users import users.csv --ids ids.csv",
        "jeton users import users.csv --ids ids.csv || test $? = 1; cat ids.csv",
        "old_id,id,username\n1,",
    ),
];

#[test]
fn whoever_was_imported_signs_in_with_the_password_they_know() {
    let home = home();
    let server = home.start();
    let report = "jeton users import users.csv --report refused.csv";
    let said = shell(&home, report);
    assert!(!said.succeeded && said.err.contains("users.csv:3: "), "{said:?}");
    let token = server.login("Romel").text("access_token");
    let profile = server.get("/profile", &token);
    assert_eq!(profile.body["email"], "romel@example.org");
    assert_eq!(profile.body["roles"], serde_json::json!([]));

    // What was refused is mended, and imported from the report.
    let refused = home.path().join("refused.csv");
    let mended = fs::read_to_string(&refused).unwrap().replace(
        "!rFvC1ifWdTh1hBaHpTpDDkPU5EKChxKyKzUQ9Ukr",
        "$2b$04$XVz/SH.6YqIotUa8ww.WoeWsOmRL9/DtfrkOLkvqZ1nnW0ZPWYcVK",
    );
    fs::write(refused, mended).unwrap();
    let said = shell(&home, "jeton users import refused.csv");
    assert!(
        said.out.starts_with("1 imported, 0 already there, 0 refused\n"),
        "{said:?}"
    );
    server.login("john").text("access_token");
    let again = shell(&home, report);
    assert!(
        again.out.starts_with("0 imported, 1 already there, 1 refused\n"),
        "{again:?}"
    );
}
