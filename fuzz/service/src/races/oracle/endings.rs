//! What ends sessions and revokes tokens.

use std::time::Duration;

use super::Case;
use crate::races::{
    history::{Access, Act, Scope, What},
    stage::MAX_LAG,
};

/// For what the fuzzer itself takes to write a time down.
const SLACK: Duration = Duration::from_millis(500);

/// A user has at most so many sessions; the oldest ends.
const MOST_SESSIONS: usize = 100;

/// How far an act reaches.
enum Reach<'a> {
    Session(&'a str),
    Others(&'a str),
    All,
    Token(&'a str),
    Roles(&'a [String]),
}

fn reach(act: &Act) -> Option<Reach<'_>> {
    Some(match &act.what {
        What::LogOut {
            session,
            scope: Scope::Session,
        }
        | What::EndSession { session } => Reach::Session(session),
        What::LogOut {
            session,
            scope: Scope::Others,
        } => Reach::Others(session),
        What::LogOut {
            scope: Scope::All, ..
        }
        | What::EndAll
        | What::Disable
        | What::Delete
        | What::ChangePassword { .. }
        | What::Reset { .. }
        | What::IssueCode { force: true, .. } => Reach::All,
        What::RevokeToken { token } => Reach::Token(token),
        What::SetRoles { roles } => Reach::Roles(roles),
        // Presented after its time, a refresh token ends its session.
        What::Refresh { session, .. } if !act.is_done() => Reach::Session(session),
        _ => return None,
    })
}

/// Whether what it says has certainly happened.
fn is_certain(act: &Act) -> bool {
    match act.what {
        What::Refresh { .. } => act.is_refused_with("token_reused"),
        _ => act.is_done(),
    }
}

fn is_possible(act: &Act) -> bool {
    is_certain(act) || act.is_possible()
}

impl<'h> Case<'h> {
    /// The act after which this one's access token must be refused, if there is one.
    pub(super) fn ended_before(&self, token: &Access, used: &Act) -> Option<&'h Act> {
        let opening = self.opening(&token.session)?;
        self.acts.iter().copied().find(|act| {
            let covers = match reach(act) {
                Some(Reach::Token(id)) => id == token.id,
                Some(Reach::Roles(roles)) => {
                    token.ended < act.began && token.roles.iter().any(|role| !roles.contains(role))
                }
                Some(reach) => ends(&reach, &token.session) && opening.is_before(act),
                None => false,
            };
            covers && is_certain(act) && self.is_heard(act, token, used)
        })
    }

    /// Whether the node that was asked must have known: from its own answer on, or within the bound.
    fn is_heard(&self, ending: &Act, token: &Access, used: &Act) -> bool {
        let is_own = ending.place == used.place && ending.ended < used.began;
        // Roles that somebody else had taken away already are taken away by nobody.
        let is_own =
            is_own && (!matches!(ending.what, What::SetRoles { .. }) || self.is_alone(ending, token));
        is_own || ending.ended + MAX_LAG + SLACK < used.began
    }

    fn is_alone(&self, change: &Act, token: &Access) -> bool {
        let mut others = self.all(|what| matches!(what, What::SetRoles { .. }));
        !others.any(|other| {
            other.number != change.number
                && other.is_possible()
                && other.may_precede(change)
                && other.over() > token.began
        })
    }

    /// The act after which this one's session must be over on every node.
    pub(super) fn session_ended_before(&self, session: &str, used: &Act) -> Option<&'h Act> {
        let opening = self.opening(session)?;
        self.acts.iter().copied().find(|act| {
            reach(act).is_some_and(|reach| ends(&reach, session))
                && is_certain(act)
                && opening.is_before(act)
                && act.ended < used.began
        })
    }

    /// Whether something may have ended the session before an answer.
    pub(super) fn may_have_ended(&self, session: &str, answer: &Act) -> bool {
        let Some(opening) = self.opening(session) else {
            return true;
        };
        let ended = self.acts.iter().any(|act| {
            reach(act).is_some_and(|reach| ends(&reach, session)) && is_cause(act, opening, answer)
        });
        ended || self.are_too_many(opening, answer)
    }

    /// Whether something may have revoked the token before an answer.
    pub(super) fn may_be_revoked(&self, token: &Access, answer: &Act) -> bool {
        let Some(opening) = self.opening(&token.session) else {
            return true;
        };
        let called = self.acts.iter().any(|act| match reach(act) {
            Some(Reach::Token(id)) => id == token.id && is_cause(act, opening, answer),
            Some(Reach::Roles(_)) => act.over() >= token.began && is_cause(act, opening, answer),
            _ => false,
        });
        called || self.may_have_ended(&token.session, answer)
    }

    fn are_too_many(&self, opening: &Act, answer: &Act) -> bool {
        let younger = self.acts.iter().filter(|act| {
            act.opens() && act.is_possible() && act.over() > opening.began && act.may_precede(answer)
        });
        younger.count() >= MOST_SESSIONS
    }
}

fn ends(reach: &Reach<'_>, session: &str) -> bool {
    match reach {
        Reach::Session(ended) => *ended == session,
        Reach::Others(kept) => *kept != session,
        Reach::All => true,
        Reach::Token(_) | Reach::Roles(_) => false,
    }
}

fn is_cause(act: &Act, opening: &Act, answer: &Act) -> bool {
    is_possible(act) && act.number != opening.number && act.over() >= opening.began && act.may_precede(answer)
}
