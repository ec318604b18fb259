//! What a weight file says of its network: input, classes, training. A model refuses what does not match.

use serde::{Deserialize, Serialize};

use crate::{
    CalibrationSummary, ClassWeights, Error, NetworkConfig, ObservedBy, PriorSummary, Result,
    ValidNetworkConfig,
};

/// Everything that prediction needs to know of a trained network; kept in the weight file's header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Version of the card's format, [`ModelCard::OLDEST`] to [`ModelCard::FORMAT`].
    pub format: u32,
    /// The network and its settings.
    pub network: NetworkConfig,
    /// Names of the input channels in order: bands (`B04`) and indices (`NDVI`).
    pub bands: Vec<String>,
    /// Unit of the bands before normalisation, such as `reflectance`.
    pub band_units: String,
    /// How each channel is normalised: `(value - mean) / std`.
    pub normalisation: Vec<ChannelStats>,
    /// Side of a pixel in metres on the ground.
    pub gsd: f64,
    /// The dates a series has.
    pub timeline: TimelineCard,
    /// How invalid pixels were found, in words.
    pub mask: String,
    /// The classes in the order of their indices.
    pub legend: Vec<LegendClass>,
    /// The windows that the map is predicted in.
    pub window: WindowCard,
    /// How the network was trained.
    pub training: TrainingSummary,
    /// How the program that trained it makes its inputs; carried along, never looked into.
    #[serde(default)]
    pub inputs: serde_json::Value,
}

/// Mean and standard deviation of a channel over the training blocks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChannelStats {
    /// Mean.
    pub mean: f32,
    /// Standard deviation, above 0.
    pub std: f32,
}

/// The dates of an input series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineCard {
    /// Days from step to step.
    pub step_days: u32,
    /// Number of steps.
    pub steps: usize,
    /// What stands where nothing was observed, such as `zero`.
    pub fill: String,
    /// Whose observations make a date count for a pixel. Cards of earlier versions do not say.
    #[serde(default)]
    pub observed_by: ObservedBy,
}

/// A class of the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegendClass {
    /// Its code on disk.
    pub code: u8,
    /// Its name.
    pub name: String,
    /// Its colour, `#rrggbb`.
    pub color: String,
}

/// The windows of a prediction, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowCard {
    /// Side of the square that the network sees.
    pub size: usize,
    /// Width of the rim that is computed and discarded.
    pub halo: usize,
}

/// How a network was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingSummary {
    /// Epochs run.
    pub epochs: usize,
    /// The epoch, from 1, whose weights these are.
    pub best_epoch: usize,
    /// The seed of all random acts.
    pub seed: u64,
    /// Training patches seen in an epoch.
    pub samples: usize,
    /// Overall accuracy on the validation blocks, 0 to 1.
    pub validation_overall_accuracy: Option<f64>,
    /// Macro-F1 on the validation blocks, 0 to 1.
    pub validation_macro_f1: Option<f64>,
    /// How the probabilities were calibrated, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationSummary>,
    /// How often each class was drawn, and how that is taken back; without it nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<PriorSummary>,
    /// Weight of each class in the loss.
    pub class_weights: ClassWeights,
    /// The catalogue the scenes came from.
    pub catalog: String,
    /// Version of the program.
    pub version: String,
}

/// What an input says of itself, to be held against a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InputDescription<'a> {
    /// Names of the channels in order.
    pub bands: &'a [String],
    /// Pixel size in metres.
    pub gsd: f64,
    /// Days from step to step.
    pub step_days: u32,
    /// Number of steps.
    pub steps: usize,
}

impl ModelCard {
    /// The format version that this program writes. 1: windows were counted from the first pixel of the map, 2: from the origin
    /// of its coordinate reference system, so that the map of a part is the part of the map.
    pub const FORMAT: u32 = 2;
    /// The oldest that it reads.
    pub const OLDEST: u32 = Self::FORMAT - 1;

