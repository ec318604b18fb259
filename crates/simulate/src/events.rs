//! Where events strike: patches, single trees and droughts laid over the forest.

use crate::landscape::Landscape;
use crate::noise::{Purpose, fractal, hash, mix, seed_for, smoothstep, uniform};
use crate::plan::{DROUGHT, DROUGHT_SHARE, Outline, PATCHES, Plan, SPOTS, Spot, Strike, When};
use crate::story::{Story, StoryKind};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Class code of forest that stays forest.
const PERSISTENT_TREES: u8 = 2;
/// Pixels of 10 m in a hectare.
const HECTARE: f32 = 100.0;
/// Days in a unit of [`Events::lag`].
pub(crate) const LAG_DAYS: f32 = 2.0;
/// Stories that the spots of one kind share, so that their dates differ.
const SPOT_STORIES: u64 = 48;

/// Events at the pixels of 10 m.
pub(crate) struct Events {
    /// Number of the story at a pixel, counted from 1; 0 where nothing happens.
    pub(crate) story: Vec<u32>,
    /// Severity, 255 for all.
    pub(crate) severity: Vec<u8>,
    /// Delay at the pixel in units of [`LAG_DAYS`].
    pub(crate) lag: Vec<u8>,
    pub(crate) stories: Vec<Story>,
}

/// A patch that fits.
struct Patch {
    /// Pixel, and its depth inside the outline: 0 at the edge, 1 in the middle.
    pixels: Vec<(usize, f32)>,
}

struct Canvas<'a> {
    seed: u64,
    fine: usize,
    mapping_day: f32,
    first_doy: f32,
    land: &'a Landscape,
    events: Events,
}

impl Events {
    /// Strikes a landscape. `mapping_day` is the day of the series on which the mapping year begins, `first_doy` the
    /// day of the year of the series' first day.
    pub(crate) fn new(seed: u64, size: usize, land: &Landscape, mapping_day: f32, first_doy: f32) -> Self {
        let pixels = 4 * size * size;
        let events = Self {
            story: vec![0; pixels],
            severity: vec![0; pixels],
            lag: vec![0; pixels],
            stories: Vec::new(),
        };
        let mut canvas = Canvas { seed, fine: 2 * size, mapping_day, first_doy, land, events };
        let mut rng = ChaCha8Rng::seed_from_u64(seed_for(seed, Purpose::Patches));
        for plan in &PATCHES {
            canvas.strike_patches(plan, &mut rng);
        }
        canvas.strike_droughts();
        for (number, spot) in SPOTS.iter().enumerate() {
            canvas.strike_spots(spot, number as u64, &mut rng);
        }
        canvas.events
    }

    /// The story at a pixel, if there is one.
    pub(crate) fn at(&self, pixel: usize) -> Option<&Story> {
        (self.story[pixel] as usize).checked_sub(1).map(|i| &self.stories[i])
    }
}

