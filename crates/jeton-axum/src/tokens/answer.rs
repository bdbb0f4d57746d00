//! The cookies of an answer that signs somebody in or out.

use std::convert::Infallible;

use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, SET_COOKIE},
};

use super::issued::Issued;
use crate::cookies::{Cookie, CookieError, CookieMode, Cookies};

/// `Set-Cookie` lines, put on an answer by standing before its body. They are added to those that are there, and
/// nothing on the way may store the answer.
///
/// ```
/// use axum::response::{IntoResponse, Redirect};
/// use jeton_axum::{SetCookies, cookies::CookieMode};
///
/// async fn sign_out() -> impl IntoResponse {
///     (CookieMode::Host.signed_out(), Redirect::to("/"))
/// }
/// let own: SetCookies = ["theme=dark".parse().unwrap()].into_iter().collect();
/// assert_eq!((own, "kept").into_response().headers()["set-cookie"], "theme=dark");
/// ```
#[derive(Clone, Debug, Default)]
pub struct SetCookies {
    lines: Vec<HeaderValue>,
}

impl Cookies {
    /// The cookies of somebody who signs in, or refreshes: the access token's and, where they are given, the refresh
    /// token's and the CSRF token's. Each token's cookie lasts as long as the token, the CSRF cookie as long as the
    /// longest.
    ///
    /// ```
    /// use axum::response::{IntoResponse, Redirect};
    /// use jeton_axum::{Identity, NotIssued, Tokens, cookies::Cookies, csrf::Csrf};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    ///
    /// fn signed_in(
    ///     tokens: &Tokens<Access>, cookies: &Cookies, csrf: &Csrf, user: &impl Identity<Access>, session: &str,
    /// ) -> Result<impl IntoResponse, NotIssued> {
    ///     let access = tokens.access_token(user).create()?;
    ///     let refresh = tokens.refresh_token(user).create()?;
    ///     let proof = csrf.new_token(session.as_bytes())?;
    ///     Ok((cookies.signed_in(&access, Some(&refresh), Some(&proof))?, Redirect::to("/")))
    /// }
    /// ```
    pub fn signed_in(
        &self,
        access: &Issued,
        refresh: Option<&Issued>,
        csrf: Option<&str>,
    ) -> Result<SetCookies, CookieError> {
        let tokens = [
            Some((Cookie::Access, access)),
            refresh.map(|token| (Cookie::Refresh, token)),
        ];
        let tokens = tokens.into_iter().flatten();
        let longest = tokens.clone().map(|(_, token)| token.lifetime).max();
        let tokens = tokens.map(|(cookie, token)| self.set(cookie, &token.text, token.lifetime));
        let csrf = csrf.map(|csrf| self.set(Cookie::Csrf, csrf, longest.unwrap_or_default()));
        tokens.chain(csrf).collect()
    }

    /// The `Set-Cookie` lines of somebody who signs out: their browser forgets the three cookies.
    ///
    /// ```
    /// # use axum::response::{IntoResponse, Redirect};
    /// # use jeton_axum::cookies::Cookies;
    /// fn sign_out(cookies: &Cookies) -> impl IntoResponse {
    ///     (cookies.signed_out(), Redirect::to("/"))
    /// }
    /// ```
    #[must_use]
    pub fn signed_out(&self) -> SetCookies {
        self.clear().collect()
    }
}

impl CookieMode {
    /// The cookies of somebody who signs in; see [`Cookies::signed_in`].
    ///
    /// ```
    /// # use axum::response::IntoResponse;
    /// # use jeton_axum::{Identity, NotIssued, Tokens, claims::Jeton, cookies::CookieMode};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Access {}
    /// # impl jeton::Claims for Access { const TYP: &'static str = "at+jwt"; }
    /// fn signed_in(tokens: &Tokens<Access>, user: &impl Identity<Access>) -> Result<impl IntoResponse, NotIssued> {
    ///     let access = tokens.access_token(user).create()?;
    ///     Ok((CookieMode::Host.signed_in(&access, None, None)?, "Welcome"))
    /// }
    /// ```
    pub fn signed_in(
        self,
        access: &Issued,
        refresh: Option<&Issued>,
        csrf: Option<&str>,
    ) -> Result<SetCookies, CookieError> {
        Cookies::from(self).signed_in(access, refresh, csrf)
    }

    /// The `Set-Cookie` lines of somebody who signs out: their browser forgets the three cookies.
    ///
    /// ```
    /// # use axum::response::IntoResponse;
    /// # use jeton_axum::cookies::CookieMode;
    /// let answer = (CookieMode::Host.signed_out(), "bye").into_response();
    /// assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 3);
    /// ```
    #[must_use]
    pub fn signed_out(self) -> SetCookies {
        Cookies::from(self).signed_out()
    }
}

impl FromIterator<HeaderValue> for SetCookies {
    fn from_iter<I: IntoIterator<Item = HeaderValue>>(lines: I) -> Self {
        let lines = lines.into_iter().collect();
        Self { lines }
    }
}

/// The lines alone, as [`Auth::renewal`](crate::Auth::renewal) takes them.
impl IntoIterator for SetCookies {
    type Item = HeaderValue;
    type IntoIter = std::vec::IntoIter<HeaderValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.lines.into_iter()
    }
}

impl IntoResponseParts for SetCookies {
    type Error = Infallible;

    fn into_response_parts(self, mut answer: ResponseParts) -> Result<ResponseParts, Infallible> {
        let headers = answer.headers_mut();
        headers.extend(self.lines.into_iter().map(|line| (SET_COOKIE, line)));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(answer)
    }
}

impl IntoResponse for SetCookies {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}
