//! What happens in a run, a line at a time: `events.jsonl` in its folder. It outlives a kill, so that the run which goes on
//! knows what failed before, and the manifest is made from it.

mod earlier;
mod event;
mod log;
mod read;
mod told;

pub use earlier::Earlier;
pub use event::{Event, What};
pub use log::Events;
pub use read::read_events;
pub use told::{Timing, Told};

#[cfg(test)]
mod tests;
