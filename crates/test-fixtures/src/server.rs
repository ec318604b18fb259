//! A server on this machine: a folder by ranges, or whatever a hook makes of a request.

use crate::Request;
use std::io::{Error, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Names and values of headers.
pub type Headers = &'static [(&'static str, &'static str)];

/// What becomes of a request. Those that spoil a body leave an answer to `HEAD`, which has none, as it is.
#[derive(Debug, Clone)]
pub enum Fault {
    /// None: the file in the folder, or 404.
    Pass,
    /// This status and these headers, without a body.
    Status(u16, Headers),
    /// This status, these headers and this text, in which `URL` stands for the server's own address.
    Answer(u16, Headers, String),
    /// Status 200 with this text, in which `URL` stands for the server's own address.
    Body(String),
    /// Sends the client elsewhere (302).
    Redirect(String),
    /// The length of the whole answer is promised, so many bytes come, and the connection is closed.
    Cut(usize),
    /// An honest 206 of so many bytes at most, of those that were asked for.
    Short206(usize),
    /// As many bytes as were asked for, all zero.
    Zeros,
    /// Half of the body, and then silence for so long.
    Stall(Duration),
    /// Silence for so long, and not even a status.
    Silence(Duration),
    /// The connection is closed before any byte.
    Drop,
}

/// Serves until the process ends, each request on a thread of its own; every connection is closed after one answer.
#[derive(Debug)]
pub struct Server {
    address: String,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    folder: Option<PathBuf>,
    seen: Mutex<Vec<Request>>,
    sent: AtomicU64,
}

impl Server {
    /// A folder, as a good server gives it.
    pub fn of(folder: &Path) -> Self {
        Self::faulty(folder, |_, _| Fault::Pass)
    }

    /// A folder, but for what `hook` says of a request and its number from 0.
    pub fn faulty(folder: &Path, hook: impl Fn(&Request, usize) -> Fault + Send + Sync + 'static) -> Self {
        Self::start(Some(folder.to_owned()), hook)
    }

    /// No folder: what `hook` makes of a request and its number from 0; where it passes one, 404.
    pub fn answering(hook: impl Fn(&Request, usize) -> Fault + Send + Sync + 'static) -> Self {
        Self::start(None, hook)
    }

    fn start(
        folder: Option<PathBuf>,
        hook: impl Fn(&Request, usize) -> Fault + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("a bound port"));
        let shared = Arc::new(Shared { folder, ..Shared::default() });
        let (own, ours, hook) = (address.clone(), Arc::clone(&shared), Arc::new(hook));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (own, ours, hook) = (own.clone(), Arc::clone(&ours), Arc::clone(&hook));
                std::thread::spawn(move || {
                    let Some((request, number)) = ours.note(&stream) else { return };
                    let fault = hook(&request, number);
                    // A client that goes away in the middle is none of the server's business.
                    let _ =
                        Reply { stream: &stream, request: &request, own: &own, shared: &ours }.give(fault);
                });
            }
        });
        Self { address, shared }
    }

    /// Its address, without a slash at the end.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address of a file of the folder.
    pub fn url(&self, file: &str) -> String {
        format!("{}/{}", self.address, file.trim_start_matches('/'))
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Request> {
        self.shared.seen.lock().expect("no hook panicked").clone()
    }

    /// How many requests came so far.
    pub fn requests(&self) -> usize {
        self.shared.seen.lock().expect("no hook panicked").len()
    }

    /// Bytes of bodies that were sent so far.
    pub fn sent(&self) -> u64 {
        self.shared.sent.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn note(&self, stream: &TcpStream) -> Option<(Request, usize)> {
        let mut request = Request::receive(stream)?;
        let mut seen = self.seen.lock().expect("no hook panicked");
        let same = |other: &&Request| (&other.method, &other.path) == (&request.method, &request.path);
        request.before = seen.iter().filter(same).count();
        seen.push(request.clone());
        Some((request, seen.len() - 1))
    }

    /// The file that a request names; none outside the folder.
    fn file(&self, request: &Request) -> Option<Vec<u8>> {
        let path = request.plain_path();
        let inside = Path::new(path.trim_start_matches('/'));
        let plain = inside.components().all(|part| matches!(part, Component::Normal(_)));
        std::fs::read(self.folder.as_ref().filter(|_| plain)?.join(inside)).ok()
    }
}

/// An answer on its way.
struct Reply<'a> {
    stream: &'a TcpStream,
    request: &'a Request,
    own: &'a str,
    shared: &'a Shared,
}

