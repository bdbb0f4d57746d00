//! Sessions: one row from sign-in to sign-out, and the rule that says what a presented refresh token means.

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::{constant_time, hmac};
use zeroize::Zeroizing;

use super::{
    acceptance::expiry_before,
    device::Device,
    grant::Grant,
    id::{ClientId, SessionId, UserId},
    time::Timestamp,
};

/// How many live sessions a user may have; when one more opens, the oldest ends.
pub const MAX_LIVE_PER_USER: u32 = 100;

/// How often a session may be refreshed at once, and its last exchange replayed at once. One more follows with each
/// second. Fifty requests that race, or ten tabs, are far from it; a loop is not.
pub const REFRESHES_AT_ONCE: u32 = 300;

/// How long a session that was refreshed too often has to wait.
pub const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// One sign-in on one device, or what a user let a client do: a grant.
///
/// Everything in its refresh token is a function of this row: the same generation always gives the same
/// bytes, so a lost answer can be given again and no token needs to be stored.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub generation: Generation,
    pub secret: SessionSecret,
    /// The `kid` of the key that signs the current generation's refresh token.
    pub refresh_key: String,
    pub created_at: Timestamp,
    /// When its user last proved who they are: at its sign-in, or since. The `auth_time` of its access tokens.
    pub authenticated_at: Timestamp,
    /// When the current generation began; the `iat` of its refresh token.
    pub rotated_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// When the current refresh token expires: slides with every rotation, up to `ends_at`.
    pub expires_at: Timestamp,
    /// The absolute end, fixed at sign-in.
    pub ends_at: Timestamp,
    /// When every access token issued to the session so far has ceased to be accepted, whatever the lifetimes were when
    /// they were issued: how long its revocation has to be remembered. Tokens signed for it expire before.
    pub accepted_until: Timestamp,
    /// How often the exchange that began the current generation was replayed.
    pub replays: u32,
    /// When the session may be refreshed [`REFRESHES_AT_ONCE`] times again.
    pub rested_at: Timestamp,
    pub device: Device,
    /// The administrator who opened it on the user's behalf. Such a session has no refresh token.
    pub actor: Option<UserId>,
    /// What makes it a grant; none for a sign-in.
    pub grant: Option<Box<Grant>>,
    pub ended_at: Option<Timestamp>,
    pub ended: Option<EndReason>,
}

/// How often a session's refresh token was exchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(pub i64);

impl Generation {
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Its owner signed out.
    Logout,
    /// Its owner ended it from another session.
    EndedByOwner,
    /// Its browser signed in anew, and has the cookies of another session now.
    Replaced,
    /// Its owner had [`MAX_LIVE_PER_USER`] others and opened one more.
    TooMany,
    /// A refresh token was presented after its successor had been used.
    Reuse,
    /// A refresh token newer than the row was presented: the database is a restored back-up.
    AheadOfRow,
    /// Its owner changed their password.
    PasswordChanged,
    /// The key that signed its refresh token was compromised.
    KeyCompromised,
    /// The password was set with a reset code, or an administrator removed it.
    PasswordReset,
    /// An administrator ended it.
    Admin,
    /// Its owner was disabled.
    Disabled,
    /// Its owner was deleted.
    Deleted,
    /// The database is a restored back-up, in which it had not ended yet.
    Restored,
    /// Its administrator opened it for its owner and is none any more, or its owner became one.
    OnBehalfOver,
    /// A grant: the session it was given in ended.
    SessionOver,
    /// A grant: its client gave its refresh token back, or its owner or an administrator took it back.
    Revoked,
    /// A grant: its authorization code was presented once more, so somebody holds a copy.
    CodeReused,
    /// A grant: its client was disabled or deleted, or may do less than before.
    ClientChanged,
}

