//! A request: how it is written onto the wire, and how it is told to a person.

use std::{fmt::Write as _, net::SocketAddr};

use super::{head::Header, people::Role};
use crate::random::Random;

pub struct Request {
    /// Which operation of the document it is for, if it still is for one.
    pub operation: Option<usize>,
    pub role: Role,
    pub method: String,
    pub target: String,
    pub headers: Vec<Header>,
    pub body: Vec<u8>,
    pub framing: Framing,
    /// Texts that no answer may repeat.
    pub secrets: Vec<String>,
    /// Whether its head is such that any server may refuse it.
    pub odd: bool,
}

/// How the head names its host and the body its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Length,
    Chunked,
    /// More is announced than comes.
    BrokenOff,
    BrokenChunk,
    /// The head itself has no end.
    HalfAHead,
    TwoLengths,
    LengthAndChunked,
    GzipThenChunked,
    ChunkedTwice,
    ChunkedThenOther,
    NegativeLength,
    Expect,
    NoHost,
    TwoHosts,
    OtherHost,
    OddHost,
    BareLineFeeds,
    Http10,
    Http20,
    FoldedHeader,
    SpaceBeforeColon,
}

const ODD: &[Framing] = &[
    Framing::Chunked,
    Framing::BrokenOff,
    Framing::BrokenChunk,
    Framing::HalfAHead,
    Framing::TwoLengths,
    Framing::LengthAndChunked,
    Framing::GzipThenChunked,
    Framing::ChunkedTwice,
    Framing::ChunkedThenOther,
    Framing::NegativeLength,
    Framing::Expect,
    Framing::NoHost,
    Framing::TwoHosts,
    Framing::OtherHost,
    Framing::OddHost,
    Framing::BareLineFeeds,
    Framing::Http10,
    Framing::Http20,
    Framing::FoldedHeader,
    Framing::SpaceBeforeColon,
];

impl Framing {
    pub fn choose(random: &mut Random) -> Self {
        if random.one_in(8) {
            *random.pick(ODD)
        } else {
            Self::Length
        }
    }

    /// Whether any server may refuse it.
    pub fn is_odd(self) -> bool {
        !matches!(
            self,
            Self::Length | Self::Chunked | Self::Expect | Self::OtherHost
        )
    }

    /// Whether it ends before its end, so that there need not be an answer.
    pub fn is_cut(self) -> bool {
        matches!(self, Self::BrokenOff | Self::BrokenChunk | Self::HalfAHead)
    }
}

impl Request {
    pub fn bytes(&self) -> Vec<u8> {
        let version = match self.framing {
            Framing::Http10 => "HTTP/1.0",
            Framing::Http20 => "HTTP/2.0",
            _ => "HTTP/1.1",
        };
        let mut bytes = format!("{} {} {version}\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.head_lines() {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(if self.framing == Framing::SpaceBeforeColon {
                b" : "
            } else {
                b": "
            });
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        match self.framing {
            Framing::HalfAHead => return bytes,
            Framing::FoldedHeader => bytes.extend_from_slice(b"x-folded: a\r\n b\r\n"),
            _ => {}
        }
        bytes.extend_from_slice(b"\r\n");
        if self.framing == Framing::BareLineFeeds {
            bytes.retain(|byte| *byte != b'\r');
        }
        bytes.extend_from_slice(&self.framed_body());
        bytes
    }

    fn head_lines(&self) -> Vec<Header> {
        let line = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        let mut lines = match self.framing {
            Framing::NoHost => vec![],
            Framing::TwoHosts => vec![line("host", "localhost"), line("host", "evil.example")],
            Framing::OtherHost => vec![line("host", "evil.example:81")],
            Framing::OddHost => vec![line("host", "a b/c@\"")],
            _ => vec![line("host", "localhost")],
        };
        lines.extend(self.headers.iter().cloned());
        let length = self.body.len();
        let lengths = match self.framing {
            Framing::Chunked | Framing::BrokenChunk => vec![line("transfer-encoding", "chunked")],
            Framing::BrokenOff => vec![line("content-length", &(length + 10).to_string())],
            Framing::TwoLengths => {
                vec![
                    line("content-length", &length.to_string()),
                    line("content-length", &(length + 1).to_string()),
                ]
            }
            Framing::LengthAndChunked => {
                vec![
                    line("content-length", &length.to_string()),
                    line("transfer-encoding", "chunked"),
                ]
            }
            Framing::GzipThenChunked => vec![line("transfer-encoding", "gzip, chunked")],
            Framing::ChunkedTwice => {
                vec![
                    line("transfer-encoding", "chunked"),
                    line("transfer-encoding", "chunked"),
                ]
            }
            Framing::ChunkedThenOther => vec![line("transfer-encoding", "chunked, identity")],
            Framing::NegativeLength => vec![line("content-length", "-1")],
            Framing::Expect => {
                vec![
                    line("content-length", &length.to_string()),
                    line("expect", "100-continue"),
                ]
            }
            _ if length == 0 && self.method == "GET" => vec![],
            _ => vec![line("content-length", &length.to_string())],
        };
        lines.extend(lengths);
        lines
    }

    fn framed_body(&self) -> Vec<u8> {
        let chunked = |ended: bool| {
            let mut bytes = Vec::new();
            for chunk in self.body.chunks(1000) {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(if ended { b"0\r\n\r\n" } else { b"ffffffffff\r\na" });
            bytes
        };
        match self.framing {
            Framing::Chunked
            | Framing::LengthAndChunked
            | Framing::GzipThenChunked
            | Framing::ChunkedTwice
            | Framing::ChunkedThenOther => chunked(true),
            Framing::BrokenChunk => chunked(false),
            _ => self.body.clone(),
        }
    }

    /// The command that sends it again, near enough, with its body from a file.
    pub fn curl(&self, address: SocketAddr, body: &str) -> String {
        let mut line = format!("curl -sS -i --path-as-is -X {}", quoted(&self.method));
        for (name, value) in self.head_lines() {
            if !matches!(name.as_str(), "content-length" | "transfer-encoding") {
                let value = String::from_utf8_lossy(&value);
                let _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
            }
        }
        if !self.body.is_empty() {
            let _ = write!(line, " --data-binary @{body}");
        }
        let target = if self.target.starts_with('/') {
            self.target.clone()
        } else {
            format!("/{}", self.target)
        };
        let _ = write!(line, " {}", quoted(&format!("http://{address}{target}")));
        line
    }
}

fn quoted(text: &str) -> String {
    // Longer ones are in the file of the whole request.
    let short: String = text.chars().take(1500).collect();
    format!("'{}'", short.replace('\'', r"'\''"))
}
