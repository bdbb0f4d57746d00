//! Style sheet, scripts and mark: in the binary, compressed once, under a path that changes with what is in them.

use std::{io::Write, sync::LazyLock};

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, StatusCode, header};

use crate::{http::ApiError, model::hex};

/// A file that pages load.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! assets {
    ($($name:literal: $type:expr,)+) => {
        const ALL: [Asset; [$($name),+].len()] = [$(Asset {
            name: $name,
            media_type: $type,
            bytes: include_bytes!(concat!("assets/", $name)),
        }),+];
    };
}

assets! {
    "style.css": CSS,
    "page.js": SCRIPT,
    "times.js": SCRIPT,
    "renewal.js": SCRIPT,
    "table.js": SCRIPT,
    "live.js": SCRIPT,
    "try.js": SCRIPT,
    "mark.svg": SVG,
    "computer.svg": SVG,
    "phone.svg": SVG,
    "program.svg": SVG,
}

/// The version that stands in every asset's path: the hash of them all. Scripts name each other by relative paths,
/// which stay within one version.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut all = Vec::new();
    for asset in &ALL {
        all.extend_from_slice(asset.name.as_bytes());
        all.extend_from_slice(digest(&SHA256, asset.bytes).as_ref());
    }
    hex::encode(&digest(&SHA256, &all).as_ref()[..8])
});

static COMPRESSED: LazyLock<[Vec<u8>; ALL.len()]> =
    LazyLock::new(|| std::array::from_fn(|index| compress(ALL[index].bytes)));

/// Serves an asset. One of another version is gone: a page that names it is older than this process and is loaded anew
/// by whoever looks at it.
pub(super) async fn serve(Path((version, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let found = ALL.iter().position(|asset| asset.name == name);
    let Some(index) = found.filter(|_| version == *VERSION) else {
        let gone = "There is no such file: the page that names it is of another release";
        return ApiError::new(StatusCode::NOT_FOUND, crate::http::ErrorCode::NotFound, gone).into_response();
    };
    let asset = &ALL[index];
    let kept = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ];
    if takes_gzip(&headers) {
        let encoded = [(header::CONTENT_ENCODING, "gzip")];
        (kept, encoded, COMPRESSED[index].as_slice()).into_response()
    } else {
        (kept, asset.bytes).into_response()
    }
}

pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING);
    accepted
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.split(',').any(|coding| coding.trim() == "gzip"))
}

/// Compressed as far as it goes. Writing to memory does not fail; if it did, the bytes would be too short to unpack and
/// a test would say so.
fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes);
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}
