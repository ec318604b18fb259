//! What a simulated valley promises, seen from outside.

use super::*;

fn valley(size: usize, seed: u64, years: u32) -> Multiyear {
    let config = MultiyearConfig { size, seed, years, revisit_days: 60, ..MultiyearConfig::default() };
    Multiyear::new(config).unwrap()
}

fn share(codes: &[u8], test: impl Fn(usize, u8) -> bool) -> f32 {
    codes.iter().enumerate().filter(|(i, code)| test(*i, **code)).count() as f32 / codes.len() as f32
}

/// Share of a class, and share of it that the labels have right.
fn of_class(valley: &Multiyear, class: u8) -> (f32, f32) {
    let truth = valley.truth(2018).unwrap();
    let all = share(truth, |_, code| code == class);
    (all, share(truth, |i, code| code == class && valley.labels()[i] == code) / all)
}

#[test]
fn classes_take_their_shares() {
    // Artificial, grass, crops, mineral, rocks, sand, broadleaves, conifers, shrubland, water.
    let ranges = [
        (0.04, 0.07),
        (0.13, 0.21),
        (0.08, 0.15),
        (0.012, 0.018),
        (0.018, 0.045),
        (0.006, 0.011),
        (0.20, 0.27),
        (0.21, 0.28),
        (0.08, 0.13),
        (0.015, 0.035),
    ];
    for seed in 1..=4 {
        let valley = valley(512, seed, 3);
        for ((code, name, _), (low, high)) in cover::CLASSES.into_iter().zip(ranges) {
            let (share, _) = of_class(&valley, code);
            assert!((low..high).contains(&share), "seed {seed} {name}: {share}");
            assert!(valley.labels().contains(&code), "seed {seed}: no label {name}");
        }
    }
}

#[test]
fn labels_are_right_on_three_quarters_and_less_on_rare_classes() {
    for seed in 1..=4 {
        let valley = valley(512, seed, 3);
        let truth = valley.truth(2018).unwrap();
        let right = share(truth, |i, code| valley.labels()[i] == code);
        assert!((0.73..0.85).contains(&right), "seed {seed}: {right}");
        for rare in [4, 6] {
            let (_, rare_right) = of_class(&valley, rare);
            assert!(rare_right < right, "seed {seed} class {rare}: {rare_right}");
        }
    }
}

#[test]
fn little_changes_and_in_patches() {
    for seed in 1..=4 {
        let valley = valley(512, seed, 3);
        let (first, last) = (valley.truth(2018).unwrap(), valley.truth(2020).unwrap());
        let changed: Vec<bool> = first.iter().zip(last).map(|(a, b)| a != b).collect();
        let share = changed.iter().filter(|c| **c).count() as f32 / changed.len() as f32;
        assert!((0.010..0.020).contains(&share), "seed {seed}: {share}");
        let alone = |i: usize| {
            changed[i]
                && ![i.wrapping_sub(1), i + 1, i.wrapping_sub(512), i + 512]
                    .iter()
                    .any(|other| changed.get(*other) == Some(&true))
        };
        let specks = (0..changed.len()).filter(|i| alone(*i)).count();
        assert!(specks * 50 < changed.iter().filter(|c| **c).count(), "seed {seed}: {specks}");
    }
}

#[test]
fn a_longer_series_begins_alike() {
    let (short, long) = (valley(128, 3, 2), valley(128, 3, 5));
    assert_eq!(short.labels(), long.labels());
    for year in short.years() {
        assert_eq!(short.truth(year).unwrap(), long.truth(year).unwrap());
    }
    assert_eq!(short.scene(3).unwrap(), long.scene(3).unwrap());
    let message = short.truth(2020).unwrap_err().to_string();
    assert_eq!(message, "year 2020 is not simulated: the years are 2018 to 2019");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let print = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| valley(64, 3, 3).fingerprint().unwrap())
    };
    assert_eq!(print(1), print(3));
}

#[test]
fn small_areas_can_be_made() {
    for seed in 1..=6 {
        for size in [32, 96] {
            let valley = valley(size, seed, 3);
            let known = |code: &u8| (1..=10).contains(code);
            assert!(valley.labels().iter().chain(valley.truth(2018).unwrap()).all(known));
            assert!(valley.normals.iter().flatten().all(|v| v.is_finite()));
        }
    }
}

#[test]
fn snow_lies_on_the_heights_in_winter() {
    let valley = valley(512, 1, 2);
    let snowy = |index: usize| share(&valley.scene(index).unwrap().scl, |_, class| class == 11);
    let scenes = valley.schedule.iter().enumerate();
    let most = |days: std::ops::Range<u32>| {
        let inside = |(_, (day, _)): &(usize, &(f32, SceneSpec))| days.contains(&((*day % 365.0) as u32));
        scenes.clone().filter(inside).map(|(index, _)| snowy(index)).fold(0.0, f32::max)
    };
    assert!(most(0..120) > 0.05, "{}", most(0..120));
    assert!(most(180..270) < 0.02, "{}", most(180..270));
}
