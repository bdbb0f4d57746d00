//! The guard of this project, which finds the service's keys by its issuer alone.

use jeton::{KeySet, Verified, Verifier};
use jeton_axum::{Auth, RemoteKeys, SystemClock, claims::Jeton};

use crate::service::Service;

#[test]
fn the_guard_discovers_the_services_keys_by_its_issuer() {
    let service = Service::start();
    let variables = service.variables();
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str()).unwrap()
    };
    let issuer = variable("ISSUER");
    let rules = Verifier::builder(KeySet::default())
        .issuer(issuer)
        .audience(issuer)
        .build();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let keys = RemoteKeys::discover(issuer, rules)
            .danger_allow_http()
            .build()
            .unwrap();
        let auth: Auth<Jeton> = Auth::new(keys, SystemClock);
        let token: std::sync::Arc<Verified<Jeton>> = auth.check_async(variable("USER_TOKEN")).await.unwrap();
        assert_eq!(token.claims().username.as_deref(), Some("Romel"));
        assert!(auth.check_async(variable("PROGRAM_TOKEN")).await.is_ok());
        assert!(auth.check_async(variable("REFRESH_TOKEN")).await.is_err());
    });
}
