//! Events read back, whatever a kill left of the last line.

use super::event::Event;
use crate::{Error, Result};
use std::path::Path;

/// The events of a file in order; none where there is no file. A last line without its end was torn by a kill, and is left
/// out.
///
/// # Errors
/// When the file cannot be read, or a whole line of it is no event; names the line.
pub fn read_events(path: &Path) -> Result<Vec<Event>> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::ReadFile { what: "events", path: path.to_owned(), source }),
    };
    let lines = text[..whole(&text)].split_inclusive(|byte| *byte == b'\n').enumerate();
    let event = |(place, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|source| Error::Event {
            path: path.to_owned(),
            line: place + 1,
            source,
        })
    };
    lines.map(event).collect()
}

/// How many bytes are whole lines.
pub(super) fn whole(text: &[u8]) -> usize {
    text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}
