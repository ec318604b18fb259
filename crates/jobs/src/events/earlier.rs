//! What an earlier run in a folder told, for the one that goes on with it.

use super::read::read_events;
use super::told::Told;
use crate::run_folder::RunFolder;
use crate::summary::Summary;
use crate::{Error, Result};
use chrono::SecondsFormat;

/// A run that another goes on with, as far as it told of itself.
#[derive(Debug)]
pub struct Earlier<'a> {
    folder: &'a RunFolder,
    told: Told,
}

impl<'a> Earlier<'a> {
    /// The run that a folder is resumed with; `None` where it is not resumed, or tells of none.
    ///
    /// # Errors
    /// As [`read_events`].
    pub fn of(folder: &'a RunFolder) -> Result<Option<Self>> {
        let events = if folder.resumed() { read_events(&folder.events())? } else { Vec::new() };
        Ok((!events.is_empty()).then(|| Self { folder, told: Told::by(&events) }))
    }

    /// Sees that the same is asked for now: each argument by its name, with its value.
    ///
    /// # Errors
    /// When one differs; names the first, and both values.
    pub fn check(&self, asked: &[(&'static str, String)]) -> Result<()> {
        const UNKNOWN: &str = "not known";
        let Some(earlier) = self.told.asked() else { return Ok(()) };
        let before = |name: &str| earlier.get(name).map_or(UNKNOWN, String::as_str);
        match asked.iter().find(|(name, now)| before(name) != now) {
            None => Ok(()),
            Some((name, now)) => Err(Error::OtherArgument {
                path: self.folder.root().to_owned(),
                argument: (*name).to_owned(),
                before: before(name).to_owned(),
                now: now.clone(),
            }),
        }
    }

    /// What to say where the run told of its end, and all of `files` (each with what it is) and its manifest are there; `None`
    /// where something is left to do.
    pub fn finished(&self, files: &[(&str, &str)]) -> Option<Summary> {
        let finished = self.told.finished()?;
        let made = |name: &str| self.folder.file(name).is_file();
        if !(made("manifest.json") && files.iter().all(|(_, file)| made(file))) {
            return None;
        }
        let mut summary = Summary { failures: self.told.failures(), ..Summary::default() };
        let when = finished.to_rfc3339_opts(SecondsFormat::Secs, true);
        summary.fact("finished", format!("on {when}, nothing to do"));
        for (label, file) in files {
            summary.fact(label, self.folder.file(file).display().to_string());
        }
        Some(summary)
    }
}
