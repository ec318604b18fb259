//! What a job reports back to whoever started it.

use std::fmt;

/// A scene, or a part of one, that could not be used; the job went on without it.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Failure {
    /// The scene's identifier, or the catalogue record's address.
    pub scene: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.scene, self.reason)
    }
}

/// A few facts for people, and what failed.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Label and value, in the order to be shown.
    pub facts: Vec<(String, String)>,
    /// Scenes that failed, in order of time.
    pub failures: Vec<Failure>,
}

impl Summary {
    /// Adds a line.
    pub fn fact(&mut self, label: &str, value: impl Into<String>) {
        self.facts.push((label.to_owned(), value.into()));
    }
}
