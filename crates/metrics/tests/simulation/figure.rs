//! The figures that are looked at, and the counts that they rest on.

use super::mean;
use super::world::{CLASSES, Sample};
use ecotone_metrics::{Assessment, ClusterUnit, Estimate, SampleUnit};

/// A figure of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Figure {
    Overall,
    Users(usize),
    Producers(usize),
    F1(usize),
    Area(usize),
}

impl Figure {
    pub(crate) fn all() -> Vec<Self> {
        let of = |class| [Self::Users(class), Self::Producers(class), Self::F1(class), Self::Area(class)];
        std::iter::once(Self::Overall).chain((0..CLASSES).flat_map(of)).collect()
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Overall => "OA".to_owned(),
            Self::Users(class) => format!("UA {class}"),
            Self::Producers(class) => format!("PA {class}"),
            Self::F1(class) => format!("F1 {class}"),
            Self::Area(class) => format!("area {class}"),
        }
    }

    /// Whether omission that the sample did not meet matters to it.
    pub(super) const fn has_omission(self) -> bool {
        matches!(self, Self::Producers(_) | Self::Area(_))
    }

    pub(super) fn of(self, assessment: &Assessment) -> Option<Estimate> {
        match self {
            Self::Overall => assessment.overall_accuracy(),
            Self::Users(class) => assessment.users_accuracy(class),
            Self::Producers(class) => assessment.producers_accuracy(class),
            Self::F1(class) => assessment.f1(class),
            Self::Area(class) => assessment.area_proportion(class),
        }
    }

    /// The estimated denominator of the ratio that the figure is, from the area proportions.
    pub(super) fn denominator(self, p: &[f64]) -> f64 {
        let row = |class: usize| -> f64 { (0..CLASSES).map(|j| p[class * CLASSES + j]).sum() };
        let col = |class: usize| -> f64 { (0..CLASSES).map(|i| p[i * CLASSES + class]).sum() };
        match self {
            Self::Overall | Self::Area(_) => 1.0,
            Self::Users(class) => row(class),
            Self::Producers(class) => col(class),
            Self::F1(class) => row(class) + col(class),
        }
    }

    /// Numerator and denominator at a unit.
    fn parts(self, unit: SampleUnit) -> (f64, f64) {
        let one = |truth| f64::from(u8::from(truth));
        let right = unit.map == unit.reference;
        match self {
            Self::Overall => (one(right), 1.0),
            Self::Area(class) => (one(unit.reference == class), 1.0),
            Self::Users(class) => (one(right && unit.map == class), one(unit.map == class)),
            Self::Producers(class) => (one(right && unit.map == class), one(unit.reference == class)),
            Self::F1(class) => {
                (2.0 * one(right && unit.map == class), one(unit.map == class) + one(unit.reference == class))
            }
        }
    }

    /// The count of units that the figure's uncertainty rests on: the fewer of the units for it and against it, or the
    /// effective number of weighted units (in a cluster sample: clusters) in its variance, `(Σ z²)² / Σ z⁴` of the
    /// linearised deviations `z`, where that is less. The latter is `n p` for a rare class in a simple random sample;
    /// where few units carry large weights it says how few.
    pub(super) fn count(self, sample: &Sample, truth: f64) -> f64 {
        let parts = || sample.units.iter().map(|unit| self.parts(unit.unit));
        let right = parts().filter(|(y, _)| *y > 0.0).count();
        let wrong = parts().filter(|(y, x)| *x > 0.0 && *y == 0.0).count();
        let (mut squares, mut fourths) = (0.0, 0.0);
        for stratum in sample.units.chunk_by(|a, b| a.unit.stratum == b.unit.stratum) {
            let sum = |cluster: &[ClusterUnit]| -> f64 {
                let z = |unit: &ClusterUnit| {
                    let (y, x) = self.parts(unit.unit);
                    unit.weight * (y - truth * x)
                };
                cluster.iter().map(z).sum()
            };
            let sums: Vec<f64> = stratum.chunk_by(|a, b| a.cluster == b.cluster).map(sum).collect();
            let center = mean(&sums);
            squares += sums.iter().map(|sum| (sum - center).powi(2)).sum::<f64>();
            fourths += sums.iter().map(|sum| (sum - center).powi(4)).sum::<f64>();
        }
        let effective = if fourths > 0.0 { squares * squares / fourths } else { 0.0 };
        effective.min(right.min(wrong) as f64)
    }
}
