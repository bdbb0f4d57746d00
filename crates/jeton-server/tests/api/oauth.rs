mod assertion;
mod attacks;
mod authorize;
mod backchannel;
mod client_keys;
mod consent;
mod grants;
mod introspect;
mod logout;
mod meanwhile;
mod modules;
mod par;
mod revoke;
mod strangers;
mod token;
mod userinfo;

use crate::actors::{Application, Person, Server};

/// A server, an application that an administrator registered, and a person who is signed in at the server.
async fn cast() -> (Server, Application, Person) {
    let server = Server::start().await;
    let ada = server.admin("ada").await;
    server.signed_up("bo").await;
    let application = Application::new(&server, &ada, "Grafana").await;
    let bo = server.person();
    bo.sign_in("bo").await;
    (server, application, bo)
}
