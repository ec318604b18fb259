//! How many files the system lets this process hold open.

#[cfg(unix)]
mod system {
    use std::ffi::c_int;

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) const RLIMIT_NOFILE: c_int = 7;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) const RLIMIT_NOFILE: c_int = 8; // macOS and the BSDs

    /// C's `struct rlimit` on 64-bit systems.
    #[repr(C)]
    #[derive(Clone, Copy)]
    pub(super) struct Limit {
        /// What holds.
        pub(super) soft: u64,
        /// What it may be raised to.
        pub(super) hard: u64,
    }

    unsafe extern "C" {
        pub(super) fn getrlimit(resource: c_int, limit: *mut Limit) -> c_int;
        pub(super) fn setrlimit(resource: c_int, limit: *const Limit) -> c_int;
    }
}

/// Files that this process may hold open; `None` where the system does not tell.
pub(crate) fn open_files() -> Option<u64> {
    #[cfg(all(unix, target_pointer_width = "64"))]
    {
        limit().map(|limit| limit.soft)
    }
    #[cfg(not(all(unix, target_pointer_width = "64")))]
    None
}

/// Raises the number of files that this process may hold open (`ulimit -Sn`) to 4096, or as far as the system lets it.
/// For a binary to call at its start; libraries leave limits alone.
pub fn raise_open_files_limit() {
    #[cfg(all(unix, target_pointer_width = "64"))]
    {
        const WANTED: u64 = 4096;
        let Some(now) = limit().filter(|limit| limit.soft < limit.hard.min(WANTED)) else { return };
        let raised = system::Limit { soft: now.hard.min(WANTED), hard: now.hard };
        // SAFETY: C's own `setrlimit`, given a live structure of the layout it expects; it changes nothing of ours.
        if unsafe { system::setrlimit(system::RLIMIT_NOFILE, &raised) } != 0 {
            tracing::debug!("the system refuses more than {} open files", now.soft);
        }
    }
}

#[cfg(all(unix, target_pointer_width = "64"))]
fn limit() -> Option<system::Limit> {
    let mut limit = system::Limit { soft: 0, hard: 0 };
    // SAFETY: C's own `getrlimit` fills a live structure of the layout it expects, two 64-bit numbers.
    (unsafe { system::getrlimit(system::RLIMIT_NOFILE, &mut limit) } == 0).then_some(limit)
}
