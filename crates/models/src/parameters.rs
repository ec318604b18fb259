//! How many numbers a network holds, and how many of them training changes.

use std::iter::Sum;
use std::ops::{Add, Mul};

use serde::Serialize;

/// Numbers of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Parameters {
    /// All that a weight file holds: weights, biases, and for each channel of a batch normalisation its
    /// scale, shift, running mean and running variance.
    pub total: usize,
    /// Those that training changes by gradients: no running statistics, no frozen part.
    pub trainable: usize,
}

impl Parameters {
    pub(crate) const NONE: Self = Self { total: 0, trainable: 0 };

    /// Parameters of which all are trained.
    pub(crate) const fn trained(count: usize) -> Self {
        Self { total: count, trainable: count }
    }

    /// A convolution, plain or transposed, with bias, whose kernel has `kernel` places.
    pub(crate) const fn conv([from, to]: [usize; 2], kernel: usize) -> Self {
        Self::trained(from * to * kernel + to)
    }

    /// A batch normalisation of `channels`.
    pub(crate) const fn norm(channels: usize) -> Self {
        Self { total: 4 * channels, trainable: 2 * channels }
    }

    /// The same, none of them trained.
    pub(crate) const fn frozen(self) -> Self {
        Self { total: self.total, trainable: 0 }
    }
}

impl Add for Parameters {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { total: self.total + other.total, trainable: self.trainable + other.trainable }
    }
}

impl Mul<usize> for Parameters {
    type Output = Self;

    fn mul(self, times: usize) -> Self {
        Self { total: self.total * times, trainable: self.trainable * times }
    }
}

impl Sum for Parameters {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::NONE, Add::add)
    }
}
