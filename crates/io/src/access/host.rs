//! Hosts of addresses, and the patterns that credentials are kept under.

use crate::{Error, Result};

/// What an address says of whom it is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    https: bool,
    host: String,
    port: u16,
}

impl Target {
    /// Of an `http` or `https` address. `None` for others, and where the part between `//` and the path is anything but a
    /// plain host and port: what two readers of one address may understand differently gets no credential.
    pub(super) fn of(address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let (host, port) = host_and_port(authority)?;
        Some(Self { https, host, port: port.unwrap_or(if https { 443 } else { 80 }) })
    }

    /// The name of the host, lower case.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// True where nobody between can read what is sent: over TLS, or on this machine.
    fn is_private(&self) -> bool {
        self.https || matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
    }
}

/// True where two addresses are asked of one server: scheme, host and port are alike.
pub(crate) fn is_one_host(address: &str, other: &str) -> bool {
    Target::of(address).is_some_and(|target| Target::of(other) == Some(target))
}

/// A host that a credential is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostPattern {
    host: String,
    /// Every host below it instead of itself.
    below: bool,
    port: Option<u16>,
    any_port: bool,
}

impl HostPattern {
    /// From `example.org`, `example.org:8443`, or `*.example.org` for every host below that one. Without a port it is the
    /// usual one alone.
    ///
    /// # Errors
    /// When it is none of these.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (below, name) = match text.trim().strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text.trim()),
        };
        let refused = || Error::Credential {
            host: text.to_owned(),
            expected: "a host: example.org, example.org:8443 or *.example.org",
        };
        let (host, port) = host_and_port(name).ok_or_else(refused)?;
        if below && !host.contains('.') {
            return Err(refused());
        }
        Ok(Self { host, below, port, any_port: false })
    }

    /// The same on whatever port, as `.netrc` means it.
    pub(super) fn on_any_port(self) -> Self {
        Self { any_port: self.port.is_none(), ..self }
    }

    pub(super) fn matches(&self, target: &Target) -> bool {
        let host = match self.below {
            true => target.host.strip_suffix(&self.host).is_some_and(|below| below.ends_with('.')),
            false => target.host == self.host,
        };
        let usual = if target.https { 443 } else { 80 };
        let port = self.any_port || target.port == self.port.unwrap_or(usual);
        host && port && target.is_private()
    }
}

fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match text.rsplit_once(':') {
        // The colons of an IPv6 address stand in brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (text, None),
    };
    let named =
        |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    let numbered = |inside: &str| inside.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let good = !host.is_empty() && inside.map_or_else(|| named(host), numbered);
    good.then(|| (host.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, address: &str, expected: bool) {
        let pattern = HostPattern::parse(pattern).unwrap();
        assert_eq!(Target::of(address).is_some_and(|target| pattern.matches(&target)), expected);
    }

    #[test]
    fn a_host_is_itself_alone() {
        check("a.org", "https://a.org/x", true);
        check("A.org", "HTTPS://a.ORG:443?x=https://b.org", true);
        check("a.org", "https://b.a.org/x", false);
        check("a.org", "https://a.org.evil.com/x", false);
        check("a.org", "https://ba.org/x", false);
        check("a.org", "https://evil.com/a.org", false);
        check("a.org", "https://evil.com#a.org", false);
        check("a.org", "https://a.org:8443/x", false);
        check("a.org:8443", "https://a.org:8443/x", true);
        check("a.org:8443", "https://a.org/x", false);
        check("*.a.org", "https://b.c.a.org/x", true);
        check("*.a.org", "https://a.org/x", false);
        check("*.a.org", "https://evila.org/x", false);
    }

    #[test]
    fn what_can_be_read_in_two_ways_gets_nothing() {
        for address in [
            "https://a.org@evil.com/",
            "https://evil.com@a.org/",
            "https://a.org\\@evil.com/",
            "https://a%2eorg/",
            "https://a.org:x/",
            "https:///a.org",
            "ftp://a.org/",
            "/data/a.org",
            "https://a.org\r\n/",
        ] {
            assert_eq!(Target::of(address), None, "{address:?}");
        }
    }

    #[test]
    fn nothing_is_sent_where_it_can_be_read_on_the_way() {
        check("a.org", "http://a.org/x", false);
        check("a.org:80", "http://a.org/x", false);
        check("127.0.0.1:99", "http://127.0.0.1:99/x", true);
        check("[::1]:99", "http://[::1]:99/x", true);
        check("localhost:99", "http://localhost:98/x", false);
        let any = HostPattern::parse("localhost").unwrap().on_any_port();
        assert!(any.matches(&Target::of("http://localhost:98/x").unwrap()));
    }

    #[test]
    fn patterns_are_hosts() {
        for text in ["", "*.", "*.org", "https://a.org", "a.org/x", "a b", "a.org:", "a.org:99999"] {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }
}
