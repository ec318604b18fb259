//! Omission that the sample did not meet: how much of a class may lie where it could be and no unit showed it.
//!
//! A stratum of which 100 units show none of a class may hold 3 % of it all the same. Variances see nothing of this: they
//! are 0 there, and a Wilson interval at the effective size counts the units of the class, which lie elsewhere. Where
//! such a stratum is large and the class is rare, most of the class may lie in it. In the same way a class may be less than
//! it seems, where all units of a stratum are of it.

use super::sampled::Sampled;
use super::{Assessment, Estimate, Interval, SampleUnit};

impl Assessment {
    /// Adds [`Estimate::omission`] to the share that a class has of the area, or of a region.
    pub(super) fn with_omitted_share(&self, class: usize, share: Estimate) -> Estimate {
        let per = self.sampled.total(|unit| f64::from(self.inside(&unit)));
        let limit = |test: &dyn Fn(SampleUnit) -> bool| self.unmet(None, test) / per;
        let more = limit(&|unit| self.inside(&unit) && unit.reference == class);
        widened(share, more, limit(&|unit| self.inside(&unit) && unit.reference != class))
    }

    /// The same of the area of a class in a region whose size is not known, as a share of the whole area.
    pub(super) fn with_omitted_area(&self, class: usize, share: Estimate) -> Estimate {
        let has = |unit: SampleUnit| self.inside(&unit) && unit.reference == class;
        widened(share, self.unmet(None, has), self.unmet(None, |unit| !has(unit)))
    }

    /// Adds [`Estimate::omission`] to the producer's accuracy of a class.
    pub(super) fn with_omitted_part(&self, class: usize, accuracy: Estimate) -> Estimate {
        // In the stratum of its own map class nothing can be omitted.
        let own = self.by_map_class.then_some(class);
        let missed = |unit: SampleUnit| self.inside(&unit) && unit.reference == class && unit.map != class;
        let unmet = self.unmet(own, missed);
        let found = |unit: SampleUnit| f64::from(u8::from(self.inside(&unit) && unit.reference == class));
        let whole = self.sampled.total(found);
        widened(accuracy, 0.0, accuracy.value * unmet / (whole + unmet))
    }

    /// The most of the whole area, as a share, that may be what the test accepts in the strata where no unit did.
    fn unmet(&self, never: Option<usize>, test: impl Fn(SampleUnit) -> bool) -> f64 {
        self.sampled.unmet(self.confidence(), |stratum| never != Some(stratum), test)
    }
}

/// Wilson's interval, its ends further away from a proportion by what may be there, or be gone, and was not met. Both add
/// as the roots of their squares do; at a proportion of 0 or 1 Wilson's width is itself a bound of what was not met, and
/// the larger of the two counts.
fn widened(estimate: Estimate, more: f64, less: f64) -> Estimate {
    let value = estimate.value;
    let further = |met: f64, unmet: f64, varies: bool| if varies { met.hypot(unmet) } else { met.max(unmet) };
    let omission = estimate.wilson.map(|Interval { lower, upper }| {
        let (up, down) =
            (further(upper - value, more, value > 0.0), further(value - lower, less, value < 1.0));
        // What was not widened keeps its last digit.
        Interval {
            lower: if less > 0.0 { (value - down).max(0.0).min(lower) } else { lower },
            upper: if more > 0.0 { (value + up).min(1.0).max(upper) } else { upper },
        }
    });
    Estimate { omission, ..estimate }
}

impl<L: Copy> Sampled<L> {
    /// Upper limit of the total of what a test accepts over the strata that could hold it and have no unit that it
    /// accepts: of each the limit of Clopper and Pearson (1934, Biometrika 26:404-413) for none of `n`,
    /// `1 - (a / 2)^(1 / n)` at the confidence `1 - a`, which is about `3.7 / n` at .95 (the rule of three is its
    /// one-sided twin: Hanley and Lippman-Hand 1983, JAMA 249:1743-1745), times the stratum's share; together the root
    /// of their squares (Zou and Donner 2008, Statistics in Medicine 27:1693-1702).
    ///
    /// A stratum none of whose units lies in a region may reach into it all the same, as `n` units say as much of that.
    /// Of clusters `n` are the clusters: the chance that one shows any of it is at least the share that it has.
    fn unmet(&self, confidence: f64, could: impl Fn(usize) -> bool, test: impl Fn(L) -> bool) -> f64 {
        let mut met = vec![false; self.strata()];
        self.members().for_each(|(stratum, labels)| met[stratum] |= test(labels));
        let limit = |(index, stratum): (usize, &super::sampled::Stratum)| {
            let open = stratum.drawn > 0 && !met[index] && could(index) && stratum.fraction < 1.0;
            let none = 1.0 - ((1.0 - confidence) / 2.0).powf(1.0 / stratum.drawn as f64);
            if open { stratum.share * none } else { 0.0 }
        };
        self.strata.iter().enumerate().map(limit).map(|limit| limit * limit).sum::<f64>().sqrt()
    }

