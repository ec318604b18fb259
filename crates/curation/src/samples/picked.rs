//! Samples on their pixels, thinned and drawn from.

use crate::Result;
use crate::at_pixels::Pixel;
use crate::on_ground::in_metres;
use ecotone_core::{Crs, GeoBox, Legend};
use ecotone_jobs::Error as JobError;
use ecotone_labeling::{ClassDraw, Coordinates, Draw, Sample, Samples, Shares, Thinning};

/// What is wanted of the samples that there are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// How many; `None` for all.
    pub(super) count: Option<usize>,
    /// As many of each class; else in the shares that classes have.
    pub(super) balanced: bool,
    /// Least distance of two samples, in metres.
    pub(super) distance: f64,
    /// Whether samples of different classes may lie closer.
    pub(super) per_class: bool,
    pub(super) seed: u64,
}

impl Wanted {
    /// Refuses what cannot be wanted.
    pub(super) fn checked(self) -> Result<Self> {
        if self.count == Some(0) {
            let expected = "at least 1".to_owned();
            return Err(JobError::Value { key: "--count", found: "0".to_owned(), expected }.into());
        }
        if !(self.distance >= 0.0 && self.distance.is_finite()) {
            let expected = "0 or more, in metres".to_owned();
            return Err(
                JobError::Value { key: "--distance", found: self.distance.to_string(), expected }.into()
            );
        }
        Ok(self)
    }

    /// The shares of classes with so many pixels or samples each. A class without any has none.
    fn shares(&self, population: &[u64]) -> Shares {
        let share = |number: &u64| match self.balanced {
            true => f64::from(u8::from(*number > 0)),
            false => *number as f64,
        };
        Shares::Proportional(population.iter().map(share).collect())
    }

    /// How many of each class; `None` for all.
    pub(super) fn of(&self, population: &[u64]) -> Result<Option<Vec<usize>>> {
        let of = |count| self.shares(population).of(population.len(), count);
        Ok(self.count.map(of).transpose()?)
    }
}

/// Samples and the pixels that they lie in.
#[derive(Debug, Clone)]
pub(super) struct Picked {
    pub(super) samples: Samples,
    pub(super) pixels: Vec<Pixel>,
    /// Class index of each.
    pub(super) classes: Vec<usize>,
    /// What was asked of each class and what there was, where a number was asked for.
    pub(super) draws: Vec<ClassDraw>,
    /// How many lay too close to another.
    pub(super) thinned: usize,
}

impl Picked {
    /// Nothing yet, on a grid.
    pub(super) fn new(grid: &GeoBox) -> Self {
        let coordinates = match *grid.crs() == Crs::epsg(4326) {
            true => Coordinates::LonLat,
            false => Coordinates::Projected(grid.crs().clone()),
        };
        let samples = Samples { coordinates, features: Vec::new(), rows: Vec::new() };
        Self { samples, pixels: Vec::new(), classes: Vec::new(), draws: Vec::new(), thinned: 0 }
    }

    /// Adds a sample.
    pub(super) fn push(&mut self, sample: Sample, pixel: Pixel, class: usize) {
        self.samples.rows.push(sample);
        self.pixels.push(pixel);
        self.classes.push(class);
    }

    /// Those in these rows.
    fn select(&self, rows: &[usize]) -> Self {
        Self {
            samples: self.samples.select(rows),
            pixels: rows.iter().map(|row| self.pixels[*row]).collect(),
            classes: rows.iter().map(|row| self.classes[*row]).collect(),
            draws: self.draws.clone(),
            thinned: self.thinned,
        }
    }

    /// Thins, then draws as many as are wanted of each class of this population.
    pub(super) fn narrowed(mut self, population: &[u64], wanted: &Wanted) -> Result<Self> {
        if wanted.distance > 0.0 {
            let (distance, per_class, seed) = (wanted.distance, wanted.per_class, wanted.seed);
            let rows =
                Thinning { distance, per_class, seed }.keep(in_metres(&self.samples)?.as_ref(), None)?;
            self.thinned = self.pixels.len() - rows.len();
            self = self.select(&rows);
        }
        let Some(count) = wanted.count else { return Ok(self) };
        let shares = wanted.shares(population);
        let draw = Draw::new(&self.classes, population.len(), count, &shares, wanted.seed)?;
        self = self.select(&draw.rows);
        self.draws = draw.classes;
        Ok(self)
    }

    /// `forest 120, water 30`.
    pub(super) fn by_class(&self, legend: &Legend) -> String {
        let number = |class: usize| self.classes.iter().filter(|other| **other == class).count();
        let classes = legend.entries().iter().enumerate().map(|(class, entry)| (entry, number(class)));
        let named = classes.filter(|(_, number)| *number > 0);
        named.map(|(entry, number)| format!("{} {number}", entry.name)).collect::<Vec<_>>().join(", ")
    }

    /// `water 30 of 100`, for classes of which there were fewer than asked for.
    pub(super) fn short(&self, legend: &Legend) -> String {
        let short = self.draws.iter().zip(legend.entries()).filter(|(draw, _)| draw.drawn < draw.wanted);
        let words = short.map(|(draw, entry)| format!("{} {} of {}", entry.name, draw.drawn, draw.wanted));
        words.collect::<Vec<_>>().join(", ")
    }

    /// Keeps the samples that have features, which become theirs; gives the names of the others.
    pub(super) fn with_features(
        mut self,
        names: &[String],
        features: Vec<Option<Vec<f32>>>,
    ) -> (Self, Vec<String>) {
        let seen: Vec<usize> = (0..features.len()).filter(|row| features[*row].is_some()).collect();
        let unseen = (self.samples.rows.iter().zip(&features)).filter(|(_, features)| features.is_none());
        let unseen = unseen.map(|(sample, _)| sample.id.clone()).collect();
        self = self.select(&seen);
        self.samples.features = names.to_vec();
        for (sample, features) in self.samples.rows.iter_mut().zip(features.into_iter().flatten()) {
            sample.features = features;
        }
        (self, unseen)
    }
}
