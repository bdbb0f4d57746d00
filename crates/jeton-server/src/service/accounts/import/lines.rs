//! The lines of a file, one at a time, each as it is there.

use std::io::{self, BufRead};

/// The longest line that is read whole. No account is longer; without a bound one broken file takes all memory.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// A line with its end, if it has one.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: u64,
    /// The line's bytes, at most [`MAX_BYTES`] of them.
    pub(super) bytes: Vec<u8>,
    pub(super) too_long: bool,
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

pub(super) struct Lines<R> {
    input: R,
    read: u64,
    /// Lines that were looked at and given back, the next one last.
    given_back: Vec<Line>,
    bytes: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(input: R) -> Self {
        Self {
            input,
            read: 0,
            given_back: Vec::new(),
            bytes: 0,
        }
    }

    /// How many bytes were read so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Lets lines be read again.
    pub(super) fn give_back(&mut self, lines: impl DoubleEndedIterator<Item = Line>) {
        self.given_back.extend(lines.rev());
    }

    pub(super) fn next_filled(&mut self) -> io::Result<Option<Line>> {
        while let Some(line) = self.next()? {
            if !line.is_blank() {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        match self.given_back.pop() {
            Some(line) => Ok(Some(line)),
            None => self.read(),
        }
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let mut line = Line {
            number: self.read + 1,
            ..Line::default()
        };
        let mut ended = false;
        while !ended {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', buffer);
            ended = end.is_some();
            let taken = end.map_or(buffer.len(), |at| at + 1);
            let room = MAX_BYTES - line.bytes.len();
            line.too_long |= taken > room;
            line.bytes.extend_from_slice(&buffer[..taken.min(room)]);
            self.input.consume(taken);
            self.bytes += taken as u64;
        }
        if line.bytes.is_empty() {
            return Ok(None);
        }
        self.read += 1;
        // The byte order mark that Windows writes before a file.
        if line.number == 1 && line.bytes.starts_with(b"\xef\xbb\xbf") {
            line.bytes.drain(..3);
        }
        Ok(Some(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(input: &[u8]) -> Vec<(u64, String)> {
        let mut lines = Lines::new(input);
        let mut texts = Vec::new();
        while let Some(line) = lines.next_filled().unwrap() {
            texts.push((line.number, String::from_utf8(line.bytes).unwrap()));
        }
        assert_eq!(lines.bytes(), input.len() as u64);
        texts
    }

    #[test]
    fn lines_keep_their_ends_and_numbers_and_blank_ones_count() {
        assert_eq!(
            texts(b"\xef\xbb\xbfa\r\n\n  \nb"),
            [(1, "a\r\n".to_owned()), (4, "b".to_owned())]
        );
        assert!(texts(b"").is_empty());
    }

    #[test]
    fn what_is_given_back_comes_again_in_order() {
        let mut lines = Lines::new(&b"a\nb\nc\n"[..]);
        let [a, b] = [(); 2].map(|()| lines.next().unwrap().unwrap());
        lines.give_back([a, b].into_iter());
        let mut numbers = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            numbers.push(line.number);
        }
        assert_eq!(numbers, [1, 2, 3]);
    }

    #[test]
    fn a_line_without_end_takes_no_more_memory_than_the_longest() {
        let input = [vec![b'x'; MAX_BYTES + 5], b"\nnext\n".to_vec()].concat();
        let mut lines = Lines::new(&input[..]);
        let long = lines.next().unwrap().unwrap();
        assert!(long.too_long && long.bytes.len() == MAX_BYTES);
        let next = lines.next().unwrap().unwrap();
        assert_eq!((next.number, &next.bytes[..]), (2, &b"next\n"[..]));
    }
}
