//! Log lines to stderr, as much as was asked for.

use crate::flags::{Common, LogFormat};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Sends what the libraries trace to stderr.
pub(crate) fn install(common: &Common) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        // The beginning of the name of every room.
        (false, 1) => "warn,ecotone=debug",
        // What ureq says of its traffic shows the credentials that it sends.
        (false, _) => "trace,ureq=info,ureq_proto=info,rustls=info",
    };
    let filter = EnvFilter::try_new(level).unwrap_or_default();
    let lines = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    // A second subscriber is refused; there is none before this one.
    let _ = match common.log_format {
        LogFormat::Text => lines.without_time().try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
}
