//! The options of a guard.

use std::{sync::Arc, time::Duration};

use axum::response::Response;
use http::HeaderValue;
use jeton::{Claims, Verified};

use super::{Auth, CsrfRule, NewCookies, Renewal};
use crate::{
    cache::Cache,
    csrf::Csrf,
    location::TokenLocation,
    policy::Policy,
    rejection::Rejection,
    revocation::{Blocklist, Revocations},
    sign_in::SignInPage,
};

impl<C> Auth<C> {
    /// Asks this list about every token that verifies.
    ///
    /// ```
    /// # use jeton_axum::{Auth, MemoryBlocklist, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// let list = MemoryBlocklist::new();
    /// let auth = auth.revocations(list.clone());
    /// # auth
    /// # }
    /// ```
    #[must_use]
    pub fn revocations(self, revocations: impl Revocations<C>) -> Self {
        self.with(|rules| rules.revocations = Some(Arc::new(revocations)))
    }

    /// Asks this list, which may have to be waited for, about every token that verifies.
    ///
    /// ```
    /// # use jeton::Verified;
    /// # use jeton_axum::{Auth, Blocklist, TokenStatus, claims::Jeton};
    /// # struct Database;
    /// # impl Database { async fn is_revoked(&self, _: Option<&str>) -> bool { false } }
    /// impl Blocklist<Jeton> for Database {
    ///     async fn status(&self, token: &Verified<Jeton>) -> TokenStatus {
    ///         if self.is_revoked(token.id()).await { TokenStatus::Revoked } else { TokenStatus::Live }
    ///     }
    /// }
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// let auth = auth.blocklist(Database);
    /// # auth
    /// # }
    /// ```
    #[must_use]
    pub fn blocklist(self, blocklist: impl Blocklist<C>) -> Self
    where
        C: Send + Sync + 'static,
    {
        self.with(|rules| rules.blocklist = Some(Arc::new(blocklist)))
    }

    /// Asks this policy of every token that verifies, on routes where a token is optional too.
    ///
    /// ```
    /// # use jeton_axum::{Auth, HasRole, Role, claims::Jeton};
    /// struct Staff;
    /// impl Role for Staff {
    ///     type Claims = Jeton;
    ///     const NAME: &'static str = "staff";
    /// }
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// let auth = auth.always::<HasRole<Staff>>();
    /// # auth
    /// # }
    /// ```
    #[must_use]
    pub fn always<P: Policy<Claims = C>>(self) -> Self {
        self.with(|rules| rules.always = Some(P::allows))
    }

    /// Lets revoked tokens pass: for the few routes that need no more than to know who someone was.
    ///
    /// ```
    /// # use axum::{Router, routing::get};
    /// # use jeton_axum::{Auth, Bearer, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Router {
    /// let farewell = Router::new()
    ///     .route("/farewell", get(async |_: Bearer<Jeton>| "You were signed out."))
    ///     .route_layer(auth.clone().skip_revocations().guard());
    /// # farewell.with_state(auth)
    /// # }
    /// ```
    #[must_use]
    pub fn skip_revocations(self) -> Self {
        self.with(|rules| {
            rules.revocations = None;
            rules.blocklist = None;
        })
    }

    /// Remembers up to so many verified tokens by their exact text, so that the next request with one costs
    /// no signature check. All guards made from this one share them.
    ///
    /// A remembered token is still asked about everything that may have changed: whether the keys were
    /// replaced, what the verifier [looks at again](jeton::Verifier::recheck_at), and the revocations.
    ///
    /// Each takes its text, its claims and about 300 bytes. Tokens that need no second look are handed out
    /// shared, not copied.
    ///
    /// ```
    /// # use jeton_axum::{Auth, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// let auth = auth.cached(10_000);
    /// # auth
    /// # }
    /// ```
    #[must_use]
    pub fn cached(self, tokens: usize) -> Self
    where
        C: Claims,
    {
        self.with(|rules| rules.cache = Some(Arc::new(Cache::new(tokens))))
    }

    /// Looks for tokens here, in this order, instead of in the `Authorization` header alone.
    ///
    /// A guard that knows of cookies alone challenges nobody: no `WWW-Authenticate` asks a browser for a cookie.
    ///
    /// ```
    /// # use jeton_axum::{Auth, TokenLocation, claims::Jeton, cookies::{Cookie, CookieMode}};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// let session = TokenLocation::cookie(CookieMode::Host.name(Cookie::Access));
    /// let auth = auth.locations([TokenLocation::header(), session]);
    /// # auth
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// While the application is set up, if no request could bring a token: there is no location, or one without a
    /// name, or a header whose scheme is no single word, or empty without [`or_bare`](TokenLocation::or_bare).
    #[must_use]
    pub fn locations(self, locations: impl IntoIterator<Item = TokenLocation>) -> Self {
        let locations: Arc<[_]> = locations.into_iter().collect();
        assert!(
            !locations.is_empty(),
            "Auth::locations: without a location no request can bring a token"
        );
        locations.iter().for_each(TokenLocation::assert_useful);
        let only_cookies = locations.iter().all(|location| location.cookie_name().is_some());
        self.with(|rules| {
            rules.locations = locations;
            Arc::make_mut(&mut rules.answers).challenges = !only_cookies;
        })
    }

