//! Where networks run, beside what any job may use of the machine.

use crate::Result;
use ecotone_jobs::{Error as JobError, Resources, apply_to_files};
use ecotone_models::Backend;

/// Where networks run, and what else a job may use of the machine.
#[derive(Debug, Clone, Copy)]
pub struct Compute {
    /// Where networks run.
    pub backend: Backend,
    /// Their threads, and the readers of scenes.
    pub machine: Resources,
}

impl Compute {
    /// A backend by its name, and a number of threads.
    ///
    /// # Errors
    /// When there is no such backend, or this build lacks it.
    pub fn new(backend: &str, threads: usize) -> Result<Self> {
        let names = Backend::ALL.map(|backend| backend.to_string());
        let names = names.each_ref().map(String::as_str);
        let Some(place) = names.iter().position(|name| *name == backend) else {
            return Err(JobError::word("--backend", backend, &names).into());
        };
        let backend = Backend::ALL[place];
        backend.check()?;
        Ok(Self { backend, machine: Resources::new(threads) })
    }

    /// Sets the number of threads for the network and bounds what GDAL keeps in memory.
    pub(crate) fn apply(&self) -> Result<()> {
        ecotone_models::set_threads(self.backend, self.machine.threads)?;
        apply_to_files();
        Ok(())
    }
}

/// Has networks on `flex` use other vector instructions than the fastest of the machine; see
/// [`ecotone_models::set_instructions`]. Maps have the same bytes with all of them.
///
/// # Errors
/// For another word than `portable`, `avx2` or `avx512`, or for what the machine lacks.
pub fn set_instructions(word: &str) -> Result<()> {
    Ok(ecotone_models::set_instructions(word)?)
}
