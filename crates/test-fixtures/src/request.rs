//! A request as the server saw it.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

/// First byte asked for, and the last where one was named; a suffix (`bytes=-500`) has no first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// From 0.
    pub first: Option<u64>,
    /// The last one, included; of a suffix, how many.
    pub last: Option<u64>,
}

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `HEAD`, `POST`.
    pub method: String,
    /// From the first `/` on, with the query, as it was sent.
    pub path: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    /// What came after the headers.
    pub body: Vec<u8>,
    /// How many requests with this method and path came before.
    pub before: usize,
}

impl Request {
    /// The value of a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The bytes that are asked for, where not all are.
    pub fn range(&self) -> Option<Range> {
        let (first, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some(Range { first: first.parse().ok(), last: last.parse().ok() })
    }

    /// The path without its query, `%20` and the like read.
    pub fn plain_path(&self) -> String {
        let path = self.path.split(['?', '#']).next().unwrap_or_default().as_bytes();
        let (mut plain, mut place) = (Vec::new(), 0);
        while place < path.len() {
            let code = path.get(place + 1..place + 3).and_then(|digits| std::str::from_utf8(digits).ok());
            match code.filter(|_| path[place] == b'%').and_then(|code| u8::from_str_radix(code, 16).ok()) {
                Some(byte) => (plain.push(byte), place += 3),
                None => (plain.push(path[place]), place += 1),
            };
        }
        String::from_utf8_lossy(&plain).into_owned()
    }

    /// Reads one; nothing where the client goes away in the middle.
    pub(crate) fn receive(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = || {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            Some(line.trim_end().to_owned())
        };
        let first = line()?;
        let mut headers = Vec::new();
        while let Some((name, value)) = line()?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut words = first.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next()?, words.next()?);
        let mut request = Self { method, path, headers, body: Vec::new(), before: 0 };
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        request.body.resize(length, 0);
        reader.read_exact(&mut request.body).ok()?;
        Some(request)
    }
}
