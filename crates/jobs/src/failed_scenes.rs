//! The scenes that failed in the windows of a job: each is listed once, however many windows there are.

use crate::summary::Failure;
use std::collections::BTreeMap;

/// Scenes by name, with the first reason of each and the number of windows that it failed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailedScenes(BTreeMap<String, Failed>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Failed {
    reason: String,
    windows: u64,
}

impl FailedScenes {
    /// Counts the scenes that failed in one more window.
    pub fn add(&mut self, failures: impl IntoIterator<Item = Failure>) {
        for Failure { scene, reason } in failures {
            self.0.entry(scene).or_insert(Failed { reason, windows: 0 }).windows += 1;
        }
    }

    /// Notes how a scene failed in so many windows.
    pub(crate) fn put(&mut self, scene: &str, reason: &str, windows: u64) {
        self.0.insert(scene.to_owned(), Failed { reason: reason.to_owned(), windows });
    }

    /// Each scene once, in order of name; the reason tells the number of windows where there are several.
    pub fn list(&self) -> Vec<Failure> {
        let failure = |(scene, Failed { reason, windows }): (&String, &Failed)| Failure {
            scene: scene.clone(),
            reason: if *windows > 1 { format!("{reason} (in {windows} windows)") } else { reason.clone() },
        };
        self.0.iter().map(failure).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(scene: &str, reason: &str) -> Failure {
        Failure { scene: scene.to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn scenes_are_counted_not_windows() {
        let mut failed = FailedScenes::default();
        for window in 0..1000 {
            failed.add([failure("b", &format!("lost in {window}")), failure("a", "cut")]);
        }
        failed.add([failure("a", "again"), failure("c", "gone")]);
        let told: Vec<String> = failed.list().iter().map(ToString::to_string).collect();
        assert_eq!(told, ["a: cut (in 1001 windows)", "b: lost in 0 (in 1000 windows)", "c: gone"]);
    }
}
