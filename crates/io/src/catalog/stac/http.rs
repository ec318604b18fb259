//! HTTP with patience: busy servers and dropped connections are tried again, everything else is said at once.

use super::href::{is_url, resolve};
use crate::access::{authorization, is_one_host, without_secrets};
use crate::patience::patience;
use crate::{Error, Patience, Result};
use serde_json::Value;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

/// A client that reads JSON.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    patience: Patience,
}

/// A page of search results is some megabytes; this only stops a runaway answer.
const LARGEST_BODY: u64 = 512 << 20;

/// How often a host is looked for: its name is mistyped more often than the network is away.
const TRIES_OF_UNKNOWN: u32 = 3;

/// How often a server may send on to another address.
const REDIRECTS: usize = 10;

impl Default for Client {
    fn default() -> Self {
        Self::new(patience())
    }
}

/// What to send.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    /// POST with this body; GET without.
    pub(crate) body: Option<Value>,
    /// Whether 500, 502 and 504 end it after a second try: the asker will rather ask for less.
    pub(crate) hasty: bool,
}

impl Request {
    pub(crate) fn get(url: &str) -> Self {
        Self { url: url.to_owned(), headers: Vec::new(), body: None, hasty: false }
    }

    pub(crate) fn post(url: &str, body: Value) -> Self {
        Self { body: Some(body), ..Self::get(url) }
    }

    /// A text that two requests share only where they ask for the same.
    pub(crate) fn fingerprint(&self) -> String {
        let Self { url, headers, body, hasty: _ } = self;
        let body = body.as_ref().map_or_else(String::new, Value::to_string);
        format!("{url}\n{headers:?}\n{body}")
    }

    /// Its address as it is told.
    fn told(&self) -> String {
        without_secrets(&self.url)
    }

    /// The request that an answer sends on to (RFC 9110, section 15.4). Headers are for one host.
    fn redirected<T>(&self, response: &Response<T>) -> Option<Self> {
        let status = response.status().as_u16();
        let keeps_body = match status {
            301..=303 => false,
            307 | 308 => true,
            _ => return None,
        };
        let url = resolve(&self.url, response.headers().get("location")?.to_str().ok()?);
        let headers = if is_one_host(&self.url, &url) { self.headers.clone() } else { Vec::new() };
        let body = self.body.clone().filter(|_| keeps_body);
        is_url(&url).then_some(Self { url, headers, body, hasty: self.hasty })
    }
}

impl Client {
    /// With a patience of its own.
    pub fn new(patience: Patience) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Followed here, so that each host gets its own credential.
            .max_redirects(0)
            .timeout_connect(Some(patience.connect))
            .timeout_global(Some(patience.stall.saturating_mul(4)))
            .user_agent(concat!("ecotone/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.new_agent(), patience }
    }

    /// Sends a request and reads JSON, trying again after 429, 5xx and broken connections.
    ///
    /// # Errors
    /// When no try succeeds, the status is another error, or the body is no JSON.
    pub(crate) fn json(&self, request: &Request) -> Result<Value> {
        let text = self.text(request)?;
        serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|source| Error::CatalogJson { location: request.told(), source })
    }

    /// Waits as long as after the failure of a number, from 0.
    pub(crate) fn wait(&self, failure: u32) {
        let wait = self.patience.first_wait.saturating_mul(2_u32.saturating_pow(failure));
        std::thread::sleep(wait.min(self.patience.longest_wait));
    }

