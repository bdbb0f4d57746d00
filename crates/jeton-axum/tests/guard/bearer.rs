use std::time::Duration;

use http::{HeaderValue, Request, header::AUTHORIZATION};

use crate::support::{Access, LIFETIME, World, bearer, issuer, key, request, send, with_bearer};

#[tokio::test]
async fn a_good_token_reaches_the_handler() {
    let world = World::new();
    send(world.app(), with_bearer("/me", &world.token()))
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let world = World::new();
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let value = format!("{scheme} {}", world.token());
        world
            .get("/me", &[("authorization", &value)])
            .await
            .assert_ok("alice");
    }
}

#[tokio::test]
async fn more_than_one_space_after_the_scheme_is_fine() {
    let world = World::new();
    let value = format!("Bearer   {}", world.token());
    world
        .get("/me", &[("authorization", &value)])
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn no_token_is_401_without_an_error_code() {
    let world = World::new();
    let reply = world.get("/me", &[]).await;
    reply.assert_refused(401, "token_missing", "Token is missing");
    assert_eq!(reply.challenge(), r#"Bearer realm="api""#);
}

#[tokio::test]
async fn another_scheme_is_an_absent_token() {
    let world = World::new();
    let reply = world
        .get("/me", &[("authorization", "Basic YWxpY2U6c2VjcmV0")])
        .await;
    reply.assert_refused(401, "token_missing", "Token is missing");
    world
        .get("/feed", &[("authorization", "Basic YWxpY2U6c2VjcmV0")])
        .await
        .assert_ok("nobody");
}

#[tokio::test]
async fn a_scheme_without_a_token_misses_it_even_where_it_is_optional() {
    let world = World::new();
    for value in ["Bearer", "bearer ", "Bearer    ", ""] {
        for path in ["/me", "/feed"] {
            let reply = world.get(path, &[("authorization", value)]).await;
            reply.assert_refused(401, "token_missing", "Token is missing");
            assert_eq!(reply.challenge(), r#"Bearer realm="api""#);
        }
    }
}

#[tokio::test]
async fn a_token_without_its_scheme_is_told_what_to_send() {
    let world = World::new();
    let reply = world.get("/me", &[("authorization", &world.token())]).await;
    let expected = "Expected 'Authorization: Bearer <token>': the word Bearer is missing";
    reply.assert_refused(400, "invalid_request", expected);
    let challenge = format!(r#"Bearer realm="api", error="invalid_request", error_description="{expected}""#);
    assert_eq!(reply.challenge(), challenge);
}

#[tokio::test]
async fn several_authorization_headers_are_refused_whatever_they_hold() {
    let world = World::new();
    let good = bearer(&world.token());
    for other in [good.as_str(), "Basic YWxpY2U6c2VjcmV0", ""] {
        let reply = world
            .get("/feed", &[("authorization", &good), ("authorization", other)])
            .await;
        reply.assert_refused(
            400,
            "invalid_request",
            "Send one Authorization header, not several",
        );
    }
}

#[tokio::test]
async fn several_tokens_in_one_header_are_refused() {
    let world = World::new();
    let token = world.token();
    for value in [
        format!("Bearer {token} {token}"),
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer {token},"),
    ] {
        let reply = world.get("/me", &[("authorization", &value)]).await;
        let expected = "Expected 'Authorization: Bearer <token>' with one token and nothing after it";
        reply.assert_refused(400, "invalid_request", expected);
    }
}

#[tokio::test]
async fn an_altered_token_is_invalid_for_required_and_optional_routes_alike() {
    let world = World::new();
    let token = world.token();
    let (unsigned, _) = token.rsplit_once('.').unwrap();
    for path in ["/me", "/feed"] {
        let forged = bearer(&format!("{unsigned}.{}", "A".repeat(43)));
        let reply = world.get(path, &[("authorization", &forged)]).await;
        reply.assert_refused(401, "invalid_token", "Invalid token");
        let challenge = r#"Bearer realm="api", error="invalid_token", error_description="Invalid token""#;
        assert_eq!(reply.challenge(), challenge);
    }
}

#[tokio::test]
async fn a_token_under_another_key_is_invalid() {
    let world = World::new();
    let foreign = issuer(key(8))
        .issue_at("alice", "api", Access::default(), world.clock.now())
        .unwrap();
    let reply = send(world.app(), with_bearer("/me", &foreign)).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn an_expired_token_is_called_expired() {
    let world = World::new();
    let token = world.token();
    // Past the lifetime and past any leeway a verifier may allow by default.
    world.clock.pass(LIFETIME + Duration::from_secs(31));
    let reply = send(world.app(), with_bearer("/me", &token)).await;
    reply.assert_refused(401, "token_expired", "Token has expired");
    let challenge = r#"Bearer realm="api", error="invalid_token", error_description="Token has expired""#;
    assert_eq!(reply.challenge(), challenge);
}

#[tokio::test]
async fn an_optional_token_is_none_only_when_absent() {
    let world = World::new();
    world.get("/feed", &[]).await.assert_ok("nobody");
    send(world.app(), with_bearer("/feed", &world.token()))
        .await
        .assert_ok("alice");
}

#[tokio::test]
async fn bytes_outside_of_ascii_are_refused_cleanly() {
    let world = World::new();
    for bytes in [&b"Bearer t\xC3\xB6ken"[..], b"\xFF\xFE", b"Bearer \x80"] {
        let mut request = Request::get("/me").body(axum::body::Body::empty()).unwrap();
        request
            .headers_mut()
            .insert(AUTHORIZATION, HeaderValue::from_bytes(bytes).unwrap());
        let reply = send(world.app(), request).await;
        let expected = "The Authorization header holds characters that no token has";
        reply.assert_refused(400, "invalid_request", expected);
    }
}

#[tokio::test]
async fn a_header_of_64_kilobytes_is_refused_cleanly() {
    let world = World::new();
    let long = "A".repeat(64 * 1024);
    let reply = send(world.app(), with_bearer("/me", &long)).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
    let dotted = format!("{long}.{long}.{long}");
    let reply = send(world.app(), with_bearer("/me", &dotted)).await;
    reply.assert_refused(401, "invalid_token", "Invalid token");
}

#[tokio::test]
async fn nothing_of_a_bad_token_comes_back() {
    let world = World::new();
    let marker = "Reflected-By-The-Guard";
    for value in [
        marker.to_owned(),
        format!("{marker}.x.y"),
        format!("Bearer {marker}"),
        format!("Bearer {marker} {marker}"),
        format!("Bearer {marker}.{marker}.{marker}"),
        format!("{marker} x"),
    ] {
        let reply = send(world.app(), request("GET", "/me", &[("authorization", &value)])).await;
        assert!(reply.status.is_client_error());
        assert!(
            !format!("{:?}{}", reply.headers, reply.body).contains(marker),
            "{value}"
        );
    }
}
