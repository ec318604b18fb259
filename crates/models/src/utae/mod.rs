//! U-TAE: a U-Net over pictures whose features are summed over the dates by learned attention.
//!
//! Garnot & Landrieu 2021 (ICCV, "Panoptic segmentation of satellite image time series with convolutional
//! temporal attention networks"), with its head for segmentation: every date goes through the same encoder;
//! at the coarsest level attention weighs the dates at each place and for each group of features; enlarged,
//! the same weights sum the finer features for the decoder.

mod attention;
mod blocks;
mod config;
#[cfg(test)]
mod tests;
mod torch_names;

pub use config::UTaeConfig;

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};

use crate::architecture::Architecture;
use crate::chance::Chance;
use crate::conv2d::enlarge;
use crate::kept;
use crate::{Collapse, InputKind, InputRules, Parameters, StepMask};
use attention::Attention;
use blocks::{Conv, Down, Up};

/// The network.
#[derive(Module, Debug)]
pub(crate) struct UTae {
    input: Vec<Conv>,
    /// Finest first.
    down: Vec<Down>,
    attention: Attention,
    /// Coarsest first.
    up: Vec<Up>,
    head: Vec<Conv>,
}

impl UTae {
    /// The name here of a tensor of the published module, if it is one.
    pub(crate) fn torch_name(name: &str) -> Option<String> {
        torch_names::ours(name)
    }

    fn scores(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Tensor<4> {
        let [n, channels, steps, rows, columns] = input.dims();
        let dates = Dates::new(mask, n, steps);
        let pictures = input.swap_dims(1, 2).reshape([n * steps, channels, rows, columns]);
        let mut x = self.input.iter().fold(dates.observed(pictures), |x, conv| conv.forward(x));
        let mut skips = Vec::with_capacity(self.down.len());
        for down in &self.down {
            let below = down.forward(x.clone());
            skips.push(x);
            x = below;
        }
        let (mut x, shares) = self.attention.forward(dates.series(x), mask, chance);
        for up in &self.up {
            if let Some(skip) = skips.pop() {
                x = up.forward(x, summed(dates.series(skip), shares.clone()));
            }
        }
        self.head.iter().fold(x, |x, conv| conv.forward(x))
    }
}

/// The sum `[n, channel, y, x]` over the dates of `features` `[n, time, channel, y, x]`, of which each head's
/// `shares` `[n, time, head, y, x]` weigh a group of channels.
fn summed(features: Tensor<5>, shares: Tensor<5>) -> Tensor<4> {
    let [n, steps, width, rows, columns] = features.dims();
    let [_, _, heads, few_rows, few_columns] = shares.dims();
    let shares = shares.reshape([n * steps, heads, few_rows, few_columns]);
    let shares = enlarge(shares, rows / few_rows).reshape([n, steps, heads, 1, rows * columns]);
    let features = features.reshape([n, steps, heads, width / heads, rows * columns]);
    (features * shares).sum_dim(1).reshape([n, width, rows, columns])
}

/// Which pictures of a batch go through the encoder: those of dates that are not empty.
struct Dates {
    /// `[n, time]`.
    shape: [usize; 2],
    /// For each picture of the batch its place among the observed ones; none where all are observed.
    places: Option<Vec<Option<i32>>>,
}

impl Dates {
    fn new(mask: &StepMask, n: usize, steps: usize) -> Self {
        let mut count = 0;
        let weights = mask.weights(Collapse::MaskedMean, steps);
        let places: Vec<Option<i32>> = weights
            .iter()
            .map(|&weight| {
                let observed = weight > 0.0;
                count += i32::from(observed);
                observed.then(|| count - 1)
            })
            .collect();
        let full = places.iter().all(Option::is_some);
        Self { shape: [n, steps], places: (!full).then_some(places) }
    }

    /// The observed ones of `pictures` `[n x time, channel, y, x]`.
    fn observed(&self, pictures: Tensor<4>) -> Tensor<4> {
        let Some(places) = &self.places else { return pictures };
        let seen = places.iter().enumerate().filter(|(_, place)| place.is_some());
        let seen: Vec<i32> = seen.map(|(picture, _)| picture as i32).collect();
        let device = pictures.device();
        pictures.select(0, Tensor::<1, Int>::from_data(seen.as_slice(), &device))
    }