    /// The stratum and labels of each kind of unit.
    fn members(&self) -> impl Iterator<Item = (usize, L)> {
        self.clusters
            .iter()
            .flat_map(|cluster| cluster.members.iter().map(|member| (cluster.stratum, member.labels)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConfusionMatrix, Estimator, Strata};
    use proptest::prelude::*;

    fn of(counts: [u64; 4], areas: [f64; 2]) -> Assessment {
        let counts = ConfusionMatrix::from_counts(2, counts.to_vec()).unwrap();
        Assessment::from_matrix(&counts, &Strata::new(&areas).unwrap(), Estimator::Stratified).unwrap()
    }

    #[track_caller]
    fn check(found: Option<Interval>, lower: f64, upper: f64) {
        let found = found.unwrap();
        let off = (found.lower - lower).abs().max((found.upper - upper).abs());
        assert!(off < 5e-5, "{found:?} is not {lower} to {upper}");
    }

    /// 3 % of the second stratum may well be of class 0 where none of 100 units is: 1 : 99 makes that most of the class.
    #[test]
    fn a_class_that_is_rare_may_lie_elsewhere() {
        let found = of([30, 0, 0, 100], [1.0, 99.0]);
        let accuracy = found.producers_accuracy(0).unwrap();
        // scipy.stats.beta.ppf(0.975, 1, 100) = 0.036216694: .01 / (.01 + .99 * that).
        check(accuracy.omission, 0.21808, 1.0);
        check(accuracy.wilson, 0.88649, 1.0);
        assert!(accuracy.omission.unwrap().contains(0.25) && !accuracy.wilson.unwrap().contains(0.25));
        let area = found.area(0).unwrap();
        // No other interval of the area has a width, but Wilson's by the units of the whole sample.
        assert!(area.standard_error.unwrap() < 1e-12 && area.logit.unwrap().upper < 1.0 + 1e-9, "{area:?}");
        assert!(area.omission.unwrap().upper > 1.0 + 99.0 * 0.0362, "{area:?}");
        assert!(area.omission.unwrap().lower < 0.8 && area.wilson.unwrap().lower < 0.8, "{area:?}");
        // The large class may lose what the small stratum holds of it, .01 * (1 - .025^(1/30)): less than Wilson's width.
        let large = found.producers_accuracy(1).unwrap();
        assert_eq!(large.omission, large.wilson);
        assert!(large.wilson.unwrap().lower < 0.99 / (0.99 + 0.001_157));
    }

    #[test]
    fn what_was_met_everywhere_is_wilsons() {
        let found = of([28, 2, 5, 95], [20.0, 80.0]);
        for class in 0..2 {
            let (area, accuracy) = (found.area(class).unwrap(), found.producers_accuracy(class).unwrap());
            assert_eq!((area.omission, accuracy.omission), (area.wilson, accuracy.wilson));
            assert_eq!(found.users_accuracy(class).unwrap().omission, None);
        }
    }

    #[test]
    fn a_class_that_no_unit_has_has_an_area_of_3_in_n_at_most() {
        let found = of([0, 40, 0, 60], [1.0, 1.0]);
        // Of each half 1 - .025^(1/40) and 1 - .025^(1/60), squared and added.
        let halves = [40.0, 60.0].map(|n: f64| 0.5 * (1.0 - 0.025_f64.powf(1.0 / n)));
        check(found.area_proportion(0).unwrap().omission, 0.0, halves[0].hypot(halves[1]));
        assert!(found.producers_accuracy(0).is_none());
    }

    #[test]
    fn more_units_narrow_it_and_more_confidence_widens_it() {
        let lower = |units: u64, confidence: f64| {
            let found = of([30, 0, 0, units], [1.0, 9.0]).with_confidence(confidence).unwrap();
            found.producers_accuracy(0).unwrap().omission.unwrap().lower
        };
        assert!(lower(50, 0.95) < lower(100, 0.95) && lower(100, 0.95) < lower(1000, 0.95));
        assert!(lower(100, 0.99) < lower(100, 0.95));
    }

    /// Strata that are counted whole hide nothing; one without a unit in the region may reach into it.
    #[test]
    fn strata_that_cannot_hide_it_are_left_out() {
        let units = |stratum: usize, map: usize, region: usize, times: usize| {
            vec![SampleUnit::new(map, map).in_stratum(stratum).in_region(region); times]
        };
        let sample = [units(0, 0, 0, 20), units(1, 1, 0, 30), units(2, 1, 1, 10)].concat();
        let strata = Strata::new(&[10.0, 60.0, 30.0]).unwrap();
        let all = Assessment::new(2, &sample, &strata, Estimator::Stratified).unwrap();
        let lower = |a: &Assessment| a.producers_accuracy(0).unwrap().omission.unwrap().lower;
        let one = |n: f64| 1.0 - 0.025_f64.powf(1.0 / n);
        let of = |unmet: f64| 0.1 / (0.1 + unmet);
        // Stratum 0 is no map class by name here: it could omit as well.
        let own = 0.1 * one(20.0);
        let both = own.hypot(0.6 * one(30.0)).hypot(0.3 * one(10.0));
        assert!((lower(&all) - of(both)).abs() < 1e-12);
        assert!((lower(&all.in_region(0, None)) - of(both)).abs() < 1e-12);
        let whole = strata.with_units(&[1000, 30, 1000]).unwrap();
        let counted = Assessment::new(2, &sample, &whole, Estimator::Stratified).unwrap();
        assert!((lower(&counted) - of(own.hypot(0.3 * one(10.0)))).abs() < 1e-12);
    }

    /// What lies in one class only may be gone from the other as well.
    #[test]
    fn a_class_that_fills_a_stratum_may_be_less() {
        let area = of([30, 0, 0, 100], [1.0, 99.0]).area_proportion(1).unwrap();
        // Of the second stratum scipy.stats.beta.ppf(0.975, 1, 100) = .036216694 may be of class 0 instead.
        let (gone, met) = (0.99 * 0.036_216_694, area.value - area.wilson.unwrap().lower);
        check(area.omission, 0.99 - met.hypot(gone), area.omission.unwrap().upper);
    }

    fn sample() -> impl Strategy<Value = (Vec<SampleUnit>, Vec<f64>)> {
        let unit =
            (0..2usize, 0..2usize, 0..3usize, 0..2usize).prop_map(|(map, reference, stratum, region)| {
                SampleUnit::new(map, reference).in_stratum(stratum).in_region(region)
            });
        (prop::collection::vec(unit, 1..60), prop::collection::vec(0.1..9.0f64, 3))
    }

    proptest! {
        #[test]
        fn it_holds_wilsons_and_two_classes_mirror(((units, areas), in_region) in (sample(), any::<bool>())) {
            // Each stratum needs units.
            let all = (0..3).flat_map(|stratum| vec![SampleUnit::new(0, 0).in_stratum(stratum); 2]);
            let units: Vec<SampleUnit> = all.chain(units).collect();
            let found = Assessment::new(2, &units, &Strata::new(&areas).unwrap(), Estimator::Stratified).unwrap();
            let found = if in_region { found.in_region(0, None) } else { found };
            let figures = (0..2).flat_map(|class| {
                [found.area_proportion(class), found.area(class), found.producers_accuracy(class)]
            });
            for figure in figures.flatten() {
                let (wide, wilson) = (figure.omission.unwrap(), figure.wilson.unwrap());
                prop_assert!(wide.lower <= wilson.lower && wide.upper >= wilson.upper, "{figure:?}");
                prop_assert!(wide.lower >= 0.0);
            }
            let ends = |class| found.area_proportion(class).unwrap().omission.unwrap();
            prop_assert!((ends(0).lower - (1.0 - ends(1).upper)).abs() < 1e-9);
            prop_assert!((ends(0).upper - (1.0 - ends(1).lower)).abs() < 1e-9);
        }
    }
}