    /// Lets cookies authenticate requests that change something, if those carry a CSRF token of the session
    /// that `session` reads from the token.
    ///
    /// Without this, a token from a cookie is good for GET, HEAD, OPTIONS and TRACE only. A token for which
    /// `session` answers `None` is too.
    ///
    /// ```
    /// # use jeton_axum::{Auth, claims::Jeton, csrf::Csrf};
    /// # fn example(auth: Auth<Jeton>, csrf: Csrf) -> Auth<Jeton> {
    /// let auth = auth.csrf(csrf, |token| token.claims().sid.as_deref().map(str::as_bytes));
    /// # auth
    /// # }
    /// ```
    #[must_use]
    pub fn csrf(
        self,
        csrf: Csrf,
        session: impl Fn(&Verified<C>) -> Option<&[u8]> + Send + Sync + 'static,
    ) -> Self {
        self.with(|rules| {
            rules.csrf = Some(Arc::new(CsrfRule::Asked {
                csrf: Box::new(csrf),
                session: Box::new(session),
            }));
        })
    }

    /// Lets cookies authenticate every request, without a CSRF token.
    ///
    /// Any page on the web can then have its visitors' browsers send requests that change something here.
    /// This is bearable only where something else tells such requests apart: `SameSite=Strict` cookies, or
    /// a check of `Origin` in front.
    ///
    /// ```
    /// # use jeton_axum::{Auth, TokenLocation, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// // The cookie is `SameSite=Strict`, and a proxy in front compares `Origin`.
    /// let auth = auth.locations([TokenLocation::cookie("session")]).danger_without_csrf();
    /// # auth
    /// # }
    /// ```
    #[must_use]
    pub fn danger_without_csrf(self) -> Self {
        self.with(|rules| rules.csrf = Some(Arc::new(CsrfRule::NotAsked)))
    }

