//! The land before people came: forest, savanna, grassland, and what floods.

use super::cover::Cover;
use super::water::Drainage;
use crate::noise::{Purpose, field, fractal, mix, quantile, seed_for};

/// Share of the area on soils too poor for forest, and of that the share of grassland.
const OPEN: (f32, f32) = (0.15, 0.36);
/// Share of the area that floods, and of that the share without trees.
const FLOODPLAIN: (f32, f32) = (0.088, 0.36);
/// Sand along the river, as a share of the area.
const SAND: f32 = 0.0045;
/// Rock outcrops and eroded gullies on the poor soils, likewise; they count as sand.
const OUTCROP: f32 = 0.0025;

/// The natural cover at each pixel of 10 m, and how far the river is.
pub(crate) struct Natural {
    pub(crate) cover: Vec<Cover>,
    /// Metres to the river's water, negative in it.
    pub(crate) bank: Vec<f32>,
}

impl Natural {
    pub(crate) fn new(seed: u64, size: usize, drainage: &Drainage) -> Self {
        let seed = seed_for(seed, Purpose::Cover);
        let at = |r: usize, c: usize| (c as f32 * 10.0 + 5.0, r as f32 * 10.0 + 5.0);
        let bank = field(size, size, |r, c| drainage.bank(at(r, c).0, at(r, c).1));
        let noise = |n: u64, metres: f32, octaves: u32| {
            let seed = mix(seed ^ n);
            field(size, size, |r, c| fractal(seed, at(r, c).0 / metres, at(r, c).1 / metres, octaves, 0.55))
        };
        let poor = noise(1, 1500.0, 5);
        let grassy = noise(2, 620.0, 5);
        let treeless = noise(3, 420.0, 5);
        let bars = noise(4, 130.0, 3);
        let rough = noise(5, 260.0, 4);
        let wetness = field(size, size, |r, c| {
            let i = r * size + c;
            let stream = 2.6 * drainage.stream(at(r, c).0, at(r, c).1);
            bank[i].max(0.0).min(stream + 30.0) * (1.0 + 0.4 * rough[i].clamp(-1.6, 1.6))
        });
        let share = |values: &[f32], share: f32| quantile(values.to_vec(), share);
        let within = |values: &[f32], test: &dyn Fn(usize) -> bool, part: f32| {
            let some = values.iter().enumerate().filter(|(i, _)| test(*i)).map(|(_, v)| *v).collect();
            quantile(some, part)
        };
        let flooded = share(&wetness, FLOODPLAIN.0);
        let open = share(&poor, 1.0 - OPEN.0);
        let grass = within(&grassy, &|i| poor[i] > open, 1.0 - OPEN.1);
        let bare = within(&treeless, &|i| wetness[i] < flooded, 1.0 - FLOODPLAIN.1);
        let beach: Vec<f32> = bank
            .iter()
            .zip(&bars)
            .map(|(bank, bar)| if *bank > 0.0 { bank - 22.0 * bar } else { f32::MAX })
            .collect();
        let sand = share(&beach, SAND);
        let rock: Vec<f32> =
            poor.iter().zip(&bars).map(|(poor, bar)| poor.min(open + 0.5) + 0.8 * bar).collect();
        let outcrop = share(&rock, 1.0 - OUTCROP);
        let cover = |i: usize| match () {
            () if bank[i] <= 0.0 => Cover::Water,
            () if beach[i] < sand => Cover::Sand,
            () if wetness[i] < flooded && treeless[i] > bare => Cover::Wetland,
            () if wetness[i] < flooded => Cover::Flooded,
            () if rock[i] > outcrop => Cover::Sand,
            () if poor[i] > open && grassy[i] > grass => Cover::Grassland,
            () if poor[i] > open => Cover::Savanna,
            () => Cover::Forest,
        };
        Self { cover: (0..size * size).map(cover).collect(), bank }
    }
}
