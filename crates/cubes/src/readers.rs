//! The threads that read scenes.

use crate::Result;
use ecotone_jobs::{Error, Resources};
use std::sync::Arc;

/// As many threads as a job may read scenes at the same time.
#[derive(Debug, Clone)]
pub(crate) struct Readers(Arc<rayon::ThreadPool>);

impl Readers {
    pub(crate) fn new(resources: &Resources) -> Result<Self> {
        let threads = resources.readers;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        Ok(Self(Arc::new(pool.map_err(|source| Error::Threads { threads, source })?)))
    }

    /// Does something in parallel on them.
    pub(crate) fn install<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        self.0.install(act)
    }
}
