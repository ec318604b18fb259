//! What a simulated valley promises, seen from outside.

use super::*;

fn valley(size: usize, seed: u64) -> Multiyear {
    Multiyear::new(MultiyearConfig { size, seed, revisit_days: 60, ..MultiyearConfig::default() }).unwrap()
}

fn share(codes: &[u8], test: impl Fn(usize, u8) -> bool) -> f32 {
    codes.iter().enumerate().filter(|(i, code)| test(*i, **code)).count() as f32 / codes.len() as f32
}

#[test]
fn report() {
    for seed in 1..=4 {
        let valley = valley(512, seed);
        let truth = valley.truth(2018).unwrap();
        let labels = valley.labels();
        println!("seed {seed} units {} labels right {:.3} changed {:.4} {:.4}", valley.land.units.len(),
            share(truth, |i, c| labels[i] == c),
            share(truth, |i, c| valley.truth(2019).unwrap()[i] != c),
            share(truth, |i, c| valley.truth(2020).unwrap()[i] != c));
        for (code, name, _) in cover::CLASSES {
            let s = share(truth, |_, c| c == code);
            println!("{name:12} {:.4} of labels {:.4} right {:.3}", s, share(labels, |_, c| c == code),
                share(truth, |i, c| c == code && labels[i] == c) / s);
        }
        let top = valley.height.iter().copied().fold(0.0, f32::max);
        println!("top {top}");
    }
}
