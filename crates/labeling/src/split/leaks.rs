//! Whether a test knows what was learnt: how far test samples lie from training samples, and what they share.

use crate::samples::{Points, Samples, tree_of};
use crate::{Error, Result};
use ecotone_tiling::Part;
use std::collections::BTreeSet;
use std::fmt;

/// What test and training samples have in common. Scores on test samples that lie close to training samples, or come
/// from the same field or scene, tell how well a model remembers.
///
/// `Display` puts it in words.
///
/// ```
/// use ecotone_core::{ClassCode, Crs, XY};
/// use ecotone_labeling::{Coordinates, LeakReport, Sample, Samples};
/// use ecotone_tiling::Part;
///
/// let sample = |x: f64, group: &str| Sample {
///     id: String::new(),
///     place: XY::new(x, 0.0),
///     code: ClassCode(1),
///     group: Some(group.to_owned()),
///     year: None,
///     features: vec![],
/// };
/// let rows = vec![sample(0.0, "a"), sample(30.0, "a"), sample(500.0, "b"), sample(900.0, "c")];
/// let samples = Samples { coordinates: Coordinates::Projected(Crs::epsg(32633)), features: vec![], rows };
/// let report = LeakReport::new(&samples, &[Part::Train, Part::Test, Part::Test, Part::Train], 100.0)?;
/// assert_eq!(report.least_distance, Some(30.0));
/// assert_eq!(report.close_share(), 0.5);
/// assert_eq!(report.shared_groups, ["a"]);
/// # Ok::<(), ecotone_labeling::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LeakReport {
    /// Training samples.
    pub train: usize,
    /// Test samples.
    pub test: usize,
    /// Least distance of a test sample to a training sample, in metres or the units of the projection; `None` where there
    /// are not both.
    pub least_distance: Option<f64>,
    /// Median over test samples of their distance to the nearest training sample.
    pub median_distance: Option<f64>,
    /// What counts as close.
    pub distance: f64,
    /// Test samples with a training sample closer than [`distance`](Self::distance), or at the same place.
    pub close: usize,
    /// Groups with samples on both sides, in alphabetical order.
    pub shared_groups: Vec<String>,
    /// Test samples of these groups.
    pub in_shared_groups: usize,
}

impl LeakReport {
    /// Looks at the samples whose part is [`Part::Train`] or [`Part::Test`].
    ///
    /// # Errors
    /// Parts that are not one a sample, or a distance that is negative or no number.
    pub fn new(samples: &Samples, parts: &[Part], distance: f64) -> Result<Self> {
        check(samples, parts, distance)?;
        let points = Points::new(samples);
        let rows = |part| (0..parts.len()).filter(move |row| parts[*row] == part);
        let tree = tree_of(&points, rows(Part::Train));
        let mut distances: Vec<f64> = rows(Part::Test)
            .filter_map(|row| tree.nearest_neighbor_with_distance_2(points.place(row)))
            .map(|(_, squared)| points.ground(squared.sqrt()))
            .collect();
        distances.sort_unstable_by(f64::total_cmp);

        let groups = |part| rows(part).filter_map(|row| samples.rows[row].group.as_deref());
        let known: BTreeSet<&str> = groups(Part::Train).collect();
        let shared: BTreeSet<&str> = groups(Part::Test).filter(|group| known.contains(group)).collect();
        Ok(Self {
            train: rows(Part::Train).count(),
            test: rows(Part::Test).count(),
            least_distance: distances.first().copied(),
            median_distance: distances.get(distances.len().saturating_sub(1) / 2).copied(),
            distance,
            // A gap of the distance is enough.
            close: distances.partition_point(|found| *found < distance || *found == 0.0),
            in_shared_groups: groups(Part::Test).filter(|group| shared.contains(group)).count(),
            shared_groups: shared.into_iter().map(str::to_owned).collect(),
        })
    }

    /// Share of the test samples that are close to a training sample; 0 where there is none.
    pub fn close_share(&self) -> f64 {
        self.close as f64 / self.test.max(1) as f64
    }

    /// Whether no test sample is close to a training sample or of a group with one.
    pub fn is_clean(&self) -> bool {
        self.close == 0 && self.in_shared_groups == 0
    }
}

impl fmt::Display for LeakReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} training and {} test samples", self.train, self.test)?;
        if let (Some(least), Some(median)) = (self.least_distance, self.median_distance) {
            write!(f, ", {least:.1} apart or more, {median:.1} in the median")?;
        }
        let percent = 100.0 * self.close_share();
        write!(
            f,
            "; {} test samples ({percent:.1} %) within {} of a training sample",
            self.close, self.distance
        )?;
        match self.shared_groups.len() {
            0 => f.write_str("; no group on both sides"),
            1 => write!(f, "; group `{}` is on both sides", self.shared_groups[0]),
            count => {
                write!(f, "; {count} groups are on both sides, with {} test samples", self.in_shared_groups)
            }
        }
    }
}

/// Parts that are one a sample, and a distance that is one.
pub(super) fn check(samples: &Samples, parts: &[Part], distance: f64) -> Result<()> {
    if parts.len() != samples.rows.len() {
        return Err(Error::Unpaired { what: "parts", samples: samples.rows.len(), found: parts.len() });
    }
    if !(distance >= 0.0 && distance.is_finite()) {
        let expected = "0 or more, in metres or the units of the projection";
        return Err(Error::Parameter { name: "distance", value: distance, expected });
    }
    Ok(())
}
