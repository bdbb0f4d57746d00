use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::keys::Keys;
use super::rules::{Cutoff, Hook, Profile, Rules};
use crate::claims::{Registered, registered_name};
use crate::{DEFAULT_MAX_SIZE, KeySet, Verifier};

/// Marks a choice that still has to be made.
#[derive(Clone, Copy, Debug)]
pub enum Undecided {}

/// Marks a choice that has been made.
#[derive(Clone, Copy, Debug)]
pub enum Decided {}

/// Decides what a [`Verifier`] asks of tokens. `I` and `A` say whether issuer and audience were decided;
/// [`build`](VerifierBuilder::build) exists once both were. What is asked for is required: a token without
/// the claim is refused.
///
/// ```compile_fail
/// # fn forgotten(keys: jeton::KeySet) -> jeton::Verifier {
/// jeton::Verifier::builder(keys).issuer("https://id.example").build() // which audience?
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder becomes a verifier by `build`"]
pub struct VerifierBuilder<I = Undecided, A = Undecided> {
    keys: KeySet,
    rules: Rules,
    decided: PhantomData<(I, A)>,
}

impl VerifierBuilder {
    pub(super) fn new(keys: KeySet) -> Self {
        let rules = Rules {
            profile: None,
            issuers: None,
            audiences: None,
            leeway: Duration::from_secs(30),
            max_age: None,
            max_size: DEFAULT_MAX_SIZE,
            required: Vec::new(),
            required_registered: Vec::new(),
            subject: None,
            id: None,
            expected: Vec::new(),
            hooks: Vec::new(),
            not_before: None,
        };
        Self {
            keys,
            rules,
            decided: PhantomData,
        }
    }
}

impl<A> VerifierBuilder<Undecided, A> {
    /// Tokens must be from this issuer: `iss` equals it, character by character.
    pub fn issuer(self, issuer: impl Into<String>) -> VerifierBuilder<Decided, A> {
        self.issuers([issuer])
    }

    /// Tokens must be from one of these issuers.
    pub fn issuers(
        mut self,
        issuers: impl IntoIterator<Item = impl Into<String>>,
    ) -> VerifierBuilder<Decided, A> {
        self.rules.issuers = Some(boxed(issuers));
        self.decide()
    }

    /// Tokens may be from anyone whose key is in the set, and need not say from whom.
    pub fn any_issuer(self) -> VerifierBuilder<Decided, A> {
        self.decide()
    }
}

impl<I> VerifierBuilder<I, Undecided> {
    /// Tokens must be for this audience: `aud` is it or holds it.
    pub fn audience(self, audience: impl Into<String>) -> VerifierBuilder<I, Decided> {
        self.audiences([audience])
    }

    /// Tokens must be for at least one of these audiences.
    pub fn audiences(
        mut self,
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> VerifierBuilder<I, Decided> {
        self.rules.audiences = Some(boxed(audiences));
        self.decide()
    }

    /// Tokens may be for anyone, and need not say for whom.
    pub fn any_audience(self) -> VerifierBuilder<I, Decided> {
        self.decide()
    }
}

impl<I, A> VerifierBuilder<I, A> {
    /// What the kind of token asks for by its own standard, in addition to everything else.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.rules.profile = Some(profile);
        let required: &[&str] = match profile {
            Profile::Jwt => &[],
            Profile::AccessToken => &["iss", "exp", "aud", "sub", "client_id", "iat", "jti"],
            Profile::IdToken => &["iss", "sub", "aud", "exp", "iat"],
        };
        required.iter().fold(self, |builder, name| builder.require(*name))
    }

    /// How far clocks may differ: 30 seconds unless set.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.rules.leeway = leeway;
        self
    }

    /// Tokens must have this claim, registered or not.
    pub fn require(mut self, claim: impl Into<String>) -> Self {
        let claim = claim.into();
        match registered_name(&claim) {
            Some(name) => self.rules.required_registered.push(name),
            None if self.rules.required.iter().any(|known| **known == *claim) => {}
            None => self.rules.required.push(claim.into()),
        }
        self
    }

    /// Tokens must have been issued at most this long ago, so `iat` is required.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.rules.max_age = Some(age);
        self
    }

    /// Tokens must be about this subject.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.rules.subject = Some(subject.into().into());
        self
    }

    /// The token must be the one with this `jti`.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.rules.id = Some(id.into().into());
        self
    }

    /// A claim that is not a registered one must be exactly this text, such as the `nonce` of an ID token.
    pub fn expect(mut self, claim: impl Into<String>, text: impl Into<String>) -> Self {
        self.rules
            .expected
            .push((claim.into().into(), text.into().into()));
        self
    }

    /// Tokens of a subject issued before the time the function names for it are refused: how one logs
    /// somebody out everywhere. `iat` counts whole seconds, so a time within a second refuses all of it.
    /// `sub` is required, and `iat` for subjects that have such a time.
    pub fn not_before(mut self, since: impl Fn(&str) -> Option<SystemTime> + Send + Sync + 'static) -> Self {
        self.rules.not_before = Some(Cutoff(Arc::new(since)));
        self
    }

    /// A check of one's own over the registered claims, made after all others; it may be called several
    /// times. For the other claims see [`Claims::check`](crate::Claims::check).
    pub fn check(
        mut self,
        check: impl Fn(&Registered<'_>) -> Result<(), &'static str> + Send + Sync + 'static,
    ) -> Self {
        self.rules.hooks.push(Hook(Arc::new(check)));
        self
    }

    /// The longest token that is looked at, in bytes: [`DEFAULT_MAX_SIZE`] unless set.
    pub fn max_size(mut self, bytes: u32) -> Self {
        self.rules.max_size = bytes as usize;
        self
    }

    fn decide<J, B>(self) -> VerifierBuilder<J, B> {
        VerifierBuilder {
            keys: self.keys,
            rules: self.rules,
            decided: PhantomData,
        }
    }
}

impl VerifierBuilder<Decided, Decided> {
    /// The verifier.
    #[must_use]
    pub fn build(self) -> Verifier {
        Verifier {
            rules: Arc::new(self.rules),
            keys: Arc::new(Keys::new(self.keys)),
        }
    }
}

fn boxed(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<Box<str>> {
    texts.into_iter().map(|text| text.into().into()).collect()
}
