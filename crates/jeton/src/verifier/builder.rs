use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::keys::Keys;
use super::rules::{Cutoff, Hook, Profile, Rules};
use crate::claims::{Registered, registered_name};
use crate::{DEFAULT_MAX_SIZE, KeySet, Verifier};

/// How far the clocks of issuer and verifier may differ unless [`leeway`](VerifierBuilder::leeway) says otherwise: 30
/// seconds.
///
/// ```
/// use std::time::Duration;
/// use jeton::DEFAULT_LEEWAY;
///
/// // A token with `exp` at noon is accepted for so long after it.
/// assert_eq!(DEFAULT_LEEWAY, Duration::from_secs(30));
/// ```
pub const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);

/// Marks a choice that still has to be made.
///
/// ```
/// # let keys = jeton::KeySet::default();
/// use jeton::{Decided, Undecided, VerifierBuilder};
///
/// let begun: VerifierBuilder<Undecided, Undecided> = jeton::Verifier::builder(keys);
/// let half: VerifierBuilder<Decided, Undecided> = begun.issuer("https://id.example");
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Undecided {}

/// Marks a choice that has been made.
///
/// ```
/// # let keys = jeton::KeySet::default();
/// use jeton::{Decided, Undecided, VerifierBuilder};
///
/// let begun: VerifierBuilder<Undecided, Undecided> = jeton::Verifier::builder(keys);
/// let half: VerifierBuilder<Decided, Undecided> = begun.issuer("https://id.example");
/// ```
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
            leeway: DEFAULT_LEEWAY,
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
    ///
    /// ```
    /// # let keys = jeton::KeySet::default();
    /// let verifier = jeton::Verifier::builder(keys).issuer("https://id.example").audience("api").build();
    /// ```
    pub fn issuer(self, issuer: impl Into<String>) -> VerifierBuilder<Decided, A> {
        self.issuers([issuer])
    }

    /// Tokens must be from one of these issuers.
    ///
    /// ```
    /// # let keys = jeton::KeySet::default();
    /// let verifier = jeton::Verifier::builder(keys).issuers(["https://id.example", "https://old.example"]).audience("api").build();
    /// ```
    pub fn issuers(
        mut self,
        issuers: impl IntoIterator<Item = impl Into<String>>,
    ) -> VerifierBuilder<Decided, A> {
        self.rules.issuers = Some(boxed(issuers));
        self.decide()
    }

    /// Tokens may be from anyone whose key is in the set, and need not say from whom.
    ///
    /// ```
    /// # let keys = jeton::KeySet::default();
    /// let verifier = jeton::Verifier::builder(keys).any_issuer().audience("api").build();
    /// ```
    pub fn any_issuer(self) -> VerifierBuilder<Decided, A> {
        self.decide()
    }
}

impl<I> VerifierBuilder<I, Undecided> {
    /// Tokens must be for this audience: `aud` is it or holds it.
    ///
    /// ```
    /// # let keys = jeton::KeySet::default();
    /// let verifier = jeton::Verifier::builder(keys).issuer("https://id.example").audience("api").build();
    /// ```
    pub fn audience(self, audience: impl Into<String>) -> VerifierBuilder<I, Decided> {
        self.audiences([audience])
    }

    /// Tokens must be for at least one of these audiences.
    ///
    /// ```
    /// # let keys = jeton::KeySet::default();
    /// let verifier = jeton::Verifier::builder(keys).issuer("https://id.example").audiences(["api", "shop"]).build();
    /// ```
    pub fn audiences(
        mut self,
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> VerifierBuilder<I, Decided> {
        self.rules.audiences = Some(boxed(audiences));
        self.decide()
    }

    /// Tokens may be for anyone, and need not say for whom.
    ///
    /// ```
    /// # let keys = jeton::KeySet::default();
    /// let verifier = jeton::Verifier::builder(keys).issuer("https://id.example").any_audience().build();
    /// ```
    pub fn any_audience(self) -> VerifierBuilder<I, Decided> {
        self.decide()
    }
}

impl<I, A> VerifierBuilder<I, A> {
    /// The rules of the kind of token's own standard, in addition to everything else.
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.profile(jeton::Profile::AccessToken).build();
    /// ```
    pub fn profile(mut self, profile: Profile) -> Self {
        self.rules.profile = Some(profile);
        let required: &[&str] = match profile {
            Profile::Jwt => &[],
            Profile::AccessToken => &["iss", "exp", "aud", "sub", "client_id", "iat", "jti"],
            Profile::IdToken => &["iss", "sub", "aud", "exp", "iat"],
        };
        required.iter().fold(self, |builder, name| builder.require(*name))
    }

