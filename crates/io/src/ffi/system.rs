//! What the system is told of this process.

/// Makes a write beyond the process's file-size limit (`ulimit -f`) an error like any full disk, where it would
/// kill the process. For a binary to call at its start; libraries leave signals alone.
pub fn ignore_file_size_signal() {
    #[cfg(unix)]
    {
        use std::ffi::c_int;
        const SIGXFSZ: c_int = 25; // Linux (x86, ARM, RISC-V) and macOS
        const SIG_IGN: usize = 1;
        unsafe extern "C" {
            fn signal(number: c_int, handler: usize) -> usize;
        }
        // SAFETY: C's own `signal`; SIG_IGN installs no handler of ours, so that nothing runs in signal context.
        unsafe { signal(SIGXFSZ, SIG_IGN) };
    }
}

/// Advises the system to back memory that is about to be filled by large pages, since fresh pages cost more than copying
/// into them (numpy does so too). Values stay as they are; without effect where the system does not know the advice.
pub fn prefer_large_pages<T: Copy>(memory: &mut [T]) {
    #[cfg(target_os = "linux")]
    {
        use std::ffi::{c_int, c_void};
        const LARGE_PAGE: usize = 2 << 20;
        const MADV_HUGEPAGE: c_int = 14;
        unsafe extern "C" {
            fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
        }
        let bytes = memory.as_mut_ptr().cast::<u8>();
        let skipped = bytes.align_offset(LARGE_PAGE);
        let length = size_of_val(memory).saturating_sub(skipped) / LARGE_PAGE * LARGE_PAGE;
        if length > 0 {
            // SAFETY: the range lies inside the slice and begins and ends on page borders; this advice changes no value.
            // A refusal changes nothing at all.
            unsafe { madvise(bytes.add(skipped).cast::<c_void>(), length, MADV_HUGEPAGE) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
}