impl Canvas<'_> {
    fn is_free_forest(&self, pixel: usize) -> bool {
        self.events.story[pixel] == 0 && self.unit_at(pixel).is_forest()
    }

    fn unit_at(&self, pixel: usize) -> &crate::landscape::Unit {
        &self.land.units[self.land.unit[pixel] as usize]
    }

    fn add(&mut self, kind: StoryKind, day: f32, class: u8) -> u32 {
        self.events.stories.push(Story { kind, day, class });
        self.events.stories.len() as u32
    }

    /// A day of the series in a plan's span and season.
    fn draw_day(&self, when: When, rng: &mut impl Rng) -> f32 {
        let mut day = self.mapping_day + when.from;
        for _ in 0..64 {
            day = self.mapping_day + when.from + (when.to - when.from) * rng.random::<f32>();
            let doy = (day + self.first_doy).rem_euclid(365.0);
            let (from, to) = when.season;
            let fits = if from <= to { (from..=to).contains(&doy) } else { doy >= from || doy <= to };
            if fits {
                break;
            }
        }
        day
    }

    fn strike_patches(&mut self, plan: &Plan, rng: &mut impl Rng) {
        let target = plan.share * self.events.story.len() as f32;
        let mut struck = 0.0;
        for _ in 0..30_000 {
            if struck > 0.97 * target {
                return;
            }
            let (low, high) = plan.hectares;
            let drawn = low * libm::powf(high / low, rng.random::<f32>()) * HECTARE;
            let area = drawn.min(0.4 * target).min(1.1 * (target - struck)).max(0.3 * HECTARE);
            let Some(patch) = self.draw_patch(plan, area, rng) else { continue };
            struck += patch.pixels.len() as f32;
            let day = self.draw_day(plan.when, rng);
            let story = self.add(plan.kind, day, plan.class);
            for (pixel, depth) in patch.pixels {
                let severity = self.severity(pixel, plan.strike) * (0.5 + 0.5 * smoothstep(0.0, 0.15, depth));
                let wobble = 12.0 * uniform(mix(self.seed ^ (pixel as u64)));
                let lag = plan.spread * (1.0 - depth) + if plan.spread > 5.0 { wobble } else { 0.0 };
                self.events.story[pixel] = story;
                self.events.severity[pixel] = (severity * 255.0) as u8;
                self.events.lag[pixel] = (lag / LAG_DAYS).min(255.0) as u8;
            }
        }
    }

    /// A patch of about an area that lies almost whole in untouched forest.
    fn draw_patch(&self, plan: &Plan, area: f32, rng: &mut impl Rng) -> Option<Patch> {
        let centre = (rng.random::<f32>() * self.fine as f32, rng.random::<f32>() * self.fine as f32);
        let angle = rng.random::<f32>() * std::f32::consts::PI;
        let slender = 1.0 + 1.6 * rng.random::<f32>();
        let ragged: u64 = rng.random();
        let fits = |pixel: usize| {
            self.is_free_forest(pixel) && (!plan.conifers || self.unit_at(pixel).conifer() > 0.5)
        };
        let middle =
            (centre.1 as usize).min(self.fine - 1) * self.fine + (centre.0 as usize).min(self.fine - 1);
        if !fits(middle) {
            return None;
        }
        let outline = Shape { centre, angle, slender, area, ragged, outline: plan.outline };
        let reach = (2.0 * (area * slender).sqrt()) as i64 + 2;
        let limit = self.fine as i64;
        let (mut pixels, mut missed) = (Vec::new(), 0usize);
        for y in (centre.1 as i64 - reach).max(0)..(centre.1 as i64 + reach).min(limit) {
            for x in (centre.0 as i64 - reach).max(0)..(centre.0 as i64 + reach).min(limit) {
                let depth = outline.depth(x as f32 + 0.5, y as f32 + 0.5);
                let pixel = (y * limit + x) as usize;
                if depth > 0.0 && fits(pixel) {
                    pixels.push((pixel, depth));
                } else if depth > 0.0 {
                    missed += 1;
                }
            }
        }
        let enough = pixels.len() >= 24 && pixels.len() > missed;
        enough.then_some(Patch { pixels })
    }

    /// How hard a pixel of 10 m is hit; the four of one pixel of 20 m share their fate.
    fn severity(&self, pixel: usize, strike: Strike) -> f32 {
        let (row, col) = ((pixel / self.fine / 2) as i32, (pixel % self.fine / 2) as i32);
        let fate = hash(seed_for(self.seed, Purpose::Severity), row, col);
        let level = uniform(mix(fate));
        let (low, high) = strike.severity;
        let base = if uniform(fate) < strike.spared { 0.12 * level } else { low + (high - low) * level };
        (base * (0.88 + 0.24 * uniform(mix(fate ^ pixel as u64)))).min(1.0)
    }

    /// Whole stands whose leaves pale in one of the summers.
    fn strike_droughts(&mut self) {
        let seed = seed_for(self.seed, Purpose::Spots);
        let mut of_unit = vec![0u32; self.land.units.len()];
        for (i, number) in of_unit.iter_mut().enumerate() {
            let stand = &self.land.units[i];
            let fate = mix(seed ^ stand.key);
            if stand.is_forest() && uniform(fate) < DROUGHT_SHARE {
                let summer = 365.0 * (uniform(mix(fate)) * 2.0).floor();
                let july = 185.0 - self.first_doy + 40.0 * (uniform(mix(fate ^ 1)) - 0.5);
                *number = self.add(StoryKind::Drought, july + summer, PERSISTENT_TREES);
            }
        }
        for pixel in 0..self.events.story.len() {
            let story = of_unit[self.land.unit[pixel] as usize];
            if story > 0 && self.events.story[pixel] == 0 {
                self.events.story[pixel] = story;
                self.events.severity[pixel] = (self.severity(pixel, DROUGHT) * 255.0) as u8;
            }
        }
    }

    /// Pixels of 20 m here and there.
    fn strike_spots(&mut self, spot: &Spot, number: u64, rng: &mut impl Rng) {
        let first = self.events.stories.len() as u32 + 1;
        for _ in 0..SPOT_STORIES {
            let day = self.draw_day(spot.when, rng);
            self.add(spot.kind, day, PERSISTENT_TREES);
        }
        let seed = mix(seed_for(self.seed, Purpose::Spots) ^ (number + 1));
        let coarse = self.fine / 2;
        for place in 0..coarse * coarse {
            let (row, col) = (place / coarse, place % coarse);
            let fate = hash(seed, row as i32, col as i32);
            if uniform(fate) >= spot.share {
                continue;
            }
            let severity = spot.severity.0 + (spot.severity.1 - spot.severity.0) * uniform(mix(fate ^ 1));
            for (dr, dc) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let pixel = (2 * row + dr) * self.fine + 2 * col + dc;
                if self.is_free_forest(pixel) {
                    self.events.story[pixel] = first + (mix(fate ^ 2) % SPOT_STORIES) as u32;
                    self.events.severity[pixel] = (severity * 255.0) as u8;
                }
            }
        }
    }
}