    /// How far clocks may differ: [`DEFAULT_LEEWAY`] unless set.
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.leeway(std::time::Duration::from_secs(5)).build();
    /// ```
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.rules.leeway = leeway;
        self
    }

    /// Tokens must have this claim, registered or not.
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.require("jti").require("scope").build();
    /// ```
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
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.max_age(std::time::Duration::from_hours(1)).build();
    /// ```
    pub fn max_age(mut self, age: Duration) -> Self {
        self.rules.max_age = Some(age);
        self
    }

    /// Tokens must be about this subject.
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.subject("user-1").build();
    /// ```
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.rules.subject = Some(subject.into().into());
        self
    }

    /// The token must be the one with this `jti`.
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.id("42").build();
    /// ```
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.rules.id = Some(id.into().into());
        self
    }

    /// A claim that is not a registered one must be exactly this text, such as the `nonce` of an ID token.
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.expect("nonce", "n-0S6_WzA2Mj").build();
    /// ```
    pub fn expect(mut self, claim: impl Into<String>, text: impl Into<String>) -> Self {
        self.rules
            .expected
            .push((claim.into().into(), text.into().into()));
        self
    }

    /// Tokens of a subject issued before the time the function names for it are refused: how one logs
    /// somebody out everywhere. `iat` counts whole seconds, so a time within a second refuses all of it.
    /// `sub` is required, and `iat` for subjects that have such a time.
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.not_before(|subject| (subject == "user-1").then(std::time::SystemTime::now)).build();
    /// ```
    pub fn not_before(mut self, since: impl Fn(&str) -> Option<SystemTime> + Send + Sync + 'static) -> Self {
        self.rules.not_before = Some(Cutoff(Arc::new(since)));
        self
    }

    /// A check of the application's own over the registered claims, made after all others; it may be called several
    /// times. For the other claims see [`Claims::check`](crate::Claims::check).
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.check(|token| if token.id().is_some() { Ok(()) } else { Err("it cannot be revoked".into()) }).build();
    /// ```
    pub fn check(
        mut self,
        check: impl Fn(&Registered<'_>) -> Result<(), Cow<'static, str>> + Send + Sync + 'static,
    ) -> Self {
        self.rules.hooks.push(Hook(Arc::new(check)));
        self
    }

    /// The longest token that is read, in bytes: [`DEFAULT_MAX_SIZE`] unless set.
    ///
    /// ```
    /// # let builder = jeton::Verifier::builder(jeton::KeySet::default()).any_issuer().any_audience();
    /// let verifier = builder.max_size(64 * 1024).build();
    /// ```
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

impl<I, A> VerifierBuilder<I, A> {
    /// The verifier.
    ///
    /// ```
    /// # let keys = jeton::KeySet::default();
    /// let verifier = jeton::Verifier::builder(keys).any_issuer().audience("api").build();
    /// ```
    #[must_use]
    pub fn build(self) -> Verifier
    where
        I: IssuerDecided,
        A: AudienceDecided,
    {
        Verifier {
            rules: Arc::new(self.rules),
            keys: Arc::new(Keys::new(self.keys)),
        }
    }
}

/// The mark of a [`VerifierBuilder`] whose issuer was decided.
///
/// ```
/// fn build<I: jeton::IssuerDecided>(builder: jeton::VerifierBuilder<I>) -> jeton::Verifier {
///     builder.audience("api").build()
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the verifier does not know from whom tokens have to be",
    label = "its issuer is not decided",
    note = "call `.issuer(\"https://id.example\")`, or `.any_issuer()` if the keys alone decide"
)]
pub trait IssuerDecided {}

/// The mark of a [`VerifierBuilder`] whose audience was decided.
///
/// ```
/// fn build<A: jeton::AudienceDecided>(
///     builder: jeton::VerifierBuilder<jeton::Undecided, A>,
/// ) -> jeton::Verifier {
///     builder.any_issuer().build()
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the verifier does not know for whom tokens have to be",
    label = "its audience is not decided",
    note = "call `.audience(\"api\")`, or `.any_audience()` if tokens for others are good too"
)]
pub trait AudienceDecided {}

impl IssuerDecided for Decided {}
impl AudienceDecided for Decided {}

fn boxed(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<Box<str>> {
    texts.into_iter().map(|text| text.into().into()).collect()
}
