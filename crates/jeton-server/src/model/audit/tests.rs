use super::*;

#[test]
fn every_action_and_actor_reads_back() {
    for action in Action::ALL {
        assert_eq!(action.as_str().parse::<Action>().unwrap(), action);
    }
    let id = UserId::from_bytes([7; 16]);
    for actor in [
        Actor::User(id),
        Actor::Client(ClientId::of_subject(id)),
        Actor::CommandLine,
    ] {
        assert_eq!(actor.to_string().parse::<Actor>().unwrap(), actor);
    }
}

#[test]
fn every_part_of_an_event_is_in_its_digest() {
    let event = Recorded {
        number: 1,
        at: Timestamp::from_seconds(2),
        action: "a".into(),
        user: Some(UserId::from_bytes([3; 16])),
        session: None,
        actor: None,
        detail: "{}".into(),
        commitment: None,
        personal: None,
        proof: None,
    };
    let changed = [
        Recorded {
            number: 2,
            ..event.clone()
        },
        Recorded {
            at: Timestamp::from_seconds(3),
            ..event.clone()
        },
        Recorded {
            action: "b".into(),
            ..event.clone()
        },
        Recorded {
            user: None,
            ..event.clone()
        },
        Recorded {
            user: None,
            session: Some(SessionId::from_bytes([3; 16])),
            ..event.clone()
        },
        Recorded {
            actor: Some(String::new()),
            ..event.clone()
        },
        Recorded {
            detail: "[]".into(),
            ..event.clone()
        },
        Recorded {
            commitment: Some([0; 32]),
            ..event.clone()
        },
    ];
    for other in changed {
        assert_ne!(other.digest(), event.digest(), "{other:?}");
    }
    let erased = Recorded {
        personal: Some(([0; 16], "{}".into())),
        ..event.clone()
    };
    assert_eq!(erased.digest(), event.digest(), "what can be erased is not in it");
}
