//! Which vector instructions networks use, where the environment says so.

use anyhow::{Context, Result};

/// The variable: `portable`, `avx2` or `avx512`.
const VARIABLE: &str = "ECOTONE_INSTRUCTIONS";

/// Sets the instructions of this process.
///
/// # Errors
/// When the variable says something else, or what this machine lacks.
pub(crate) fn set() -> Result<()> {
    match std::env::var(VARIABLE) {
        Ok(word) => ecotone_pipeline::set_instructions(&word).context(VARIABLE),
        Err(_) => Ok(()),
    }
}
