//! Allocations against the published example, and their laws.

use super::*;
use proptest::prelude::*;

// Olofsson et al. 2014, Table 5: n = 640.535922 before rounding.
const W: [f64; 4] = [0.02, 0.015, 0.32, 0.645];
const N: f64 = 640.535922;

#[track_caller]
fn check(allocation: &Allocation, expected: [f64; 4], digits: f64) {
    let found = allocation.shares(N, &W).unwrap();
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= digits, "{allocation:?}: {found} is not {expected}");
    }
}

#[test]
fn olofssons_allocations() {
    check(&Allocation::Equal, [160.13; 4], 0.005);
    check(&Allocation::Proportional, [12.81, 9.61, 204.97, 413.15], 0.005);
    check(&Allocation::ProportionalWithMinimum(50), [50.0, 50.0, 179.245073, 361.290849], 5e-7);
    check(&Allocation::ProportionalWithMinimum(75), [75.0, 75.0, 162.664762, 327.87116], 5e-6);
    check(&Allocation::ProportionalWithMinimum(100), [100.0, 100.0, 146.084451, 294.451471], 5e-7);
}

#[test]
fn the_optimum_follows_size_and_deviation() {
    let shares = Allocation::Optimal(vec![0.5, 0.9]).shares(100.0, &[1.0, 1.0]).unwrap();
    assert!((shares[0] - 62.5).abs() < 1e-9 && (shares[1] - 37.5).abs() < 1e-9, "{shares:?}");
    assert!(Allocation::Optimal(vec![1.0, 0.0]).shares(100.0, &[1.0, 1.0]).is_err());
    assert!(Allocation::Optimal(vec![0.9]).shares(100.0, &[1.0, 1.0]).is_err());
}

#[test]
fn empty_strata_get_nothing_and_small_ones_are_taken_whole() {
    for rule in [Allocation::Equal, Allocation::Proportional, Allocation::ProportionalWithMinimum(5)] {
        let units = rule.units(40, &[0, 3, 1000, 1000]).unwrap();
        assert_eq!((units[0], units.iter().sum::<u64>()), (0, 40), "{rule:?}");
    }
    assert_eq!(Allocation::ProportionalWithMinimum(5).units(40, &[0, 3, 1000, 1000]).unwrap()[1], 3);
}

#[test]
fn too_few_and_too_many_are_named() {
    let rule = Allocation::ProportionalWithMinimum(30);
    assert_eq!(rule.units(50, &[100, 100]), Err(Error::Minimum { asked: 50.0, minimum: 30, strata: 2 }));
    assert!(rule.shares(50.0, &[1.0, 1.0]).is_err());
    assert_eq!(
        Allocation::Equal.units(7, &[3, 3]),
        Err(Error::TooManyUnits { stratum: 0, available: 6, asked: 7 })
    );
    assert!(Allocation::Equal.shares(f64::NAN, &W).is_err());
}

proptest! {
    #[test]
    fn totals_hold_and_no_stratum_gives_more_than_it_has(
        sizes in prop::collection::vec((0_u64..2000, 0.0_f64..1.0), 1..8),
        part in 0.0_f64..=1.0,
        kind in 0..4,
        minimum in 0_u64..5,
    ) {
        let (sizes, accuracies): (Vec<u64>, Vec<f64>) = sizes.into_iter().unzip();
        let rule = match kind {
            0 => Allocation::Equal,
            1 => Allocation::Proportional,
            2 => Allocation::Optimal(accuracies),
            _ => Allocation::ProportionalWithMinimum(minimum),
        };
        let units = (part * sizes.iter().sum::<u64>() as f64) as u64;
        if let Ok(found) = rule.units(units, &sizes) {
            prop_assert_eq!(found.iter().sum::<u64>(), units);
            prop_assert!(found.iter().zip(&sizes).all(|(n, size)| n <= size));
            if kind == 3 {
                prop_assert!(found.iter().zip(&sizes).all(|(n, size)| *n >= minimum.min(*size)));
            }
        }
    }
}