    /// Checks that the card is complete and agrees with itself.
    ///
    /// # Errors
    /// [`Error::Setting`] or [`Error::InputSize`] names what does not hold.
    pub fn check(&self) -> Result<ValidNetworkConfig> {
        let network = self.network.clone().check()?;
        let WindowCard { size, halo } = self.window;
        network.check_input(self.bands.len(), self.timeline.steps, size, size)?;
        let sound = |stats: &ChannelStats| stats.mean.is_finite() && stats.std.is_finite() && stats.std > 0.0;
        let mut codes: Vec<u8> = self.legend.iter().map(|class| class.code).collect();
        codes.sort_unstable();
        codes.dedup();
        let temperature = self.training.calibration.map_or(1.0, |calibration| calibration.temperature);
        let of_classes = |prior: &PriorSummary| {
            [&prior.natural, &prior.drawn, &prior.bias].iter().all(|numbers| {
                numbers.len() == network.classes() && numbers.iter().all(|number| number.is_finite())
            })
        };
        let rules = [
            ("normalisation", self.normalisation.len() == self.bands.len(), "one pair a band"),
            ("normalisation", self.normalisation.iter().all(sound), "finite, std above 0"),
            ("gsd", self.gsd.is_finite() && self.gsd > 0.0, "above 0"),
            ("legend", self.legend.len() == network.classes(), "one entry a class"),
            ("legend", codes.len() == self.legend.len(), "of distinct codes"),
            ("window.halo", 2 * halo < size, "less than half the window's size"),
            ("temperature", temperature.is_finite() && temperature > 0.0, "above 0"),
            ("prior", self.training.prior.as_ref().is_none_or(of_classes), "of finite numbers, one a class"),
            ("class_weights", self.training.class_weights.get().len() == network.classes(), "one a class"),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            None => Ok(network),
            Some((setting, _, rule)) => {
                let found = match setting {
                    "normalisation" => format!("{:?}", self.normalisation),
                    "temperature" => temperature.to_string(),
                    "gsd" => self.gsd.to_string(),
                    "legend" => {
                        format!("of codes {:?}", self.legend.iter().map(|c| c.code).collect::<Vec<_>>())
                    }
                    "window.halo" => halo.to_string(),
                    "prior" => format!("{:?}", self.training.prior),
                    _ => format!("{:?}", self.training.class_weights.get()),
                };
                Err(Error::Setting { setting, found, rule })
            }
        }
    }

    /// What is added to the score of each class, over the temperature, for the natural prior: zeros where the card tells of no
    /// draw.
    pub fn bias(&self) -> Vec<f64> {
        match &self.training.prior {
            Some(prior) => prior.bias.clone(),
            None => vec![0.0; self.legend.len()],
        }
    }

