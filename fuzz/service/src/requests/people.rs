//! Whoever asks: nobody, a user, an administrator, a program. Each worker has its own, so that what one does to itself
//! disturbs no other.

use std::io;

use serde_json::json;

use crate::{
    requests::SECRET,
    server::Setup,
    wire::{Answer, Connection},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Nobody,
    User,
    Administrator,
    Program,
}

#[derive(Default)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub password: String,
    pub access: String,
    pub refresh: String,
    pub session: String,
    /// The cookies of a session of its own, and its CSRF token.
    pub cookies: String,
    pub csrf: String,
    stale: bool,
}

pub struct People {
    setup: Setup,
    worker: usize,
    made: usize,
    pub user: Person,
    pub administrator: Person,
    pub program: Person,
}

impl People {
    pub fn new(setup: &Setup, worker: usize) -> io::Result<Self> {
        let mut people = Self {
            setup: setup.clone(),
            worker,
            made: 0,
            user: Person::default(),
            administrator: Person::default(),
            program: Person::default(),
        };
        people.user = people.person(None)?;
        people.administrator = people.person(Some("admin"))?;
        people.program = people.program()?;
        Ok(people)
    }

    pub fn of(&self, role: Role) -> Option<&Person> {
        match role {
            Role::Nobody => None,
            Role::User => Some(&self.user),
            Role::Administrator => Some(&self.administrator),
            Role::Program => Some(&self.program),
        }
    }

    /// Notes that somebody's tokens may be good for nothing by now.
    pub fn doubt(&mut self, role: Role) {
        match role {
            Role::Nobody => {}
            Role::User => self.user.stale = true,
            Role::Administrator => self.administrator.stale = true,
            Role::Program => self.program.stale = true,
        }
    }

    /// Signs in whoever is in doubt; whoever cannot sign in any more is replaced.
    pub fn refresh(&mut self) -> io::Result<()> {
        let mut connection = Connection::new(self.setup.address);
        if self.user.stale && !self.user.sign_in(&mut connection) {
            self.user = self.person(None)?;
        }
        if self.administrator.stale && !self.administrator.sign_in(&mut connection) {
            self.administrator = self.person(Some("admin"))?;
        }
        if self.program.stale && !self.program.sign_in_as_program(&mut connection) {
            self.program = self.program()?;
        }
        Ok(())
    }

    fn person(&mut self, role: Option<&str>) -> io::Result<Person> {
        self.made += 1;
        let mut person = Person {
            name: format!("{}-{}-{}", role.unwrap_or("user"), self.worker, self.made),
            password: format!("{SECRET}{}-{}", self.worker, self.made),
            ..Person::default()
        };
        let mut arguments = vec!["users", "create", &person.name, "--password-stdin"];
        arguments.extend(role.iter().flat_map(|role| ["--role", role]));
        let said = self.setup.must(&arguments, &person.password)?;
        person.id = said.split(' ').next().unwrap_or_default().to_owned();
        let mut connection = Connection::new(self.setup.address);
        if person.sign_in(&mut connection) {
            Ok(person)
        } else {
            Err(io::Error::other(format!("{} cannot sign in", person.name)))
        }
    }

    fn program(&mut self) -> io::Result<Person> {
        self.made += 1;
        let name = format!("program-{}-{}", self.worker, self.made);
        let arguments = [
            "clients",
            "create",
            &name,
            "--scope",
            "revocations:read",
            "--json",
        ];
        let said: serde_json::Value = serde_json::from_str(&self.setup.must(&arguments, "")?)?;
        let text = |names: [&str; 2]| {
            let found = names.iter().find_map(|name| said[name].as_str());
            found.unwrap_or_default().to_owned()
        };
        let mut person = Person {
            id: text(["client_id", "id"]),
            password: text(["client_secret", "secret"]),
            name,
            ..Person::default()
        };
        let mut connection = Connection::new(self.setup.address);
        if person.sign_in_as_program(&mut connection) {
            Ok(person)
        } else {
            Err(io::Error::other(format!("a program cannot sign in: {said}")))
        }
    }
}

impl Person {
    fn sign_in(&mut self, connection: &mut Connection) -> bool {
        let body = json!({"username": self.name, "password": self.password});
        let Some(tokens) = post(connection, "/login", "application/json", &body.to_string()) else {
            return false;
        };
        let body = json!({"username": self.name, "password": self.password, "cookies": true});
        let Some(cookies) = post(connection, "/login", "application/json", &body.to_string()) else {
            return false;
        };
        self.access = tokens.text("access_token");
        self.refresh = tokens.text("refresh_token");
        self.session = crate::claims::of(&self.access)
            .and_then(|claims| claims["sid"].as_str().map(str::to_owned))
            .unwrap_or_default();
        let set: Vec<_> = cookies
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .filter_map(|(_, value)| value.split(';').next())
            .collect();
        let csrf = set
            .iter()
            .find_map(|cookie| cookie.split_once("csrf=").map(|(_, value)| value));
        self.csrf = csrf.unwrap_or_default().to_owned();
        self.cookies = set.join("; ");
        self.stale = false;
        true
    }

    fn sign_in_as_program(&mut self, connection: &mut Connection) -> bool {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            self.id, self.password
        );
        let answer = post(
            connection,
            "/oauth/token",
            "application/x-www-form-urlencoded",
            &form,
        );
        self.access = answer
            .map(|answer| answer.text("access_token"))
            .unwrap_or_default();
        self.stale = false;
        !self.access.is_empty()
    }
}

/// Posts what must succeed; a service that is just busy is asked again.
fn post(connection: &mut Connection, path: &str, content_type: &str, body: &str) -> Option<Answer> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for _ in 0..20 {
        match connection.call(request.as_bytes()) {
            Ok(answer) if answer.status == 503 => std::thread::sleep(std::time::Duration::from_millis(200)),
            Ok(answer) => return (answer.status == 200).then_some(answer),
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    }
    None
}