impl EndReason {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::EndedByOwner => "ended_by_owner",
            Self::Replaced => "replaced",
            Self::TooMany => "too_many",
            Self::Reuse => "reuse",
            Self::AheadOfRow => "ahead_of_row",
            Self::PasswordChanged => "password_changed",
            Self::KeyCompromised => "key_lost",
            Self::PasswordReset => "password_reset",
            Self::Admin => "admin",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::OnBehalfOver => "on_behalf_over",
            Self::SessionOver => "session_over",
            Self::Revoked => "revoked",
            Self::CodeReused => "code_reused",
            Self::ClientChanged => "client_changed",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Logout,
            Self::EndedByOwner,
            Self::Replaced,
            Self::TooMany,
            Self::Reuse,
            Self::AheadOfRow,
            Self::PasswordChanged,
            Self::KeyCompromised,
            Self::PasswordReset,
            Self::Admin,
            Self::Disabled,
            Self::Deleted,
            Self::Restored,
            Self::OnBehalfOver,
            Self::SessionOver,
            Self::Revoked,
            Self::CodeReused,
            Self::ClientChanged,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == name)
    }
}

/// The random secret behind a session's refresh tokens. Never printed, compared only in constant time.
#[derive(Clone)]
pub struct SessionSecret(Zeroizing<[u8; 32]>);

impl SessionSecret {
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionSecret(..)")
    }
}

/// The contents of a refresh token whose signature has been checked.
#[derive(Clone, Debug)]
pub struct Presented {
    session: SessionId,
    generation: Generation,
    proof: RefreshProof,
    /// Who presents it, where that is a client of its own.
    client: Option<ClientId>,
}

impl Presented {
    /// Whoever calls this has checked the token's signature.
    #[must_use]
    pub const fn new(session: SessionId, generation: Generation, proof: RefreshProof) -> Self {
        Self {
            session,
            generation,
            proof,
            client: None,
        }
    }

    /// The same, presented by a client that has proven itself.
    #[must_use]
    pub fn by(self, client: ClientId) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }
}

/// The `jti` of a refresh token: HMAC-SHA-256 of the generation under the session's secret.
#[derive(Clone)]
pub struct RefreshProof([u8; 32]);

impl RefreshProof {
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RefreshProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshProof(..)")
    }
}

/// The meaning of a presented refresh token for its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The current token: exchange it.
    Current,
    /// The token before, within the grace time, and its successor was not used yet: the answer was lost or two requests
    /// raced. Give the identical successor again.
    Replay,
    /// A token superseded for good: somebody holds a copy. The session must end.
    Reuse,
    /// A token newer than the row: the row comes from a back-up. The session must end.
    AheadOfRow,
    /// The session has ended already.
    Ended,
    /// The session's time is over.
    Expired,
    /// The proof does not belong to this session, or the token to whoever presents it.
    Forged,
}

/// Times and limits by which a session is refreshed.
#[derive(Clone, Debug)]
pub struct RotationRules {
    pub now: Timestamp,
    /// How long the previous generation may still be presented.
    pub grace: Duration,
    /// How far the expiry slides.
    pub lifetime: Duration,
    /// How long access tokens issued from now on, up to the next rotation, may be accepted.
    pub accepted_for: Duration,
    /// The `kid` of the key that signs refresh tokens at this time.
    pub refresh_key: Arc<str>,
    /// Whether the number of refreshes is limited.
    pub limited: bool,
}

/// The session was refreshed so often that the next time has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften;

