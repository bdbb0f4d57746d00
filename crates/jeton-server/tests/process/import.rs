//! User tables of other systems, made by the very libraries those use.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use ureq::http::StatusCode;

use crate::{
    libraries::{python, succeed},
    process::{Finished, Home, Server},
};

/// bcrypt is one before 4.1: passlib 1.7.4, the last, cannot work with later ones.
const LIBRARIES: &str = include_str!("import/requirements.txt");

/// A hash of `pass1425`, made by Python's bcrypt.
const BCRYPT: &str = "$2b$04$XVz/SH.6YqIotUa8ww.WoeWsOmRL9/DtfrkOLkvqZ1nnW0ZPWYcVK";

/// What a query on the server's database gives, the columns of a row with spaces between.
fn query(home: &Home, sql: &str) -> Vec<String> {
    let program = "import sqlite3, sys\n\
                   for row in sqlite3.connect('file:jeton.db?mode=ro', uri=True).execute(sys.argv[1]): print(*row)";
    let text = succeed(
        Command::new("python3")
            .args(["-c", program, sql])
            .current_dir(home.path()),
    );
    text.lines().map(str::to_owned).collect()
}

fn count(home: &Home) -> usize {
    query(home, "SELECT count(*) FROM users")[0].parse().unwrap()
}

fn code<const N: usize>(home: &Home, arguments: [&str; N]) -> (i32, Finished) {
    let output = home.command(arguments).output().unwrap();
    (output.status.code().unwrap(), Finished::of(output))
}

fn password(name: &str) -> String {
    format!("PASSWORD_OF_{name}, ça va?")
}

fn login(server: &Server, name: &str, password: &str) -> StatusCode {
    let body = json!({ "username": name, "password": password });
    server.post("/login", None, &body).status
}

#[test]
fn the_tables_of_werkzeug_django_passlib_and_bcrypt_sign_in_and_are_hashed_anew() {
    let home = Home::new();
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/process/import/tables.py");
    succeed(Command::new(python(LIBRARIES)).arg(tables).arg(home.path()));
    let server = home.start();

    for (file, imported) in [("werkzeug.csv", 5), ("passlib.jsonl", 8), ("bcrypt.csv", 3)] {
        let (code, said) = code(&home, ["users", "import", file]);
        assert_eq!(code, 0, "{said:?}");
        assert!(
            said.out
                .starts_with(&format!("{imported} imported, 0 already there, 0 refused\n")),
            "{said:?}"
        );
        assert_eq!(said.err, "", "a bar is drawn on terminals alone");
    }
    let (code, said) = code(&home, ["users", "import", "django.csv"]);
    assert_eq!(code, 1, "{said:?}");
    assert!(
        said.out.starts_with("7 imported, 0 already there, 1 refused\n"),
        "{said:?}"
    );
    assert!(
        said.out
            .contains("7 rows have an id that is no UUID: a new one takes its place"),
        "{said:?}"
    );
    assert!(said.out.contains("is_superuser"), "{said:?}");
    assert!(
        said.err
            .contains("django.csv:9: the password is marked as unusable"),
        "{said:?}"
    );

    let names = query(&home, "SELECT username FROM users WHERE disabled_at IS NULL");
    assert_eq!(names.len(), 22);
    for name in &names {
        assert_eq!(
            login(&server, name, "pass1425"),
            StatusCode::UNAUTHORIZED,
            "{name}"
        );
        assert_eq!(login(&server, name, &password(name)), StatusCode::OK, "{name}");
    }
    let disabled = "django_disabled";
    assert_eq!(
        login(&server, disabled, &password(disabled)),
        StatusCode::UNAUTHORIZED
    );

    let not_yet =
        "SELECT username FROM users WHERE disabled_at IS NULL AND scheme <> '$argon2id$v=19$m=64,t=1,p=1'";
    let mut left = query(&home, not_yet);
    for _ in 0..600 {
        // Whoever had no turn to be hashed anew has the next when they sign in again.
        left = query(&home, not_yet);
        let Some(name) = left.first() else { break };
        assert_eq!(login(&server, name, &password(name)), StatusCode::OK, "{name}");
    }
    assert!(left.is_empty(), "{left:?}");
    for name in &names {
        assert_eq!(login(&server, name, &password(name)), StatusCode::OK, "{name}");
        assert_eq!(
            login(&server, name, "pass1425"),
            StatusCode::UNAUTHORIZED,
            "{name}"
        );
    }
    let again = code_of(&home, "werkzeug.csv");
    assert!(
        again.out.starts_with("0 imported, 5 already there, 0 refused\n"),
        "whoever signed in meanwhile is known again: {again:?}"
    );
    let token = server
        .post(
            "/login",
            None,
            &json!({ "username": "passlib_argon2", "password": password("passlib_argon2") }),
        )
        .text("access_token");
    let profile = server.get("/profile", &token);
    assert_eq!(profile.body["roles"], json!(["editor"]));
}

