//! What a process has to get in with.

use super::bucket::Bucket;
use super::host::{HostPattern, Target};
use super::netrc;
use super::secret::Secret;
use crate::{Error, Result};
use std::fmt;

/// Credentials by host. [`crate::use_credentials`] puts them to use.
///
/// ```
/// use ecotone_io::Credentials;
///
/// let credentials = Credentials::default()
///     .with_token("stac.example.org", "eyJ0eXAi")?
///     .with_logins("machine data.example.org login me password hunter2");
/// assert!(!format!("{credentials:?}").contains("hunter2"));
/// # Ok::<(), ecotone_io::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    headers: Vec<(HostPattern, Secret)>,
    planetary_computer: Option<Secret>,
    buckets: Vec<Bucket>,
}

impl Credentials {
    /// With a bearer token for a host: `example.org`, `example.org:8443`, or `*.example.org` for every host below it. It goes
    /// there over TLS alone, or to this machine.
    ///
    /// # Errors
    /// When the host is none, or the token holds what no header can.
    pub fn with_token(mut self, host: &str, token: &str) -> Result<Self> {
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::Credential {
                host: host.to_owned(),
                expected: "a token of letters, digits and signs",
            });
        }
        self.headers.push((HostPattern::parse(host)?, Secret::new(format!("Bearer {token}"))));
        Ok(self)
    }

    /// With the logins of a `.netrc` file's text, each for its own machine (RFC 7617). Its `default`, and entries without
    /// login or password, are not used.
    #[must_use]
    pub fn with_logins(mut self, netrc: &str) -> Self {
        for login in netrc::logins(netrc) {
            // A machine that is no host cannot be asked.
            if let Ok(host) = HostPattern::parse(&login.machine) {
                let both = format!("{}:{}", login.login, login.password);
                Secret::new(login.password).watch();
                self.headers
                    .push((host.on_any_port(), Secret::new(format!("Basic {}", base64(both.as_bytes())))));
            }
        }
        self
    }

    /// With a subscription key of Planetary Computer, for more requests an hour.
    ///
    /// # Errors
    /// When it holds what no address can.
    pub fn with_planetary_computer_key(mut self, key: &str) -> Result<Self> {
        let key = key.trim();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            let host = "planetarycomputer.microsoft.com".to_owned();
            return Err(Error::Credential { host, expected: "a subscription key of letters and digits" });
        }
        self.planetary_computer = Some(Secret::new(key));
        Ok(self)
    }

    /// With what opens a bucket.
    #[must_use]
    pub fn with_bucket(mut self, bucket: Bucket) -> Self {
        self.buckets.push(bucket);
        self
    }

    pub(super) fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// The `Authorization` header for an address, and its place among all of them.
    pub(super) fn header(&self, address: &str) -> Option<(usize, &Secret)> {
        let target = Target::of(address)?;
        let found = self.headers.iter().enumerate().find(|(_, (host, _))| host.matches(&target));
        found.map(|(place, (_, header))| (place, header))
    }

    pub(super) fn headers(&self) -> impl Iterator<Item = &Secret> {
        self.headers.iter().map(|(_, header)| header)
    }

    pub(super) fn planetary_computer(&self) -> Option<&Secret> {
        self.planetary_computer.as_ref()
    }

    /// Sees that no text shows what is secret of them.
    pub(super) fn watch(&self) {
        for header in self.headers() {
            Secret::new(header.open().split_once(' ').map_or("", |(_, secret)| secret)).watch();
        }
        if let Some(key) = &self.planetary_computer {
            key.watch();
        }
        self.buckets.iter().for_each(Bucket::watch);
    }
}

/// For which hosts and buckets there are some.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.headers.iter().map(|(host, _)| host);
        f.debug_list().entries(hosts).entries(&self.buckets).finish()
    }
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let six = (bits >> (18 - 6 * place)) as usize & 63;
            text.push(if place <= three.len() { char::from(LETTERS[six]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_base_64() {
        // RFC 4648, section 10.
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (text, expected) in cases {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        assert_eq!(base64(&[0xff, 0xfe]), "//4=");
    }

    #[test]
    fn each_host_gets_its_own() {
        let credentials = Credentials::default()
            .with_token("*.earthdata.nasa.gov", "AAA-TOKEN")
            .and_then(|c| c.with_token("a.org", "BBB-TOKEN"))
            .unwrap()
            .with_logins("machine b.org login me password pw");
        let header = |address: &str| credentials.header(address).map(|(_, header)| header.open().to_owned());
        assert_eq!(header("https://cmr.earthdata.nasa.gov/x").as_deref(), Some("Bearer AAA-TOKEN"));
        assert_eq!(header("https://a.org/x").as_deref(), Some("Bearer BBB-TOKEN"));
        assert_eq!(header("https://b.org:8443/x").as_deref(), Some("Basic bWU6cHc="));
        assert_eq!(
            (header("https://c.org/a.org"), header("http://a.org/x"), header("/a.org")),
            (None, None, None)
        );
        let shown = format!("{credentials:?}");
        assert!(shown.contains("a.org") && !shown.contains("TOKEN") && !shown.contains("bWU6"), "{shown}");
    }

    #[test]
    fn what_would_change_a_request_is_refused() {
        for token in ["", " ", "a b", "a\r\nX-Other: 1", "é"] {
            assert!(Credentials::default().with_token("a.org", token).is_err(), "{token:?}");
        }
        assert!(Credentials::default().with_planetary_computer_key("a&b").is_err());
        assert!(Credentials::default().with_planetary_computer_key("0a1b").is_ok());
    }
}