impl Reply<'_> {
    fn give(&self, fault: Fault) -> Result<(), Error> {
        match fault {
            Fault::Status(code, headers) => self.whole(code, headers, &[]),
            Fault::Answer(code, headers, text) => {
                self.whole(code, headers, text.replace("URL", self.own).as_bytes())
            }
            Fault::Body(text) => {
                let json = &[("Content-Type", "application/json")];
                self.whole(200, json, text.replace("URL", self.own).as_bytes())
            }
            Fault::Redirect(url) => self.headers(302, 0, &format!("Location: {url}\r\n")),
            Fault::Silence(time) => {
                std::thread::sleep(time);
                Ok(())
            }
            Fault::Drop => Ok(()),
            Fault::Pass | Fault::Cut(_) | Fault::Short206(_) | Fault::Zeros | Fault::Stall(_) => {
                self.file(&fault)
            }
        }
    }

    /// The part of the file that was asked for, as the fault lets it.
    fn file(&self, fault: &Fault) -> Result<(), Error> {
        let Some(file) = self.shared.file(self.request) else { return self.whole(404, &[], &[]) };
        let size = file.len();
        let (part, ranged) = match self.request.range() {
            None => (0..size, false),
            Some(range) => {
                let end = |last: u64| (last as usize).saturating_add(1).min(size);
                match (range.first.map(|first| first as usize), range.last) {
                    (Some(first), last) => (first..last.map_or(size, end), true),
                    (None, count) => (size.saturating_sub(count.unwrap_or(0) as usize)..size, true),
                }
            }
        };
        if ranged && part.is_empty() {
            return self.headers(416, 0, &format!("Content-Range: bytes */{size}\r\n"));
        }
        let mut body = file.get(part.clone()).unwrap_or_default();
        let zeros = vec![0; body.len()];
        match fault {
            Fault::Short206(most) if ranged => body = &body[..body.len().min(*most)],
            Fault::Zeros => body = &zeros,
            _ => {}
        }
        let more = match ranged {
            true => format!(
                "Accept-Ranges: bytes\r\nContent-Range: bytes {}-{}/{size}\r\n",
                part.start,
                part.start + body.len().saturating_sub(1)
            ),
            false => "Accept-Ranges: bytes\r\n".to_owned(),
        };
        self.headers(if ranged { 206 } else { 200 }, body.len(), &more)?;
        match fault {
            Fault::Cut(bytes) => self.body(&body[..body.len().min(*bytes)]),
            Fault::Stall(time) => {
                self.body(&body[..body.len() / 2])?;
                std::thread::sleep(*time);
                Ok(())
            }
            _ => self.body(body),
        }
    }

    fn whole(&self, code: u16, headers: Headers, body: &[u8]) -> Result<(), Error> {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.headers(code, body.len(), &headers)?;
        self.body(body)
    }

    fn headers(&self, code: u16, length: usize, more: &str) -> Result<(), Error> {
        let mut stream = self.stream;
        write!(stream, "HTTP/1.1 {code} Told\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n")
    }

    fn body(&self, bytes: &[u8]) -> Result<(), Error> {
        if self.request.method == "HEAD" {
            return Ok(());
        }
        let mut stream = self.stream;
        self.shared.sent.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        stream.write_all(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn ask(server: &Server, request: &str) -> String {
        let mut stream = TcpStream::connect(server.address().trim_start_matches("http://")).unwrap();
        write!(stream, "{request}\r\nHost: a\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[track_caller]
    fn check(fault: Fault, request: &str, begins: &str, ends: &str) {
        let folder = std::env::temp_dir();
        let name = format!("ecotone test-fixtures-{}", std::process::id());
        std::fs::write(folder.join(&name), "0123456789").unwrap();
        let server = Server::faulty(&folder, move |_, _| fault.clone());
        let answer = ask(&server, &request.replace("FILE", &name.replace(' ', "%20")));
        assert!(answer.starts_with(begins) && answer.ends_with(ends), "{answer}");
        assert_eq!(server.requests(), 1);
    }

    #[test]
    fn a_folder_is_served_and_spoilt_as_told() {
        let get = "GET /FILE?a=b HTTP/1.1";
        let part = "GET /FILE HTTP/1.1\r\nRange: bytes=2-5";
        check(Fault::Pass, get, "HTTP/1.1 200", "\r\n\r\n0123456789");
        check(Fault::Pass, part, "HTTP/1.1 206", "bytes 2-5/10\r\n\r\n2345");
        check(Fault::Pass, "GET /FILE HTTP/1.1\r\nRange: bytes=7-99", "HTTP/1.1 206", "\r\n\r\n789");
        check(Fault::Pass, "GET /FILE HTTP/1.1\r\nRange: bytes=-3", "HTTP/1.1 206", "\r\n\r\n789");
        check(Fault::Pass, "GET /FILE HTTP/1.1\r\nRange: bytes=10-", "HTTP/1.1 416", "\r\n\r\n");
        check(Fault::Pass, "GET /../FILE HTTP/1.1", "HTTP/1.1 404", "\r\n\r\n");
        check(Fault::Cut(2), "HEAD /FILE HTTP/1.1", "HTTP/1.1 200 Told\r\nContent-Length: 10", "\r\n\r\n");
        check(Fault::Cut(2), part, "HTTP/1.1 206 Told\r\nContent-Length: 4", "\r\n\r\n23");
        check(Fault::Short206(2), part, "HTTP/1.1 206 Told\r\nContent-Length: 2", "bytes 2-3/10\r\n\r\n23");
        check(Fault::Zeros, part, "HTTP/1.1 206", "\r\n\r\n\0\0\0\0");
        check(Fault::Stall(Duration::ZERO), part, "HTTP/1.1 206 Told\r\nContent-Length: 4", "\r\n\r\n23");
        check(Fault::Status(429, &[("Retry-After", "1")]), get, "HTTP/1.1 429", "Retry-After: 1\r\n\r\n");
        check(Fault::Redirect("http://b".to_owned()), get, "HTTP/1.1 302", "Location: http://b\r\n\r\n");
        check(Fault::Drop, get, "", "");
    }

    #[test]
    fn requests_are_noted() {
        let server =
            Server::answering(|request, number| Fault::Body(format!("{number} {} URL", request.before)));
        ask(&server, "GET /a HTTP/1.1\r\nAuthorization: b");
        let second = ask(&server, "GET /a HTTP/1.1");
        assert!(second.ends_with(&format!("1 1 {}", server.address())), "{second}");
        assert_eq!(server.seen()[0].header("authorization"), Some("b"));
    }
}