    /// Refuses an input that is not like the one of the training.
    ///
    /// # Errors
    /// [`Error::CardMismatch`] names the first difference: bands and their order, pixel size (within
    /// 0.1 %), step length, number of steps.
    pub fn check_input(&self, input: &InputDescription<'_>) -> Result<()> {
        let refuse = |what: String, expected: String, found: String| {
            Err(Error::CardMismatch { what, expected, found })
        };
        if self.bands.len() != input.bands.len() {
            return refuse("bands".to_owned(), self.bands.join(","), input.bands.join(","));
        }
        for (place, (expected, found)) in self.bands.iter().zip(input.bands).enumerate() {
            if expected != found {
                return refuse(format!("band {}", place + 1), expected.clone(), found.clone());
            }
        }
        let same_gsd = (input.gsd - self.gsd).abs() <= 1e-3 * self.gsd; // false for NaN
        if !same_gsd {
            return refuse(
                "a pixel size (m on the ground) of".to_owned(),
                self.gsd.to_string(),
                input.gsd.to_string(),
            );
        }
        for (what, expected, found) in [
            ("steps (days) of", self.timeline.step_days as usize, input.step_days as usize),
            ("a number of steps of", self.timeline.steps, input.steps),
        ] {
            if expected != found {
                return refuse(what.to_owned(), expected.to_string(), found.to_string());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::UNet3dConfig;

    /// A card for a small network of 3 channels, 8 steps and 2 classes.
    pub(crate) fn tiny_card() -> ModelCard {
        let class =
            |code, name: &str, color: &str| LegendClass { code, name: name.into(), color: color.into() };
        ModelCard {
            format: ModelCard::FORMAT,
            network: NetworkConfig::UNet3d(UNet3dConfig { width: 4, ..UNet3dConfig::new(3, 2) }),
            bands: ["B04", "B08", "NDVI"].map(String::from).to_vec(),
            band_units: "reflectance".into(),
            normalisation: vec![ChannelStats { mean: 0.1, std: 0.3 }; 3],
            gsd: 20.0,
            timeline: TimelineCard {
                step_days: 10,
                steps: 8,
                fill: "zero".into(),
                observed_by: ObservedBy::Pixel,
            },
            mask: "SCL".into(),
            legend: vec![class(10, "tree cover", "#006400"), class(20, "water", "#0000ff")],
            window: WindowCard { size: 8, halo: 2 },
            training: TrainingSummary {
                epochs: 3,
                best_epoch: 2,
                seed: 7,
                samples: 16,
                validation_overall_accuracy: Some(0.9),
                validation_macro_f1: None,
                calibration: None,
                prior: None,
                class_weights: ClassWeights::equal(2),
                catalog: "simulated".into(),
                version: "0.1.0".into(),
            },
            inputs: serde_json::Value::Null,
        }
    }

    #[test]
    fn inputs_unlike_the_training_are_refused_by_name() {
        let card = tiny_card();
        #[track_caller]
        fn check(
            card: &ModelCard,
            change: impl FnOnce(&mut Vec<String>, &mut InputDescription<'_>),
            expected: &str,
        ) {
            let mut bands = card.bands.clone();
            let mut input = InputDescription { bands: &[], gsd: 20.0, step_days: 10, steps: 8 };
            change(&mut bands, &mut input);
            let input = InputDescription { bands: &bands, ..input };
            let message = card.check_input(&input).err().map(|error| error.to_string());
            assert_eq!(message.unwrap_or_default(), expected);
        }
        check(&card, |_, _| (), "");
        check(&card, |_, i| i.gsd = 20.001, "");
        check(&card, |b, _| b.swap(0, 1), "the model expects band 1 B04, but the input has B08");
        check(&card, |b, _| b.truncate(2), "the model expects bands B04,B08,NDVI, but the input has B04,B08");
        check(
            &card,
            |_, i| i.gsd = 10.0,
            "the model expects a pixel size (m on the ground) of 20, but the input has 10",
        );
        check(
            &card,
            |_, i| i.gsd = f64::NAN,
            "the model expects a pixel size (m on the ground) of 20, but the input has NaN",
        );
        check(&card, |_, i| i.step_days = 5, "the model expects steps (days) of 10, but the input has 5");
        check(&card, |_, i| i.steps = 9, "the model expects a number of steps of 8, but the input has 9");
    }

    #[test]
    fn a_card_must_agree_with_itself() {
        #[track_caller]
        fn check(change: impl FnOnce(&mut ModelCard), expected: &str) {
            let mut card = tiny_card();
            change(&mut card);
            let message = card.check().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        assert!(tiny_card().check().is_ok());
        check(|c| c.bands.truncate(2), "2 channels");
        check(|c| c.normalisation[1].std = 0.0, "`normalisation`");
        check(|c| c.legend[1].code = 10, "distinct codes");
        check(|c| c.legend.truncate(1), "one entry a class");
        check(|c| c.window.halo = 4, "`window.halo` is 4");
        check(|c| c.window.size = 10, "10 rows");
        let cold = CalibrationSummary { temperature: 0.0, error_before: 0.1, error_after: 0.0 };
        check(|c| c.training.calibration = Some(cold), "`temperature` is 0");
        let short = PriorSummary { natural: vec![0.5; 2], drawn: vec![0.5; 2], bias: vec![0.0] };
        check(|c| c.training.prior = Some(short.clone()), "one a class");
        let endless = PriorSummary { bias: vec![0.0, f64::NEG_INFINITY], ..short.clone() };
        check(|c| c.training.prior = Some(endless), "`prior` is");
        check(|c| c.gsd = f64::NAN, "`gsd` is NaN");
        check(|c| c.training.class_weights = ClassWeights::equal(3), "one a class");
    }

    #[test]
    fn the_card_round_trips_through_json() {
        let mut card = tiny_card();
        assert_eq!(card.bias(), [0.0; 2], "a card that tells of no draw takes none back");
        for prior in [
            None,
            Some(PriorSummary { natural: vec![0.9, 0.1], drawn: vec![0.7, 0.3], bias: vec![0.1, -1.3] }),
        ] {
            card.training.prior = prior;
            let json = serde_json::to_string(&card).unwrap();
            assert_eq!(serde_json::from_str::<ModelCard>(&json).unwrap(), card);
        }
        assert_eq!(card.bias(), [0.1, -1.3]);
    }
}
