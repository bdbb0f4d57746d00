//! The link that makes the first administrator, on the terminal of whoever starts the service.

use crate::process::{Home, Server};

const OFFER: &str = "Make one in a browser: ";

#[test]
fn the_link_is_shown_at_each_start_while_nobody_administers() {
    let home = Home::new();
    let links = [(); 2].map(|()| {
        let server = home.start();
        let link = server.says(OFFER);
        let (page, secret) = link.split_once('#').unwrap();
        let (_, port) = server.authority().split_once(':').unwrap();
        assert_eq!(page, format!("http://localhost:{port}/setup"));
        assert!(secret.starts_with("js_"), "{link}");
        secret.to_owned()
    });
    assert_ne!(links[0], links[1]);

    let made = home.run_with_input(
        ["users", "create", "ada", "--role", "admin", "--password-stdin"],
        "pass1425\n",
    );
    assert!(made.succeeded, "{made:?}");

    assert_eq!(said_at_a_start(&home, &[]).matches(OFFER).count(), 0);
}

#[test]
fn without_pages_no_link_is_shown() {
    let said = said_at_a_start(&Home::new(), &[("JETON_PAGES", "off")]);

    assert_eq!(said.matches(OFFER).count(), 0, "{said}");
}

/// Its whole log, from its start to its end.
fn said_at_a_start(home: &Home, settings: &[(&str, &str)]) -> String {
    let mut command = home.command([]);
    command.envs(settings.iter().copied());
    let mut server = Server::start(command);
    server.terminate();
    assert!(server.wait());
    server.said()
}
