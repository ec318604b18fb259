//! How long servers are waited for, where the environment says so.

use anyhow::{Result, bail};
use ecotone_jobs::Patience;
use std::time::Duration;

/// The variable: `stall=10,in-all=60`, in seconds.
const VARIABLE: &str = "ECOTONE_PATIENCE";

/// Sets the patience of this process.
///
/// # Errors
/// When the variable says something that is no patience.
pub(crate) fn set() -> Result<()> {
    if let Some(text) = std::env::var_os(VARIABLE) {
        ecotone_jobs::set_patience(parse(&text.to_string_lossy())?);
    }
    Ok(())
}

/// What is not named stays as it is by default.
fn parse(text: &str) -> Result<Patience> {
    let mut patience = Patience::default();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let time = match name.trim() {
            "connect" => &mut patience.connect,
            "stall" => &mut patience.stall,
            "first-wait" => &mut patience.first_wait,
            "longest-wait" => &mut patience.longest_wait,
            "in-all" => &mut patience.in_all,
            _ => bail!(
                "{VARIABLE}: expected connect, stall, first-wait, longest-wait or in-all, found `{name}`"
            ),
        };
        match value.trim().parse().ok().filter(|seconds| (0.0..=86_400.0).contains(seconds)) {
            Some(seconds) => *time = Duration::from_secs_f64(seconds),
            None => bail!("{VARIABLE}: expected seconds from 0 to 86400 for {name}, found `{value}`"),
        }
    }
    Ok(patience)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_by_name() {
        let usual = Patience::default();
        assert_eq!(parse("").unwrap(), usual);
        let short = parse("first-wait=0.05, in-all = 3,").unwrap();
        let expected = (Duration::from_millis(50), Duration::from_secs(3), usual.stall);
        assert_eq!((short.first_wait, short.in_all, short.stall), expected);
        for (text, told) in
            [("wait=3", "found `wait`"), ("stall", "seconds"), ("stall=-1", "`-1`"), ("stall=nan", "nan")]
        {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(VARIABLE) && error.contains(told), "{error}");
        }
    }
}