    /// Features of the observed pictures as series `[n, time, channel, y, x]`, 0 on empty dates.
    fn series(&self, features: Tensor<4>) -> Tensor<5> {
        let [count, channels, rows, columns] = features.dims();
        let features = match &self.places {
            None => features,
            Some(places) => {
                let device = features.device();
                let empty = Tensor::zeros([1, channels, rows, columns], &device);
                let places: Vec<i32> = places.iter().map(|place| place.unwrap_or(count as i32)).collect();
                let places = Tensor::<1, Int>::from_data(places.as_slice(), &device);
                Tensor::cat(vec![features, empty], 0).select(0, places)
            }
        };
        features.reshape([self.shape[0], self.shape[1], channels, rows, columns])
    }
}

impl Architecture for UTae {
    type Config = UTaeConfig;

    const SOURCE: &'static str = "Garnot & Landrieu 2021, U-TAE";

    fn rules(config: &Self::Config) -> InputRules {
        let size_factor = 1 << (config.encoder.len() - 1);
        InputRules { size_factor, ..InputRules::new(InputKind::Series, config.channels) }
    }

    fn parameters(config: &Self::Config) -> Parameters {
        let (encoder, decoder, [wide, out, classes]) = (&config.encoder, &config.decoder, config.head());
        let down = encoder.windows(2).map(|pair| Down::parameters([pair[0], pair[1]]));
        let up =
            decoder.windows(2).zip(encoder).map(|(pair, &skip)| Up::parameters([pair[1], pair[0]], skip));
        Conv::grouped_parameters([config.channels, encoder[0]], 3)
            + Conv::grouped_parameters([encoder[0], encoder[0]], 3)
            + down.chain(up).sum::<Parameters>()
            + Attention::parameters(config, encoder[encoder.len() - 1])
            + Conv::batched_parameters([wide, out], 3)
            + Conv::batched_parameters([out, classes], 3)
    }

    fn kept(config: &Self::Config, steps: usize) -> f64 {
        let (encoder, decoder, [_, out, classes]) = (&config.encoder, &config.decoder, config.head());
        let down = encoder
            .windows(2)
            .zip(1..)
            .map(|(pair, level)| Down::kept([pair[0], pair[1]]) * kept::area(level));
        // Features of all dates, and the shares that they are summed by.
        let summed =
            encoder.iter().enumerate().map(|(level, &width)| kept::rectified(width) * kept::area(level));
        let last = encoder.len() - 1;
        let attention = Attention::kept(config, encoder[last]) * kept::area(last);
        let date = 2.0 * kept::normalised(encoder[0]) + down.chain(summed).sum::<f64>() + attention;
        let up = decoder.windows(2).zip(encoder).enumerate();
        let up = up.map(|(level, (pair, &skip))| Up::kept([pair[1], pair[0]], skip) * kept::area(level));
        steps as f64 * date + up.sum::<f64>() + kept::normalised(out) + kept::normalised(classes)
    }

    fn build(config: &Self::Config, device: &Device) -> Self {
        let (encoder, decoder, [wide, out, classes]) = (&config.encoder, &config.decoder, config.head());
        let grouped = |channels| Conv::grouped(channels, [3, 1], device);
        let up = decoder.windows(2).zip(encoder).rev();
        Self {
            input: vec![grouped([config.channels, encoder[0]]), grouped([encoder[0], encoder[0]])],
            down: encoder.windows(2).map(|pair| Down::new([pair[0], pair[1]], device)).collect(),
            attention: Attention::new(config, encoder[encoder.len() - 1], device),
            up: up.map(|(pair, &skip)| Up::new([pair[1], pair[0]], skip, device)).collect(),
            // As published, normalisation and rectifier follow the class scores, too.
            head: vec![Conv::batched([wide, out], 3, device), Conv::batched([out, classes], 3, device)],
        }
    }

    fn forward(&self, input: Tensor<5>, mask: &StepMask, chance: &mut Chance) -> Vec<Tensor<4>> {
        vec![self.scores(input, mask, chance)]
    }

    fn fold(self) -> Self {
        Self {
            attention: self.attention.fold(),
            up: self.up.into_iter().map(Up::fold).collect(),
            head: self.head.into_iter().map(Conv::fold).collect(),
            ..self
        }
    }
}