fn code_of(home: &Home, file: &str) -> Finished {
    let (code, said) = code(home, ["users", "import", file]);
    assert_eq!(code, 0, "{said:?}");
    said
}

#[test]
fn a_half_broken_file_loses_nothing_and_each_line_is_said() {
    let home = Home::new();
    let table = format!(
        "username,password_hash,roles\n\
         anna,{BCRYPT},editor\n\
         bob,pass1425,\n\
         \"carl,{BCRYPT},\n\
         dora,{BCRYPT}\n\
         emil,{cut},\n\
         fay,{BCRYPT},editor\n\
         FAY,{BCRYPT},\n\
         fаy,{BCRYPT},\n\
         gus,{BCRYPT},Grand Vizier\n\
         anna,{BCRYPT},editor\n\
         pau1,{BCRYPT},\n\
         paul,{BCRYPT},\n",
        cut = &BCRYPT[..40],
    );
    fs::write(home.path().join("users.csv"), &table).unwrap();
    let said = [
        "users.csv:3: the password hash is of no known scheme",
        "users.csv:4: a quotation mark is not closed",
        "users.csv:5: it has 2 fields where the header has 3",
        "users.csv:6: the bcrypt hash is damaged",
        "users.csv:9: `username` mixes scripts",
        "users.csv:10: a role is",
        "users.csv:13: the name, or one that looks like it, belongs to somebody else",
    ];

    let (code_of_dry_run, dry) = code(&home, ["users", "import", "users.csv", "--dry-run"]);
    assert_eq!(code_of_dry_run, 1);
    assert_eq!(count(&home), 0);
    let (code_of_run, done) = code(&home, ["users", "import", "users.csv", "--report", "refused.csv"]);
    assert_eq!(code_of_run, 1);
    assert_eq!(count(&home), 3);
    assert!(
        dry.out
            .starts_with("3 would be imported, 2 already there, 7 would be refused\n"),
        "{dry:?}"
    );
    assert!(
        done.out.starts_with("3 imported, 2 already there, 7 refused\n"),
        "{done:?}"
    );
    for finished in [&dry, &done] {
        let lines: Vec<&str> = finished.err.lines().collect();
        assert_eq!(lines.len(), said.len() + 1, "{finished:?}");
        for (line, said) in lines.iter().zip(said) {
            assert!(line.starts_with(said), "{line}");
        }
        assert!(
            !finished.err.contains("pass1425") && !finished.err.contains(&BCRYPT[..20]),
            "{finished:?}"
        );
    }

    let report = fs::read_to_string(home.path().join("refused.csv")).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    let refused: Vec<&str> = [1, 3, 4, 5, 6, 9, 10, 13].map(|number| rows[number - 1]).to_vec();
    assert_eq!(
        report.lines().collect::<Vec<_>>(),
        refused,
        "the refused rows as they were"
    );

    // Mended, the report is a table.
    let mended = report
        .replace("pass1425", BCRYPT)
        .replace("\"carl", "carl")
        .replace(&format!("dora,{BCRYPT}"), &format!("dora,{BCRYPT},"))
        .replace(&format!("emil,{},", &BCRYPT[..40]), &format!("emil,{BCRYPT},"))
        .replace("fаy", "frank")
        .replace("Grand Vizier", "vizier")
        .replace("paul", "peter");
    fs::write(home.path().join("mended.csv"), mended).unwrap();
    assert!(
        code_of(&home, "mended.csv")
            .out
            .starts_with("7 imported, 0 already there, 0 refused\n")
    );
    let server = home.start();
    for name in [
        "anna", "bob", "carl", "dora", "emil", "fay", "frank", "gus", "pau1", "peter",
    ] {
        assert_eq!(login(&server, name, "pass1425"), StatusCode::OK, "{name}");
    }
}