/// A patch's outline in pixels of 10 m.
struct Shape {
    centre: (f32, f32),
    angle: f32,
    /// Length over width.
    slender: f32,
    area: f32,
    ragged: u64,
    outline: Outline,
}

impl Shape {
    /// 1 in the middle, 0 at the edge, negative outside.
    fn depth(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let (sin, cos) = (libm::sinf(self.angle), libm::cosf(self.angle));
        let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
        match self.outline {
            Outline::Strip => {
                let width = (self.area / self.slender).sqrt();
                let length = width * self.slender;
                1.0 - (2.0 * u.abs() / length).max(2.0 * v.abs() / width)
            }
            Outline::Blob => {
                let short = (self.area / (std::f32::consts::PI * self.slender)).sqrt();
                let long = short * self.slender;
                let round = ((u / long) * (u / long) + (v / short) * (v / short)).sqrt();
                1.0 - round
                    * (1.0 + 0.22 * fractal(self.ragged ^ Purpose::Blob as u64, x / 7.0, y / 7.0, 3, 0.6))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terrain::Terrain;

    fn landscape(seed: u64, size: usize) -> Landscape {
        let terrain = Terrain::new(seed, size);
        Landscape::new(seed, size, &terrain.dem, &terrain.water, crate::forest::LAND_USE)
    }

    #[test]
    fn patches_lie_in_forest_and_reach_their_shares() {
        let size = 160;
        let land = landscape(2, size);
        let events = Events::new(2, size, &land, 182.0, 0.0);
        for plan in &PATCHES {
            let pixels = (0..events.story.len())
                .filter(|p| events.at(*p).is_some_and(|s| s.kind == plan.kind && s.class == plan.class));
            let share = pixels.count() as f32 / events.story.len() as f32;
            assert!((0.7..1.4).contains(&(share / plan.share)), "{:?} {share}", plan.kind);
        }
        for (pixel, unit) in land.unit.iter().enumerate() {
            assert!(events.story[pixel] == 0 || land.units[*unit as usize].is_forest());
        }
    }

    #[test]
    fn events_of_the_mapping_year_begin_in_it() {
        let size = 128;
        let land = landscape(3, size);
        let events = Events::new(3, size, &land, 182.0, 0.0);
        for story in events.stories.iter().filter(|s| matches!(s.class, 3 | 4 | 6)) {
            assert!((182.0..547.0).contains(&story.day), "{story:?}");
        }
        for story in events.stories.iter().filter(|s| s.class == 5) {
            assert!(story.day < 0.0, "{story:?}");
        }
    }
}
