use super::*;

const GRACE: Duration = Duration::from_secs(30);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn session() -> Session {
    Session {
        id: SessionId::from_bytes([1; 16]),
        user_id: UserId::from_bytes([2; 16]),
        generation: Generation(5),
        secret: SessionSecret::new([3; 32]),
        refresh_key: "k".into(),
        created_at: at(0),
        authenticated_at: at(0),
        rotated_at: at(1000),
        last_seen_at: at(1000),
        expires_at: at(5000),
        ends_at: at(9000),
        accepted_until: at(2000),
        replays: 0,
        rested_at: at(1000),
        device: Device::from_user_agent(None),
        actor: None,
        grant: None,
        ended_at: None,
        ended: None,
    }
}

fn present(session: &Session, generation: i64) -> Presented {
    let generation = Generation(generation);
    Presented {
        session: session.id,
        generation,
        proof: session.proof(generation),
        client: None,
    }
}

fn rules(now: i64) -> RotationRules {
    RotationRules {
        now: at(now),
        grace: GRACE,
        lifetime: GRACE,
        accepted_for: GRACE,
        refresh_key: "k2".into(),
        limited: true,
    }
}

#[test]
fn moving_on_takes_the_key_that_signs_now() {
    let mut session = session();
    session.advance(&rules(1001)).unwrap();
    assert_eq!((session.generation, &*session.refresh_key), (Generation(6), "k2"));
}

#[test]
fn an_access_token_expires_before_the_row_stops_vouching_for_it() {
    let session = session();
    let expiry = |now, lifetime| {
        let expiry = session.access_expiry(at(now), Duration::from_secs(lifetime));
        expiry.seconds()
    };
    assert_eq!(expiry(1000, 900), 1900);
    assert_eq!(
        expiry(1000, 3600),
        1969,
        "30 s of leeway, and one for parts of seconds"
    );
    let longer = Session {
        accepted_until: at(100_000),
        ..session.clone()
    };
    assert_eq!(
        longer.access_expiry(at(8999), GRACE),
        at(9000),
        "the session's end"
    );
}

#[test]
fn three_hundred_refreshes_and_replays_at_once_and_one_more_each_second() {
    let mut session = session();
    for _ in 0..300 {
        session.advance(&rules(1000)).unwrap();
    }
    assert_eq!(session.advance(&rules(1000)), Err(TooOften));
    assert_eq!(session.generation, Generation(305));
    session.advance(&rules(1001)).unwrap();
    for replays in 0..300 {
        assert_eq!(session.replays, replays);
        session.replay(&rules(1001)).unwrap();
    }
    assert_eq!(session.replay(&rules(1001)), Err(TooOften));
    session.replay(&rules(1002)).unwrap();
    assert_eq!(
        (session.replay(&rules(1002)), session.replays),
        (Err(TooOften), 301)
    );
    // They do not count against each other, and not at all where nothing is limited.
    session.advance(&rules(1002)).unwrap();
    assert_eq!(
        (session.advance(&rules(1002)), session.replays),
        (Err(TooOften), 0)
    );
    let unlimited = RotationRules {
        limited: false,
        ..rules(1002)
    };
    for _ in 0..400 {
        session.advance(&unlimited).unwrap();
    }
    assert_eq!(session.advance(&rules(1002)), Err(TooOften));
    session.advance(&rules(1003)).unwrap();
    for _ in 0..400 {
        session.replay(&unlimited).unwrap();
    }
}

#[test]
fn a_rest_that_a_wrong_clock_wrote_keeps_nobody_out() {
    let mut session = Session {
        rested_at: at(1_000_000),
        ..session()
    };
    session.advance(&rules(1000)).unwrap();
    assert_eq!(session.rested_at, at(1300));
}

#[test]
fn the_current_generation_is_exchanged() {
    let session = session();
    assert_eq!(
        session.verdict(&present(&session, 5), at(1001), GRACE),
        Verdict::Current
    );
}

#[test]
fn the_one_before_is_a_replay_until_the_grace_time_is_over() {
    let session = session();
    assert_eq!(
        session.verdict(&present(&session, 4), at(1029), GRACE),
        Verdict::Replay
    );
    assert_eq!(
        session.verdict(&present(&session, 4), at(1030), GRACE),
        Verdict::Reuse
    );
}

#[test]
fn a_grandparent_is_reuse_at_once() {
    let session = session();
    assert_eq!(
        session.verdict(&present(&session, 3), at(1001), GRACE),
        Verdict::Reuse
    );
}

#[test]
fn a_generation_ahead_of_the_row_tells_of_a_restored_back_up() {
    let session = session();
    assert_eq!(
        session.verdict(&present(&session, 6), at(1001), GRACE),
        Verdict::AheadOfRow
    );
}

#[test]
fn a_wrong_proof_says_nothing_about_the_session() {
    let session = session();
    let forged = Presented {
        proof: RefreshProof::from_bytes([0; 32]),
        ..present(&session, 5)
    };
    assert_eq!(session.verdict(&forged, at(1001), GRACE), Verdict::Forged);
    let borrowed = Presented {
        generation: Generation(5),
        ..present(&session, 4)
    };
    assert_eq!(session.verdict(&borrowed, at(1001), GRACE), Verdict::Forged);
}

#[test]
fn ended_and_expired_sessions_exchange_nothing() {
    let live = session();
    assert_eq!(
        live.verdict(&present(&live, 5), at(5000), GRACE),
        Verdict::Expired
    );
    let ended = Session {
        ended: Some(EndReason::Logout),
        ..live
    };
    assert_eq!(
        ended.verdict(&present(&ended, 5), at(1001), GRACE),
        Verdict::Ended
    );
}
