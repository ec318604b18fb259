//! ConvLSTM: a long short-term memory whose products are convolutions, so that its state is a picture.
//!
//! Shi et al. 2015 (NeurIPS). With the gate function `s`, the activation `a`, convolutions `*` and products
//! by element `.`:
//!
//! ```text
//! i = s(Wxi * x + Whi * h + wci . c + bi)      f = s(Wxf * x + Whf * h + wcf . c + bf)
//! c' = f . c + i . a(Wxc * x + Whc * h + bc)   o = s(Wxo * x + Who * h + wco . c' + bo)   h' = o . a(c')
//! ```
//!
//! The paper's peepholes `wc` are one weight a place, which ties a network to one size; here they are one
//! weight a channel, or none.

mod config;
#[cfg(test)]
mod tests;

pub use config::{Activation, ConvLstmConfig, Gate, Reading};

use burn::module::{Initializer, Module, Param};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};

use crate::StepMask;
use crate::chance::{Chance, Dropped};
use crate::channels::channels_first;
use crate::convolution::convolve;
use crate::rectifier::Rectifier;

/// The cell; see the module's text for what it does.
#[derive(Module, Debug)]
pub(crate) struct ConvLstm {
    /// `[4 hidden, channel, y, x]` for the gates i, f, c, o; without bias, as `recurrent`.
    input: Conv2d,
    recurrent: Conv2d,
    /// `[4 hidden]`.
    offset: Param<Tensor<1>>,
    /// `[3, hidden]` for the gates i, f, o.
    peephole: Option<Param<Tensor<2>>>,
    #[module(skip)]
    config: ConvLstmConfig,
}

/// What the cell remembers: the output `h` and the cell state `c`, both `[n, hidden, y, x]`.
struct State {
    h: Tensor<4>,
    c: Tensor<4>,
}

/// What is dropped, the same for all dates (Gal & Ghahramani 2016).
struct Left {
    input: Option<Dropped<4>>,
    recurrent: Option<Dropped<4>>,
}

impl ConvLstm {
    /// A cell for pictures of `channels`: convolution weights 0 until [`crate::init`] draws them, biases 0
    /// except the forget gate's, peepholes 0. `config` must pass its check.
    pub(crate) fn new(channels: usize, config: ConvLstmConfig, device: &Device) -> Self {
        let ConvLstmConfig { hidden, kernel, forget_bias, .. } = config;
        let conv = |from: usize| {
            Conv2dConfig::new([from, 4 * hidden], [kernel; 2])
                .with_padding(PaddingConfig2d::Explicit(kernel / 2, kernel / 2, kernel / 2, kernel / 2))
                .with_bias(false)
                .with_initializer(Initializer::Zeros)
                .init(device)
        };
        let is_forget = |place: usize| (hidden..2 * hidden).contains(&place);
        let offset: Vec<f32> =
            (0..4 * hidden).map(|place| if is_forget(place) { forget_bias as f32 } else { 0.0 }).collect();
        let offset = Tensor::<1>::from_data(offset.as_slice(), device);
        Self {
            input: conv(channels),
            recurrent: conv(hidden),
            offset: Param::from_tensor(offset),
            peephole: config.peephole.then(|| Param::from_tensor(Tensor::zeros([3, hidden], device))),
            config,
        }
    }

    /// The output `[n, hidden, y, x]` of each of `pictures` `[n, channel, y, x]`, in the order of the pictures
    /// even where they are read backwards. Where a date did not see a pixel, by `mask`, the state there is carried over it.
    pub(crate) fn sequence(
        &self,
        pictures: Vec<Tensor<4>>,
        mask: Option<&StepMask>,
        chance: &mut Chance,
    ) -> Vec<Tensor<4>> {
        let mut outputs = self.read(pictures, mask, chance);
        if self.config.reading == Reading::Backward {
            outputs.reverse();
        }
        outputs
    }