    fn text(&self, request: &Request) -> Result<String> {
        let mut waits = None;
        let mut most_tries = u32::MAX;
        for attempt in 1.. {
            let (error, asked) = match self.once(request) {
                Ok((status, body, _)) if (200..300).contains(&status) => return Ok(body),
                Ok((status, body, asked)) => {
                    // A secret is found where it is whole.
                    let body = without_secrets(&body.chars().take(10_000).collect::<String>());
                    let body = body.chars().take(200).collect();
                    let error = Error::HttpStatus { url: request.told(), status, tries: attempt, body };
                    if !matches!(status, 408 | 429 | 500 | 502 | 503 | 504) {
                        return Err(error);
                    }
                    if request.hasty && is_too_much(status) {
                        most_tries = 2;
                    }
                    (error, asked)
                }
                Err(source) => {
                    let (again, unknown) = (is_passing(&source), is_of_unknown_host(&source));
                    let error = Error::Http { url: request.told(), tries: attempt, source: Box::new(source) };
                    if !again {
                        return Err(error);
                    }
                    if unknown {
                        most_tries = TRIES_OF_UNKNOWN;
                    }
                    (error, None)
                }
            };
            if attempt >= most_tries {
                return Err(error);
            }
            let waits = waits.get_or_insert_with(|| self.patience.waits());
            let Some(pause) = waits.next(asked) else { return Err(error) };
            let cause =
                std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            tracing::warn!(?pause, "{error}{cause}; trying again");
            std::thread::sleep(pause);
        }
        unreachable!("the loop ends by returning")
    }

    /// One try: status, body, and the wait that the server asks for.
    fn once(&self, request: &Request) -> std::result::Result<(u16, String, Option<Duration>), ureq::Error> {
        let mut response = self.send(request)?;
        let mut next = request.redirected(&response);
        for _ in 0..REDIRECTS {
            let Some(request) = next else { break };
            response = self.send(&request)?;
            next = request.redirected(&response);
        }
        let asked = retry_after(&response);
        let body = response.body_mut().with_config().limit(LARGEST_BODY).lossy_utf8(true).read_to_string()?;
        Ok((response.status().as_u16(), body, asked))
    }

    /// Sends to one address, with the credential of its host.
    fn send(&self, request: &Request) -> std::result::Result<Response<Body>, ureq::Error> {
        let own = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let credential = authorization(&request.url).filter(|_| !own);
        let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers = headers.chain(credential.map(|value| ("authorization", value)));
        match &request.body {
            None => headers
                .fold(self.agent.get(&request.url), |get, (name, value)| get.header(name, value))
                .call(),
            Some(body) => {
                let post = self.agent.post(&request.url).content_type("application/json");
                headers.fold(post, |post, (name, value)| post.header(name, value)).send(body.to_string())
            }
        }
    }
}

/// True for the answers of servers that could not do all that was asked for, among other reasons.
pub(crate) fn is_too_much(status: u16) -> bool {
    matches!(status, 413 | 500 | 502 | 504)
}

/// True where the name of a host means nothing.
fn is_of_unknown_host(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound => true,
        // The system's resolver has no kind of its own.
        ureq::Error::Io(error) => error.to_string().contains("failed to lookup address"),
        _ => false,
    }
}

/// True for failures that may be gone a moment later.
fn is_passing(error: &ureq::Error) -> bool {
    matches!(
        error,
        ureq::Error::Io(_)
            | ureq::Error::Timeout(_)
            | ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::Protocol(_)
    )
}

fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let header = |name: &str| response.headers().get(name)?.to_str().ok();
    wait_asked(header("retry-after")?, header("date"))
}

/// The wait in `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date, which is counted from the answer's own
/// `Date` so that a wrong clock here does no harm.
fn wait_asked(retry_after: &str, date: Option<&str>) -> Option<Duration> {
    let time = |text: &str| chrono::DateTime::parse_from_rfc2822(text).ok();
    match retry_after.trim().parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_no_number) => (time(retry_after)? - time(date?)?).to_std().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_server_wants_us_to_wait() {
        let date = Some("Wed, 21 Oct 2015 07:28:00 GMT");
        let seconds = |n| Some(Duration::from_secs(n));
        assert_eq!(wait_asked(" 7 ", None), seconds(7));
        assert_eq!(wait_asked("Wed, 21 Oct 2015 07:29:30 GMT", date), seconds(90));
        assert_eq!(wait_asked("Wed, 21 Oct 2015 07:27:00 GMT", date), None, "in the past");
        assert_eq!(wait_asked("Wed, 21 Oct 2015 07:29:30 GMT", None), None);
        assert_eq!(wait_asked("soon", date), None);
    }
}
