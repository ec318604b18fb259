//! Events on their way to the file, from any thread.

use super::event::{Event, What, numbers};
use super::read::{read_events, whole};
use super::told::{Place, Timing, Told};
use crate::run_folder::{Command, RunFolder};
use crate::summary::Failure;
use crate::{Error, Result};
use ecotone_core::Window;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Windows are told no more often than this, but for the last one.
const EVERY: Duration = Duration::from_secs(1);

/// The events of a run. Copies tell into the same file.
///
/// Until [`Events::keep_in`] they wait in memory, so that a job that cannot be done leaves a folder as it is.
///
/// ```
/// use ecotone_jobs::{Command, Events, Existing, Failure, RunFolder};
///
/// let place = std::env::temp_dir().join("ecotone-events-doc");
/// let folder = RunFolder::claim(Command::Predict, &place, Existing::Replace, &[])?;
/// let events = Events::begin(Command::Predict, &[("--majority", "3".to_owned())]);
/// events.stage("read")?;
/// folder.clear()?;
/// events.keep_in(&folder)?;
/// events.scenes_failed(None, &[Failure { scene: "S2A".to_owned(), reason: "cut".to_owned() }])?;
/// events.finish()?;
/// assert_eq!(std::fs::read_to_string(place.join("events.jsonl")).unwrap().lines().count(), 4);
/// # std::fs::remove_dir_all(&place).ok();
/// # Ok::<(), ecotone_jobs::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Events {
    log: Arc<Mutex<Log>>,
    /// The map that windows are of.
    part: Option<String>,
}

#[derive(Debug, Default)]
struct Log {
    out: Option<Out>,
    waiting: Vec<Event>,
    told: Told,
    stage: String,
    window: Option<Instant>,
}

/// The file.
#[derive(Debug)]
struct Out {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
}

impl Events {
    /// Of a command that begins now; what was `asked` for, by the name of the argument.
    pub fn begin(command: Command, asked: &[(&'static str, String)]) -> Self {
        let asked: BTreeMap<String, String> =
            asked.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let begun = Event::now(What::Begun {
            command: command.name().to_owned(),
            ecotone: env!("CARGO_PKG_VERSION").to_owned(),
            asked,
        });
        let log = Log { told: Told::by([&begun]), waiting: vec![begun], ..Log::default() };
        Self { log: Arc::new(Mutex::new(log)), part: None }
    }

    /// The same events, but windows are those of another map of the run: that in a folder of this name.
    pub fn part(&self, name: &str) -> Self {
        let part = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
        Self { log: Arc::clone(&self.log), part }
    }

    /// Keeps what was told so far, and will be, in a folder: after what a run told that it goes on with, else anew. To be
    /// called when the folder may be written to.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn keep_in(&self, folder: &RunFolder) -> Result<()> {
        let path = folder.events();
        let earlier = if folder.resumed() { read_events(&path)? } else { Vec::new() };
        let mut log = self.log();
        let waiting = std::mem::take(&mut log.waiting);
        log.told = Told::by(earlier.iter().chain(&waiting));
        let mut out = Out::open(&path, folder.resumed())?;
        waiting.iter().try_for_each(|event| out.write(event))?;
        log.out = Some(out);
        Ok(())
    }

    /// A stage begins.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn stage(&self, name: &str) -> Result<()> {
        let mut log = self.log();
        name.clone_into(&mut log.stage);
        log.window = None;
        log.tell(What::Stage { stage: name.to_owned() })
    }

    /// A window is done, and so are `done` of `total`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn window(&self, window: Window, done: u64, total: u64) -> Result<()> {
        let mut log = self.log();
        let due = log.window.is_none_or(|last| last.elapsed() >= EVERY);
        if !due && done < total {
            return Ok(());
        }
        log.window = Some(Instant::now());
        let (stage, window, part) = (log.stage.clone(), numbers(window), self.part.clone());
        log.tell(What::Window { stage, done, total, window, part })
    }

    /// Scenes failed in a window, or cannot be used at all. What is known already is not told again, so that a window may be
    /// read again after a kill.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn scenes_failed(&self, window: Option<Window>, failures: &[Failure]) -> Result<()> {
        let mut log = self.log();
        let place = window.map(|window| self.place(window));
        for Failure { scene, reason } in failures {
            if !log.told.knows(scene, place.as_ref()) {
                let (scene, reason) = (scene.clone(), reason.clone());
                let (window, part) =
                    (place.as_ref().map(|place| place.window), place.as_ref().and(self.part.clone()));
                log.tell(What::SceneFailed { scene, reason, window, part })?;
            }
        }
        Ok(())
    }

    /// A window in which scenes had failed was tried again, with these failures, and the map holds what came of it: of the
    /// others nothing is to be told any more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn tried_again(&self, window: Window, failures: &[Failure]) -> Result<()> {
        self.scenes_failed(Some(window), failures)?;
        let (mut log, place) = (self.log(), self.place(window));
        for scene in log.told.failed_at(&place) {
            if !failures.iter().any(|failure| failure.scene == scene) {
                log.tell(What::SceneRead { scene, window: place.window, part: place.part.clone() })?;
            }
        }
        Ok(())
    }

    /// All is made.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(&self) -> Result<()> {
        self.log().tell(What::Finished)
    }

    /// Each scene that failed, once, in order of name; those before a resumption among them.
    pub fn failures(&self) -> Vec<Failure> {
        self.log().told.failures()
    }

    /// The same of the windows of this map alone.
    pub fn failures_in_windows(&self) -> Vec<Failure> {
        self.log().told.failures_in(self.part.as_deref())
    }

    /// The windows of this map in which a scene failed.
    pub fn failed_windows(&self) -> Vec<Window> {
        self.log().told.failed_windows(self.part.as_deref())
    }

    /// The scenes that failed in a window of this map, by name.
    pub fn failed_in(&self, window: Window) -> Vec<String> {
        self.log().told.failed_at(&self.place(window))
    }

    /// The stages that have ended.
    pub fn timings(&self) -> Vec<Timing> {
        self.log().told.timings()
    }

    fn place(&self, window: Window) -> Place {
        Place { part: self.part.clone(), window: numbers(window) }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // Nothing panics while the lock is held.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn tell(&mut self, what: What) -> Result<()> {
        let event = Event::now(what);
        match &mut self.out {
            Some(out) => out.write(&event)?,
            None => self.waiting.push(event.clone()),
        }
        self.told.hear(&event);
        Ok(())
    }
}

impl Out {
    /// Opens the file, at the end of its whole lines where a run goes on, else empty.
    fn open(path: &Path, goes_on: bool) -> Result<Self> {
        let failed = |source| Error::WriteFile { path: path.to_owned(), source };
        let length = match goes_on && path.exists() {
            true => whole(&std::fs::read(path).map_err(failed)?) as u64,
            false => 0,
        };
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        file.set_len(length).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, length })
    }

    fn write(&mut self, event: &Event) -> Result<()> {
        let path = &self.path;
        let line = serde_json::to_string(event);
        let line = line.map_err(|source| Error::Json { act: "writing", path: path.clone(), source })? + "\n";
        if let Err(source) = self.file.write_all(line.as_bytes()) {
            // A disk that was full for a moment leaves no half line in the middle. The first error is the one to tell.
            let _ = self.file.set_len(self.length);
            return Err(Error::WriteFile { path: path.clone(), source });
        }
        self.length += line.len() as u64;
        Ok(())
    }
}
