//! The networks that a recipe can name, asked of their registry.

use crate::Result;
use ecotone_models::{Head, InputKind, InputRules, NetworkConfig, Parameters};

/// A network as published, for some number of bands and classes.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct NetworkLine {
    /// What a recipe calls it: `model.kind`.
    pub name: &'static str,
    /// The publication it is from.
    pub source: &'static str,
    /// How large it is.
    pub parameters: Parameters,
    /// What it can read.
    pub input: InputRules,
    /// Its outputs; the first is the map's.
    pub heads: Vec<Head>,
    /// Its settings, with every default.
    pub settings: NetworkConfig,
}

impl NetworkLine {
    /// The input in words.
    pub fn input_in_words(&self) -> String {
        in_words(self.input)
    }
}

/// What a network can read, in words.
pub(crate) fn in_words(input: InputRules) -> String {
    let InputRules { kind, channels, min_steps, max_steps, size_factor } = input;
    let what = match kind {
        InputKind::Date => format!("dates one by one, {channels} channels"),
        InputKind::PixelSeries => format!("each pixel's series, {channels} channels"),
        InputKind::StackedRadar { optical, radar, steps } => {
            format!(
                "one picture of {optical} optical channels and {radar} radar channels of each of {steps} dates"
            )
        }
        InputKind::TwoBranches { optical, radar } => {
            format!("{optical} optical channels and a series of {radar} radar channels")
        }
        _ => format!("series, {channels} channels"),
    };
    let steps = match (min_steps, max_steps) {
        _ if matches!(kind, InputKind::StackedRadar { .. }) => String::new(),
        (least, Some(most)) if least == most => format!(", {most} dates"),
        (_, Some(most)) => format!(", {min_steps} to {most} dates"),
        (2.., None) => format!(", {min_steps} dates or more"),
        _ => String::new(),
    };
    let size = match size_factor {
        1 => String::new(),
        factor => format!(", sides multiples of {factor}"),
    };
    format!("{what}{steps}{size}")
}

/// All networks for `bands` input channels and `classes` classes; those that need more bands are left out.
///
/// # Errors
/// When there cannot be so many bands or classes.
pub fn networks(bands: usize, classes: usize) -> Result<Vec<NetworkLine>> {
    let mut lines = Vec::new();
    let mut refused = None;
    for settings in NetworkConfig::all(bands, classes) {
        match settings.clone().check() {
            Err(error) => refused = Some(error),
            Ok(network) => lines.push(NetworkLine {
                name: network.name(),
                source: network.source(),
                parameters: network.parameters(),
                input: network.rules(),
                heads: network.heads(),
                settings,
            }),
        }
    }
    match refused {
        Some(error) if lines.is_empty() => Err(error.into()),
        _ => Ok(lines),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_says_what_it_reads() {
        let lines = networks(12, 7).unwrap();
        let line = |name: &str| lines.iter().find(|line| line.name == name).unwrap();
        assert_eq!(line("unet3d").parameters.trainable, 1_549_895);
        let expected = "series, 12 channels, 4 dates or more, sides multiples of 4";
        assert_eq!(line("unet3d").input_in_words(), expected);
        let expected = "10 optical channels and a series of 2 radar channels, sides multiples of 32";
        assert_eq!(line("deepforest-2b").input_in_words(), expected);
        assert_eq!(line("unet").input_in_words(), "dates one by one, 12 channels, sides multiples of 16");
        let json = r#"{"kind": "deepforest-1b", "channels": 12, "classes": 7, "radar": 2, "steps": 7, "stack_radar": true}"#;
        let network = serde_json::from_str::<NetworkConfig>(json).unwrap().check().unwrap();
        let expected = "one picture of 10 optical channels and 2 radar channels of each of 7 dates, sides multiples of 32";
        assert_eq!(in_words(network.rules()), expected);
    }

    #[test]
    fn networks_that_need_more_bands_are_left_out() {
        assert!(networks(1, 7).unwrap().iter().all(|line| !line.name.starts_with("deepforest-2")));
        assert!(networks(10, 1).is_err() && networks(0, 7).is_err());
    }
}
