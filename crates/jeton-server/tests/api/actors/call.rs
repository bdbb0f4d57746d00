use std::{
    fmt::Display,
    future::IntoFuture,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use hyper::body::Frame;
use jeton_server::http::address::Peer;
use serde_json::Value;

use super::{Reply, Server, browser::Jar};

/// Somebody who calls the service.
pub(crate) trait Actor {
    /// A request as this actor makes it, with what proves who they are.
    fn call(&self, method: Method, path: &str) -> Call;

    fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    fn post(&self, path: &str, body: &Value) -> Call {
        self.call(Method::POST, path).json(body)
    }

    fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }
}

/// A request about to be sent: await it for the reply.
#[derive(Clone)]
pub(crate) struct Call {
    server: Server,
    sent: Sent,
    peer: Option<Peer>,
    /// The body ends before its end.
    breaks_off: bool,
    /// Where the cookies of the reply go.
    jar: Option<Jar>,
}

/// What went over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(server: Server, method: Method, path: &str) -> Self {
        let sent = Sent {
            method,
            path: path.to_owned(),
            headers: HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost:5000"))]),
            body: Vec::new(),
        };
        Self {
            server,
            sent,
            peer: None,
            breaks_off: false,
            jar: None,
        }
    }

    pub(super) fn keeping_cookies(mut self, jar: Jar) -> Self {
        self.jar = Some(jar);
        self
    }

    /// Sets a header, in the place of any of that name.
    pub(crate) fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        self.sent.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// Adds a header beside those of its name.
    pub(crate) fn another_header(mut self, name: &'static str, value: &str) -> Self {
        self.sent.headers.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
        self
    }

    pub(crate) fn without(mut self, name: &'static str) -> Self {
        self.sent.headers.remove(name);
        self
    }

    pub(crate) fn bearer(self, token: impl Display) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn raw(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let content_type = HeaderValue::from_str(content_type).unwrap();
        self.sent.headers.insert(header::CONTENT_TYPE, content_type);
        self.sent.body = body.into();
        self
    }

    /// Has the connection end before the body does.
    pub(crate) fn breaking_off(mut self) -> Self {
        self.breaks_off = true;
        self
    }

    /// Has the request come over a network, from this address.
    pub(crate) fn from(mut self, address: &str) -> Self {
        self.peer = Some(Peer(address.parse().unwrap()));
        self
    }

    pub(crate) fn is_for(&self, path: &str) -> bool {
        self.sent.path == path
    }

    pub(crate) fn is_below(&self, path: &str) -> bool {
        self.sent.path.starts_with(path)
    }

    pub(super) fn into_request(self) -> (Sent, Request) {
        let body = self.sent.body.clone();
        let mut request = Request::new(if self.breaks_off {
            Body::new(BrokenOff(Some(body.into())))
        } else {
            Body::from(body)
        });
        *request.method_mut() = self.sent.method.clone();
        *request.uri_mut() = self.sent.path.parse().unwrap();
        request.headers_mut().clone_from(&self.sent.headers);
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        (self.sent, request)
    }
}

/// A body that fails after these bytes.
struct BrokenOff(Option<Bytes>);

impl HttpBody for BrokenOff {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let next = self.0.take().map(Frame::data);
        Poll::Ready(Some(next.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())))
    }
}

impl IntoFuture for Call {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (server, jar) = (self.server.clone(), self.jar.clone());
            let reply = server.answer(self).await;
            if let Some(jar) = jar {
                jar.keep(&reply.headers);
            }
            reply
        })
    }
}