#[test]
fn an_import_killed_half_way_is_finished_by_the_same_command() {
    const ROWS: usize = 3000;
    let home = Home::new();
    let mut table = String::from("username,password_hash\n");
    for number in 0..ROWS {
        writeln!(table, "user{number},{BCRYPT}").unwrap();
    }
    fs::write(home.path().join("users.csv"), &table).unwrap();

    // The last row stays with us, so that the import is under way when it is killed.
    let mut command = home.command(["users", "import", "-", "--format", "csv"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let all_but_one = table.trim_end().rfind('\n').unwrap() + 1;
    input.write_all(&table.as_bytes()[..all_but_one]).unwrap();
    input.flush().unwrap();
    let begun = (0..600).any(|_| home.path().join("jeton.db").exists() && tables(&home) && count(&home) > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    let before = count(&home);
    assert!(begun && before > 0 && before < ROWS, "{before}");

    let said = code_of(&home, "users.csv");
    assert!(
        said.out.starts_with(&format!(
            "{} imported, {before} already there, 0 refused\n",
            ROWS - before
        )),
        "{said:?}"
    );
    assert_eq!(count(&home), ROWS);
    let events = query(&home, "SELECT count(*) FROM audit WHERE action = 'user.imported'");
    assert_eq!(
        events,
        [ROWS.to_string()],
        "an account and its event are written together"
    );
}

/// Whether the database has its tables yet.
fn tables(home: &Home) -> bool {
    !query(home, "SELECT name FROM sqlite_schema WHERE name = 'audit_seals'").is_empty()
}

#[test]
fn what_cannot_begin_ends_with_two() {
    let home = Home::new();
    fs::write(home.path().join("phones.csv"), "name,phone\nanna,1\n").unwrap();
    fs::write(home.path().join("users.txt"), "username,password\n").unwrap();
    fs::write(home.path().join("array.jsonl"), "[\n{}\n]\n").unwrap();
    fs::write(home.path().join("users.csv"), "username,password\n").unwrap();
    for (arguments, said) in [
        (vec!["nobody.csv"], "nobody.csv: No such file"),
        (vec!["phones.csv"], "no column for the username"),
        (vec!["users.txt"], "--format"),
        (vec!["array.jsonl"], "jq -c"),
        (vec!["users.csv", "--report", "users.csv"], "another name"),
        (
            vec!["users.csv", "--report", "no/such/folder.csv"],
            "folder.csv.part: No such file",
        ),
    ] {
        let mut command = home.command(["users", "import"]);
        let output = command.args(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let finished = Finished::of(output);
        assert!(finished.err.contains(said), "{arguments:?}: {finished:?}");
    }
}

#[test]
fn members_of_json_are_claims_and_all() {
    let home = Home::new();
    let id = "0190a5b0-7c4e-7d3a-8f21-3b1c2d4e5f60";
    let row =
        json!({ "username": "anna", "password_hash": BCRYPT, "id": id, "claims": { "tenant": "blue" } });
    fs::write(home.path().join("users.jsonl"), format!("{row}\n")).unwrap();
    code_of(&home, "users.jsonl");
    let server = home.start();
    let token = server
        .post(
            "/login",
            None,
            &json!({ "username": "anna", "password": "pass1425" }),
        )
        .text("access_token");
    let shown: Value = server.get("/get-jwt", &token).body;
    assert_eq!(shown["claims"]["sub"], id);
    assert_eq!(shown["claims"]["tenant"], "blue");
}

#[test]
fn a_member_whose_name_is_reserved_costs_its_row_and_no_other() {
    let home = Home::new();
    let row = |name: &str, claims: &str| {
        format!(r#"{{"username":"{name}","password_hash":"{BCRYPT}","claims":{claims}}}"#)
    };
    let nested = jeton::testkit::nested_in_texts(jeton::testkit::RESERVED_NAMES[0], 60);
    let table = [
        row("anna", r#"{"a":{"$serde_json::private::RawValue":"[1]"}}"#),
        row("bob", &format!(r#"{{"a":{nested}}}"#)),
        row("carl", r#"{"tenant":"blue"}"#),
    ];
    fs::write(home.path().join("users.jsonl"), table.join("\n")).unwrap();
    let (ended, said) = code(&home, ["users", "import", "users.jsonl"]);
    assert_eq!(ended, 1, "{said:?}");
    assert!(
        said.out.starts_with("1 imported, 0 already there, 2 refused\n"),
        "{said:?}"
    );
    assert_eq!(query(&home, "SELECT username FROM users"), ["carl"]);
}

#[test]
fn old_ids_lead_to_the_new_ones_also_when_everybody_is_there_already() {
    let home = Home::new();
    let uuid = "0190a5b0-7c4e-7d3a-8f21-3b1c2d4e5f60";
    let table =
        format!("id,username,password_hash\n17,Anna,{BCRYPT}\n{uuid},Bob,{BCRYPT}\n\"a,b\",Carl,{BCRYPT}\n");
    fs::write(home.path().join("users.csv"), table).unwrap();
    let id_of = |name: &str| {
        let shown = home.run(["users", "show", name]);
        shown.out.split_whitespace().next().unwrap().to_owned()
    };

    let would = home.run(["users", "import", "users.csv", "--dry-run", "--ids", "-"]);
    assert!(
        would.succeeded && would.err.contains("3 would be imported"),
        "{would:?}"
    );
    let first = home.run(["users", "import", "users.csv"]);
    assert!(
        first.out.contains(
            "2 rows have an id that is no UUID: a new one takes its place; --ids FILE writes which"
        ),
        "{first:?}"
    );
    let (anna, carl) = (id_of("Anna"), id_of("Carl"));
    let expected = format!("old_id,id,username\n17,{anna},Anna\n\"a,b\",{carl},Carl\n");
    assert_eq!(would.out, expected);

    let again = home.run(["users", "import", "users.csv", "--ids", "ids.csv"]);
    assert!(
        again.out.starts_with("0 imported, 3 already there, 0 refused"),
        "{again:?}"
    );
    assert_eq!(fs::read_to_string(home.path().join("ids.csv")).unwrap(), expected);
    let over = home.run(["users", "import", "users.csv", "--ids", "users.csv"]);
    assert!(
        !over.succeeded && over.err.contains("over the file itself"),
        "{over:?}"
    );
}
