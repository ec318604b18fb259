//! Why a job saw nothing.

use crate::Error;
use ecotone_jobs::Failure;

/// Why no pixel was seen: because scenes could not be read, else because of what they hold.
pub fn nothing_seen(scenes: usize, failures: &[Failure]) -> Error {
    /// Reasons that are told; as a rule they are all alike.
    const TOLD: usize = 3;
    if failures.is_empty() {
        return Error::NothingObserved { scenes };
    }
    let mut reasons: Vec<String> = failures.iter().take(TOLD).map(ToString::to_string).collect();
    if let more @ 1.. = failures.len().saturating_sub(TOLD) {
        reasons.push(format!("and {more} more"));
    }
    Error::NothingRead { scenes, failed: failures.len(), reasons: reasons.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(scene: &str, reason: &str) -> Failure {
        Failure { scene: scene.to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn reasons_of_failed_reads_are_the_error() {
        assert!(matches!(nothing_seen(4, &[]), Error::NothingObserved { scenes: 4 }));
        let failures: Vec<Failure> = (0..5).map(|scene| failure(&format!("s{scene}"), "no token")).collect();
        assert_eq!(
            nothing_seen(6, &failures).to_string(),
            "nothing was seen anywhere in the area: 5 of 6 scenes could not be read: s0: no token; s1: no token; \
             s2: no token; and 2 more"
        );
    }
}
