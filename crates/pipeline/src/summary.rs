//! What a job reports back to whoever started it.

use crate::Error;
use ecotone_models::Backend;
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
    pub(crate) fn fact(&mut self, label: &str, value: impl Into<String>) {
        self.facts.push((label.to_owned(), value.into()));
    }
}

/// Bytes of decoded blocks that GDAL keeps: enough for the blocks under a row of windows, whatever the map's size.
const GDAL_CACHE: usize = 256 << 20;

/// What a job may use of the machine.
#[derive(Debug, Clone)]
pub struct Resources {
    /// Where networks run.
    pub backend: Backend,
    /// Threads of the network.
    pub threads: usize,
    /// Scenes read at the same time.
    pub readers: usize,
}

impl Resources {
    /// A backend by its name, and a number of threads.
    ///
    /// # Errors
    /// When there is no such backend, or this build lacks it.
    pub fn new(backend: &str, threads: usize) -> crate::Result<Self> {
        let names = Backend::ALL.map(|backend| backend.to_string());
        let names = names.each_ref().map(String::as_str);
        let Some(place) = names.iter().position(|name| *name == backend) else {
            return Err(Error::word("--backend", backend, &names));
        };
        let backend = Backend::ALL[place];
        backend.check()?;
        Ok(Self { backend, threads: threads.max(1), readers: threads.max(1) })
    }

    /// Sets the number of threads for the network and bounds what GDAL keeps in memory.
    pub(crate) fn apply(&self) -> crate::Result<()> {
        ecotone_models::set_threads(self.backend, self.threads)?;
        ecotone_io::set_cache_bytes(GDAL_CACHE);
        ecotone_io::ignore_file_size_signal();
        Ok(())
    }
}