    /// Holds back at most so many bytes of a body that may have a token in it; 2 MiB unless set, as axum
    /// does. A larger body is answered with 413.
    ///
    /// ```
    /// # use jeton_axum::{Auth, TokenLocation, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// let auth = auth.locations([TokenLocation::json("token")]).body_limit(64 * 1024);
    /// # auth
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// While the application is set up, if `bytes` is zero: every body would be too large.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        assert!(bytes > 0, "Auth::body_limit: no body fits into zero bytes");
        self.with(|rules| rules.body_limit = bytes)
    }

    /// Renews tokens that came in a cookie and have less than `within` to live, after the handler is done
    /// and below [`guard`](Self::guard): `renew` gives the `Set-Cookie` values of what takes their place, or
    /// none.
    ///
    /// `renew` is asked only for an answer that is no error, that does not set or clear that cookie itself, and
    /// for a token that is still not revoked by then: who logs out stays logged out. Give the new token the
    /// old one's session, so that ending the session ends it as well.
    ///
    /// Where the guard's layer is missing over a route, requests with a token get 500 `guard_missing`: they would
    /// never be renewed.
    ///
    /// # Panics
    ///
    /// While the application is set up, if `within` is zero, since no token would be renewed then; and
    /// [`guard`](Self::guard) does if no location is a cookie.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use jeton::{Issuer, Verified};
    /// # use jeton_axum::{Auth, Clock, SystemClock, cookies::{Cookie, CookieMode}};
    /// # #[derive(Clone, serde::Serialize, serde::Deserialize)] struct Access { sid: String }
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// # fn example(auth: Auth<Access>, issuer: std::sync::Arc<Issuer<Access>>) -> Auth<Access> {
    /// auth.renewal(Duration::from_mins(5), move |old| {
    ///     let issuer = issuer.clone();
    ///     async move {
    ///         let subject = old.subject().unwrap_or_default();
    ///         let token = issuer.issue_at(subject, "api", old.claims().clone(), SystemClock.now());
    ///         let cookie = |token: String| CookieMode::Host.set(Cookie::Access, &token, Duration::from_mins(15));
    ///         token.ok().and_then(|token| cookie(token).ok()).into_iter().collect()
    ///     }
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn renewal<F, Fut>(self, within: Duration, renew: F) -> Self
    where
        F: Fn(Arc<Verified<C>>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Vec<HeaderValue>> + Send + 'static,
    {
        assert!(
            !within.is_zero(),
            "Auth::renewal: within zero seconds nothing is renewed"
        );
        let renew = Box::new(move |token| Box::pin(renew(token)) as NewCookies);
        self.with(|rules| rules.renewal = Some(Arc::new(Renewal { within, renew })))
    }

    /// Marks answers, below [`guard`](Self::guard), when the request's token has less than `within` to
    /// live: in the header `X-Token-Expires-In`, in whole seconds. For clients that ask before they log out.
    ///
    /// Where the guard's layer is missing over a route, requests with a token get 500 `guard_missing`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use axum::{Router, routing::get};
    /// # use jeton_axum::{Auth, Bearer, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Router {
    /// let auth = auth.hints(Duration::from_mins(3));
    /// Router::new()
    ///     .route("/me", get(async |_: Bearer<Jeton>| "…"))
    ///     .route_layer(auth.guard())              // X-Token-Expires-In: 170
    ///     .with_state(auth)
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// While the application is set up, if `within` is zero: no answer would have a hint.
    #[must_use]
    pub fn hints(self, within: Duration) -> Self {
        assert!(
            !within.is_zero(),
            "Auth::hints: within zero seconds nothing is hinted"
        );
        self.with(|rules| rules.hints = Some(within))
    }

    /// Lets OPTIONS requests through [`require`](Self::require) without a token, for services behind it that
    /// answer CORS preflights themselves: browsers send those without credentials.
    ///
    /// Extractors still ask for a token. Not the default, because a route for any method, guarded by the
    /// layer alone, would run for everybody; and a CORS layer outside of the guard needs none of it.
    ///
    /// ```
    /// # use axum::{Router, routing::get};
    /// # use jeton_axum::{Auth, SignedIn, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>, behind: Router) -> Router {
    /// Router::new()
    ///     .nest("/api", behind)
    ///     .layer(auth.exempt_options().require::<SignedIn<Jeton>>())
    /// # }
    /// ```
    #[must_use]
    pub fn exempt_options(self) -> Self {
        self.with(|rules| rules.exempt_options = true)
    }

    /// The protection space named in challenges (RFC 9110 §11.5); `api` unless set.
    ///
    /// Printable ASCII without quotes and backslashes; other characters are sent as `?`.
    ///
    /// ```
    /// # use jeton_axum::{Auth, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// let auth = auth.realm("notes");             // WWW-Authenticate: Bearer realm="notes"
    /// # auth
    /// # }
    /// ```
    #[must_use]
    pub fn realm(self, realm: impl Into<String>) -> Self {
        self.with(|rules| Arc::make_mut(&mut rules.answers).realm = realm.into())
    }

    /// Writes the body of every refusal.
    ///
    /// Status, `WWW-Authenticate` and `Cache-Control: no-store` are put on the answer afterwards, whatever
    /// it says itself, so that no body can forget them.
    ///
    /// ```
    /// # use axum::{Json, response::IntoResponse};
    /// # use jeton_axum::{Auth, claims::Jeton};
    /// # fn example(auth: Auth<Jeton>) -> Auth<Jeton> {
    /// let auth = auth.rejections(|rejection| {
    ///     Json(serde_json::json!({ "code": rejection.code(), "detail": rejection.message() })).into_response()
    /// });
    /// # auth
    /// # }
    /// ```
    #[must_use]
    pub fn rejections(self, body: impl Fn(&Rejection) -> Response + Send + Sync + 'static) -> Self {
        self.with(|rules| Arc::make_mut(&mut rules.answers).body = Some(Arc::new(body)))
    }

    /// Sends people whose browser asks for a page without a good token, or with a sign-in that is too old, to this page
    /// of the site, with where they were going behind it: `303` to `/sign-in?return_to=%2Fnotes`. Scripts and forms get
    /// their 401 as ever.
    ///
    /// A navigation is a GET or HEAD with `Sec-Fetch-Mode: navigate`, or, from browsers that do not say, with
    /// `Accept: text/html`. The page reads `return_to` as a [`ReturnTo`](crate::ReturnTo), which cannot lead to another
    /// site. Leave the page itself unguarded.
    ///
    /// ```
    /// use axum::{Router, extract::Query, response::Html, routing::get};
    /// use jeton_axum::{Auth, Bearer, ReturnTo, TokenLocation};
    /// # #[derive(serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Asked { #[serde(default)] return_to: ReturnTo }
    ///
    /// async fn sign_in(Query(asked): Query<Asked>) -> Html<String> {
    ///     let return_to = asked.return_to.as_str().replace('&', "&amp;").replace('\'', "&#39;");
    ///     Html(format!("<form method='post'><input type='hidden' name='return_to' value='{return_to}'>…</form>"))
    /// }
    /// # fn example(auth: Auth<Access>) -> Router {
    /// let auth = auth.locations([TokenLocation::cookie("session")]).sign_in_page("/sign-in");
    /// Router::new()
    ///     .route("/notes", get(async |_: Bearer<Access>| "your notes"))
    ///     .route("/sign-in", get(sign_in))
    ///     .with_state(auth)
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// While the application is set up, if `page` is no path of this site.
    #[must_use]
    pub fn sign_in_page(self, page: impl Into<String>) -> Self {
        let page = SignInPage::new(page.into());
        self.with(|rules| Arc::make_mut(&mut rules.answers).sign_in = Some(page))
    }
}
