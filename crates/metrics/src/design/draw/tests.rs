//! Draws: right numbers, right probabilities, same seed same ranks.

use super::*;

#[track_caller]
fn check_weights(draw: &Draw, population: f64) {
    let sum: f64 = draw.units().map(|unit| unit.weight).sum();
    assert!((sum / population - 1.0).abs() < 1e-12, "weights add up to {sum}, not {population}");
}

/// How often each unit of each group is drawn over many seeds, against its inclusion probability.
#[track_caller]
fn check_inclusion(sizes: &[u64], draw: impl Fn(u64) -> Draw) {
    const DRAWS: u64 = 4000;
    let mut counts: Vec<Vec<f64>> = sizes.iter().map(|size| vec![0.0; *size as usize]).collect();
    for seed in 0..DRAWS {
        for unit in draw(seed).units() {
            counts[unit.group][unit.rank as usize] += unit.weight / DRAWS as f64;
        }
    }
    // Each unit's summed weight estimates 1 with standard error √((1/p - 1) / draws) < 0.05 for p > 0.1.
    for (group, units) in counts.iter().enumerate() {
        for (rank, sum) in units.iter().enumerate() {
            assert!((sum - 1.0).abs() < 0.2, "unit {rank} of group {group}: {sum}");
        }
    }
}

#[test]
fn every_design_keeps_its_inclusion_probabilities() {
    check_inclusion(&[12], |seed| Draw::simple(12, 5, seed).unwrap());
    check_inclusion(&[4, 9], |seed| Draw::stratified(&[4, 9], &[1, 4], seed).unwrap());
    check_inclusion(&[11], |seed| Draw::systematic(11, 3, seed).unwrap());
    check_inclusion(&[3, 1, 5, 2], |seed| Draw::clusters(&[3, 1, 5, 2], 2, seed).unwrap());
    check_inclusion(&[3, 1, 5, 2], |seed| Draw::two_stage(&[3, 1, 5, 2], 2, 2, seed).unwrap());
}

#[test]
fn ranks_are_distinct_and_in_range() {
    for draw in [
        Draw::simple(10, 10, 1).unwrap(),
        Draw::simple(1 << 40, 500, 1).unwrap(),
        Draw::systematic(1000, 999, 1).unwrap(),
        Draw::systematic(7, 7, 3).unwrap(),
    ] {
        let ranks: Vec<u64> = draw.units().map(|unit| unit.rank).collect();
        assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ranks.iter().all(|rank| *rank < draw.groups[0].size));
    }
    check_weights(&Draw::simple(10_980 * 10_980, 640, 4).unwrap(), 10_980.0 * 10_980.0);
    check_weights(&Draw::stratified(&[10, 20], &[3, 7], 4).unwrap(), 30.0);
    check_weights(&Draw::two_stage(&[10; 30], 6, 4, 4).unwrap(), 300.0);
}

#[test]
fn the_same_seed_draws_the_same_ranks() {
    let ranks = |seed| Draw::simple(1000, 5, seed).unwrap().units().map(|unit| unit.rank).collect::<Vec<_>>();
    assert_eq!(ranks(42), ranks(42));
    assert_ne!(ranks(42), ranks(43));
}

#[test]
fn a_pass_finds_the_ranks() {
    let strata: Vec<usize> = (0..10_000).map(|i| (i * 7 + i / 13) % 3).collect();
    let mut sizes = [0; 3];
    strata.iter().for_each(|stratum| sizes[*stratum] += 1);
    let draw = Draw::stratified(&sizes, &[10, 0, 25], 3).unwrap();
    let (mut pass, mut found, mut seen) = (draw.pass(), vec![], [0; 3]);
    for &stratum in &strata {
        if let Some(unit) = pass.show(stratum).unwrap() {
            assert_eq!((unit.group, unit.rank), (stratum, seen[stratum]));
            found.push(unit);
        }
        seen[stratum] += 1;
    }
    pass.finish().unwrap();
    found.sort_by_key(|unit| (unit.group, unit.rank));
    assert_eq!(found, draw.units().collect::<Vec<_>>());
}

#[test]
fn a_pass_over_another_raster_is_an_error() {
    let draw = Draw::stratified(&[2, 1], &[1, 1], 0).unwrap();
    let mut pass = draw.pass();
    pass.show(0).unwrap();
    assert_eq!(pass.show(2), Err(Error::Stratum { stratum: 2, strata: 2 }));
    assert_eq!(pass.finish(), Err(Error::PassEnded { stratum: 0, expected: 2, found: 1 }));
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let too_many = |stratum, available, asked| Err(Error::TooManyUnits { stratum, available, asked });
    assert_eq!(Draw::stratified(&[5, 2], &[1, 3], 0), too_many(1, 2, 3));
    assert_eq!(Draw::systematic(2, 3, 0), too_many(0, 2, 3));
    assert_eq!(Draw::clusters(&[1, 1], 3, 0), too_many(0, 2, 3));
    assert_eq!(Draw::stratified(&[5, 2], &[1], 0), Err(Error::Strata { expected: 2, found: 1 }));
    assert!(Draw::two_stage(&[5, 2], 1, 0, 0).is_err());
    assert!(Draw::simple(0, 0, 0).unwrap().is_empty());
    assert!(Draw::systematic(0, 0, 0).unwrap().is_empty());
}