    /// As [`ConvLstm::sequence`], the output after the last picture read. There must be at least one.
    pub(crate) fn last(
        &self,
        pictures: Vec<Tensor<4>>,
        mask: Option<&StepMask>,
        chance: &mut Chance,
    ) -> Tensor<4> {
        let mut outputs = self.read(pictures, mask, chance);
        outputs.swap_remove(outputs.len() - 1)
    }

    /// The outputs in the order of reading.
    fn read(&self, pictures: Vec<Tensor<4>>, mask: Option<&StepMask>, chance: &mut Chance) -> Vec<Tensor<4>> {
        let Some(first) = pictures.first() else { return Vec::new() };
        let [n, _, rows, columns] = first.dims();
        let zeros = Tensor::<4>::zeros([n, self.config.hidden, rows, columns], &first.device());
        let left = Left {
            input: chance.drop(first, self.config.dropout),
            recurrent: chance.drop(&zeros, self.config.recurrent_dropout),
        };
        let mut state = State { h: zeros.clone(), c: zeros };
        let mut outputs = Vec::with_capacity(pictures.len());
        let mut steps: Vec<(usize, Tensor<4>)> = pictures.into_iter().enumerate().collect();
        if self.config.reading == Reading::Backward {
            steps.reverse();
        }
        for (place, (step, picture)) in steps.into_iter().enumerate() {
            let next = self.step(picture, &state, &left, place == 0);
            let device = next.h.device();
            state = match mask.and_then(|mask| mask.observed_at(step, [rows, columns], &device)) {
                None => next,
                Some(seen) => state.carried(next, &seen),
            };
            outputs.push(state.h.clone());
        }
        outputs
    }

    fn step(&self, picture: Tensor<4>, state: &State, left: &Left, first: bool) -> State {
        let keep = |x: Tensor<4>, dropped: &Option<Dropped<4>>| match dropped {
            Some(dropped) => dropped.from(x),
            None => x,
        };
        let offset = self.offset.val().reshape([1, -1, 1, 1]);
        let mut sums =
            channels_first(convolve(&self.input, None, Rectifier::None, keep(picture, &left.input))) + offset;
        // The state before the first date is 0, and so is its convolution.
        if !first {
            let last = keep(state.h.clone(), &left.recurrent);
            sums = sums + channels_first(convolve(&self.recurrent, None, Rectifier::None, last));
        }
        let hidden = self.config.hidden;
        let part = |place: usize| sums.clone().narrow(1, place * hidden, hidden);
        let peep = |x: Tensor<4>, gate: usize, c: &Tensor<4>| match &self.peephole {
            Some(weights) => x + weights.val().narrow(0, gate, 1).reshape([1, hidden, 1, 1]) * c.clone(),
            None => x,
        };
        let input = self.gate(peep(part(0), 0, &state.c));
        let forget = self.gate(peep(part(1), 1, &state.c));
        let c = forget * state.c.clone() + input * self.activate(part(2));
        let output = self.gate(peep(part(3), 2, &c));
        State { h: output * self.activate(c.clone()), c }
    }

    fn gate(&self, x: Tensor<4>) -> Tensor<4> {
        match self.config.gate {
            Gate::Sigmoid => sigmoid(x),
            Gate::HardSigmoid => (x * 0.2 + 0.5).clamp(0.0, 1.0),
        }
    }

    fn activate(&self, x: Tensor<4>) -> Tensor<4> {
        match self.config.activation {
            Activation::Tanh => x.tanh(),
            Activation::Relu => relu(x),
        }
    }
}

impl State {
    /// `next` where `seen` is 1, and this where it is 0.
    fn carried(self, next: State, seen: &Tensor<4>) -> State {
        let choose = |old: Tensor<4>, new: Tensor<4>| old.clone() + (new - old) * seen.clone();
        State { h: choose(self.h, next.h), c: choose(self.c, next.c) }
    }
}
