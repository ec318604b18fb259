//! What the settings of networks may be.

use crate::{Error, Result};

/// A setting's name, its value, whether it may be that, and what it may be.
pub(crate) type Rule = (&'static str, String, bool, &'static str);

/// Refuses the first setting that may not be.
pub(crate) fn check_settings<const N: usize>(rules: [Rule; N]) -> Result<()> {
    match rules.into_iter().find(|(_, _, holds, _)| !holds) {
        None => Ok(()),
        Some((setting, found, _, rule)) => Err(Error::Setting { setting, found, rule }),
    }
}

/// Input channels.
pub(crate) fn channels(channels: usize) -> Rule {
    ("channels", channels.to_string(), (1..=1024).contains(&channels), "1 to 1024")
}

/// Output classes: codes are a byte, and one of them is none.
pub(crate) fn classes(classes: usize) -> Rule {
    ("classes", classes.to_string(), (2..=255).contains(&classes), "2 to 255")
}

/// A share that is dropped in training.
pub(crate) fn dropout(name: &'static str, share: f64) -> Rule {
    (name, share.to_string(), (0.0..1.0).contains(&share), "at least 0 and below 1")
}
