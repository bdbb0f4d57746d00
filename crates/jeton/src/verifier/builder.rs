use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::keys::Keys;
use super::rules::Rules;
use crate::claims::registered_name;
use crate::{DEFAULT_MAX_SIZE, KeySet, Verifier};

/// Marks a choice that still has to be made.
#[derive(Clone, Copy, Debug)]
pub enum Undecided {}

/// Marks a choice that has been made.
#[derive(Clone, Copy, Debug)]
pub enum Decided {}

/// Decides what a [`Verifier`] asks of tokens. `I` and `A` say whether issuer and audience were decided;
/// [`build`](VerifierBuilder::build) exists once both were.
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
            issuers: None,
            audiences: None,
            leeway: Duration::from_secs(30),
            max_age: None,
            max_size: DEFAULT_MAX_SIZE,
            required: Vec::new(),
            required_registered: Vec::new(),
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
    /// How far clocks may differ: 30 seconds unless set.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.rules.leeway = leeway;
        self
    }

    /// The token must have this claim, registered or not.
    pub fn require(mut self, claim: impl Into<String>) -> Self {
        let claim = claim.into();
        match registered_name(&claim) {
            Some(name) => self.rules.required_registered.push(name),
            None => self.rules.required.push(claim.into()),
        }
        self
    }

    /// Tokens must have been issued at most this long ago, so `iat` is required.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.rules.max_age = Some(age);
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
