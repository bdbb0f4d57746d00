use std::{convert::Infallible, sync::Arc};

use axum::extract::{FromRequestParts, OriginalUri};
use http::{Uri, request::Parts};

use crate::{
    http::App,
    model::{brand::Brand, locale::Locale, time::Timestamp},
    pages::{own_path::OwnPath, texts::Texts},
};

/// Whoever looks at a page, signed in or not.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Reader {
    pub(in crate::pages) brand: Arc<Brand>,
    pub(in crate::pages) language: Locale,
    /// The page's own path: where its forms lead back to.
    pub(in crate::pages) path: OwnPath,
    pub(in crate::pages) now: Timestamp,
}

impl Reader {
    pub(in crate::pages) fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    pub(in crate::pages) fn of(parts: &Parts, app: &App) -> Self {
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |uri| &uri.0);
        let brand = parts.extensions.get::<Arc<Brand>>();
        Self {
            brand: brand.cloned().unwrap_or_else(|| Arc::new(Brand::of(""))),
            language: Locale::wanted(&parts.headers),
            path: own_path(uri),
            now: app.service.clock().now().into(),
        }
    }
}

fn own_path(uri: &Uri) -> OwnPath {
    let path = uri.path_and_query().map(http::uri::PathAndQuery::as_str);
    path.and_then(OwnPath::parse).unwrap_or_default()
}

impl FromRequestParts<App> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app))
    }
}
