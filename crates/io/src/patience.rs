//! How long servers are waited for: one answer for catalogues and for rasters.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long servers are waited for, be it for a catalogue's page or for pixels.
///
/// What fails is tried again after `first_wait`, then after twice as long each time, up to `longest_wait`, until `in_all`
/// is over. A refusal that will not pass (401, 403, 404, 410) is not waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the next byte of an answer, in whole seconds, at least one. A catalogue's whole answer gets four times that.
    pub stall: Duration,
    /// The wait after the first failure.
    pub first_wait: Duration,
    /// No wait is longer, even where the server asks for one (`Retry-After`).
    pub longest_wait: Duration,
    /// From the first failure of a request or file to the last try, and from that of a server that gives nothing at all.
    pub in_all: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            in_all: Duration::from_secs(300),
        }
    }
}

static SET: OnceLock<Patience> = OnceLock::new();

/// Sets how long this process waits for servers. For a binary to call at its start: the first call counts, and none does
/// once a file was opened or a server asked.
pub fn set_patience(patience: Patience) {
    if *SET.get_or_init(|| patience) != patience {
        tracing::debug!("patience was set already");
    }
}

/// That of this process.
pub(crate) fn patience() -> Patience {
    *SET.get_or_init(if cfg!(test) { in_tests } else { Patience::default })
}

/// A short one for the tests of this crate, which share a process.
const fn in_tests() -> Patience {
    Patience {
        connect: Duration::from_secs(2),
        stall: Duration::from_secs(1),
        first_wait: Duration::from_millis(5),
        longest_wait: Duration::from_millis(40),
        in_all: Duration::from_millis(200),
    }
}

/// The waits between tries.
#[derive(Debug)]
pub(crate) struct Waits {
    next: Duration,
    longest: Duration,
    begun: Instant,
    in_all: Duration,
}

impl Patience {
    /// The waits after a failure now.
    pub(crate) fn waits(&self) -> Waits {
        Waits {
            next: self.first_wait,
            longest: self.longest_wait,
            begun: Instant::now(),
            in_all: self.in_all,
        }
    }
}

impl Waits {
    /// How long to wait before the next try, where the server may have `asked` for a time; `None` where patience ends
    /// before it.
    pub(crate) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let wait = asked.unwrap_or(self.next).min(self.longest);
        self.next = self.next.saturating_mul(2);
        (self.begun.elapsed().saturating_add(wait) <= self.in_all).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end() {
        let waits = |in_all| {
            let mut waits = Patience { in_all: Duration::from_secs(in_all), ..Patience::default() }.waits();
            std::iter::from_fn(|| waits.next(None)).map(|wait| wait.as_secs()).take(9).collect::<Vec<_>>()
        };
        assert_eq!(waits(300), [1, 2, 4, 8, 16, 32, 60, 60, 60], "nobody waited in this test");
        assert_eq!(waits(10), [1, 2, 4, 8]);
        assert_eq!(waits(0), [0; 0]);
        let mut asked = Patience::default().waits();
        assert_eq!(asked.next(Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
        assert_eq!(asked.next(Some(Duration::from_secs(700))), Some(Duration::from_secs(60)));
    }
}