impl Session {
    /// The proof that belongs to a generation of this session.
    #[must_use]
    pub fn proof(&self, generation: Generation) -> RefreshProof {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.expose());
        let tag = hmac::sign(&key, &generation.0.to_be_bytes());
        let mut proof = [0; 32];
        proof.copy_from_slice(tag.as_ref());
        RefreshProof(proof)
    }

    /// Whether the proof presented is this session's for the generation it claims. Constant time.
    #[must_use]
    pub fn proves(&self, presented: &Presented) -> bool {
        let expected = self.proof(presented.generation);
        constant_time::verify_slices_are_equal(expected.as_bytes(), presented.proof.as_bytes()).is_ok()
    }

    /// The client whose grant it is; none for a sign-in.
    #[must_use]
    pub fn client(&self) -> Option<ClientId> {
        self.grant.as_ref().map(|grant| grant.client)
    }

    /// When an access token signed at `now` expires: after its lifetime, but early enough to be refused from
    /// `accepted_until` on. The row may have been written under other settings than the signer's.
    #[must_use]
    pub fn access_expiry(&self, now: Timestamp, lifetime: Duration) -> Timestamp {
        let wanted = now.plus(lifetime).min(self.ends_at);
        wanted.min(expiry_before(self.accepted_until))
    }

    /// Moves one generation on, in exchange for a current refresh token. The row names the key that signs now, so that
    /// the previous one can be retired; a replay is answered from the row too.
    ///
    /// # Errors
    ///
    /// [`TooOften`] when it moved on too often in the last minutes; the session stays as it is.
    pub fn advance(&mut self, rules: &RotationRules) -> Result<(), TooOften> {
        let rested_at = self.rested_at.max(rules.now).plus(REFRESH_EVERY);
        if rules.limited && self.exceeds_budget(rested_at, rules.now) {
            return Err(TooOften);
        }
        self.rested_at = rested_at.min(rules.now.plus(REFRESH_BUDGET));
        self.replays = 0;
        self.generation = self.generation.next();
        if *self.refresh_key != *rules.refresh_key {
            self.refresh_key = rules.refresh_key.to_string();
        }
        self.rotated_at = rules.now;
        self.last_seen_at = rules.now;
        self.expires_at = self.ends_at.min(rules.now.plus(rules.lifetime));
        self.covers(rules);
        Ok(())
    }

    /// Gives the current generation again, in exchange for the previous one.
    ///
    /// # Errors
    ///
    /// [`TooOften`] when that was done too often; the session stays as it is.
    pub fn replay(&mut self, rules: &RotationRules) -> Result<(), TooOften> {
        let since = rules.now.since(self.rotated_at).as_secs();
        if rules.limited && u64::from(self.replays) >= u64::from(REFRESHES_AT_ONCE) + since {
            return Err(TooOften);
        }
        self.replays = self.replays.saturating_add(1);
        self.covers(rules);
        Ok(())
    }

    /// Extends `accepted_until` to cover an access token issued now.
    fn covers(&mut self, rules: &RotationRules) {
        self.accepted_until = self.accepted_until.max(rules.now.plus(rules.accepted_for));
    }

    /// Whether a refresh now would be one too many. A rest longer than refreshes can add up to comes from a clock that
    /// was wrong, and keeps nobody out.
    fn exceeds_budget(&self, rested_at: Timestamp, now: Timestamp) -> bool {
        rested_at > now.plus(REFRESH_BUDGET) && self.rested_at <= now.plus(REFRESH_BUDGET)
    }

    /// Decides what presenting a refresh token means at `now`.
    #[must_use]
    pub fn verdict(&self, presented: &Presented, now: Timestamp, grace: Duration) -> Verdict {
        if !self.proves(presented) || self.client() != presented.client {
            return Verdict::Forged;
        }
        if self.ended.is_some() {
            return Verdict::Ended;
        }
        if now >= self.expires_at {
            return Verdict::Expired;
        }
        if presented.generation == self.generation {
            Verdict::Current
        } else if presented.generation > self.generation {
            Verdict::AheadOfRow
        } else if presented.generation.next() == self.generation && now < self.rotated_at.plus(grace) {
            Verdict::Replay
        } else {
            Verdict::Reuse
        }
    }
}

/// The longest rest of a session: that of one refreshed as often as allowed at once.
const REFRESH_BUDGET: Duration = REFRESH_EVERY.saturating_mul(REFRESHES_AT_ONCE);

#[cfg(test)]
mod tests;
