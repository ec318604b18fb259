//! How a job tells how far it is, without printing anything itself.

/// Someone who watches a job. Every method may be called from any thread.
pub trait Progress: Send + Sync {
    /// A long step begins; `total` in `unit`s.
    fn begin(&self, _step: &str, _total: u64, _unit: &'static str) {}
    /// Some of it is done; `message` is the newest figure worth seeing, such as a loss.
    fn advance(&self, _by: u64, _message: &str) {}
    /// The step is over.
    fn end(&self) {}
    /// A line that a person wants to read now, such as how the offset was decided.
    fn note(&self, _text: &str) {}
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
