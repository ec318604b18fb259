//! What a job may use of the machine.

use crate::{Error, Result};

/// Bytes of decoded blocks that GDAL keeps at least.
pub const GDAL_CACHE: usize = 256 << 20;

/// Bytes of decoded blocks for each scene that is read at the same time: enough for what lies under the windows that are read
/// together, in all bands, whatever the map's size.
const OF_A_READER: usize = 64 << 20;

/// What a job may use of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resources {
    /// Threads that compute.
    pub threads: usize,
    /// Scenes read at the same time.
    pub readers: usize,
}

impl Resources {
    /// So many threads, at least one, and as many readers.
    pub fn new(threads: usize) -> Self {
        Self { threads: threads.max(1), readers: threads.max(1) }
    }

    /// Gives the process its threads, and bounds what GDAL keeps in memory.
    ///
    /// # Errors
    /// When the process computes with another number of threads already.
    pub fn apply(&self) -> Result<()> {
        let threads = self.threads;
        let started = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        match started {
            Err(source) if rayon::current_num_threads() != threads => Err(Error::Threads { threads, source }),
            _ => {
                apply_to_files();
                ecotone_io::set_cache_bytes(GDAL_CACHE.max(OF_A_READER * self.readers));
                Ok(())
            }
        }
    }
}

/// Bounds what GDAL keeps in memory, and makes a full disk or a limit on file sizes an error rather than a signal.
pub fn apply_to_files() {
    ecotone_io::set_cache_bytes(GDAL_CACHE);
    ecotone_io::ignore_file_size_signal();
}
