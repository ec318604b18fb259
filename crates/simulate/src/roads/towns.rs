//! Where people live, and their streets.

use super::way::{Highway, Place, STEP, Way};
use crate::landscape::Cover;
use crate::noise::{Purpose, fractal, hash, mix, seed_for, uniform};

/// Towns and villages for each square kilometre.
const DENSITY: f32 = 0.10;
/// The smallest and the largest radius of a town in metres.
const RADIUS: (f32, f32) = (170.0, 950.0);

/// A town: a blob of houses around a centre.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Town {
    pub(crate) centre: Place,
    pub(crate) radius: f32,
    /// Sine and cosine of its streets' direction.
    course: (f32, f32),
    /// Metres from street to street, along and across.
    blocks: (f32, f32),
    pub(crate) key: u64,
}

/// A plot of a town.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plot {
    House,
    Garden,
    /// A hall or a yard of a firm, larger than a house.
    Works,
}

impl Plot {
    /// What covers it.
    pub(crate) const fn cover(self) -> Cover {
        match self {
            Self::House | Self::Works => Cover::Built,
            Self::Garden => Cover::Meadow,
        }
    }
}

impl Town {
    /// How far outside a place lies in metres; negative in the town.
    pub(crate) fn outside(&self, (x, y): Place) -> f32 {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let distance = dx.hypot(dy);
        if distance > 1.8 * self.radius {
            return distance - self.radius;
        }
        distance - self.radius * (1.0 + 0.26 * fractal(self.key, x / 310.0, y / 310.0, 3, 0.5))
    }

    /// Along and across the streets.
    fn turned(&self, (x, y): Place) -> (f32, f32) {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let (sin, cos) = self.course;
        (dx * cos + dy * sin, dy * cos - dx * sin)
    }

    fn place(&self, (u, v): (f32, f32)) -> Place {
        let (sin, cos) = self.course;
        (self.centre.0 + u * cos - v * sin, self.centre.1 + u * sin + v * cos)
    }

    /// What stands on a place in the town, and its key.
    pub(crate) fn plot(&self, place: Place) -> (Plot, u64) {
        let (u, v) = self.turned(place);
        let block = hash(self.key, (u / self.blocks.0).floor() as i32, (v / self.blocks.1).floor() as i32);
        if uniform(block) < 0.09 {
            let hall = hash(block, (u / 45.0).floor() as i32, (v / 45.0).floor() as i32);
            return (if uniform(hall) < 0.6 { Plot::Works } else { Plot::Garden }, hall % 24);
        }
        let own = hash(block, (u / 18.0).floor() as i32, (v / 18.0).floor() as i32);
        (if uniform(own) < 0.42 { Plot::House } else { Plot::Garden }, own % 48)
    }

    /// The streets: a grid of lines, each as far as it runs in the town; some blocks have none.
    pub(crate) fn streets(&self, out: &mut Vec<Way>) {
        let reach = 1.8 * self.radius;
        for across in [false, true] {
            let block = if across { self.blocks.1 } else { self.blocks.0 };
            let lines = (reach / block) as i32;
            for line in -lines..=lines {
                let mut run: Vec<Place> = Vec::new();
                let steps = (2.0 * reach / STEP) as i32;
                for step in 0..=steps {
                    let (w, t) = (line as f32 * block, step as f32 * STEP - reach);
                    let place = self.place(if across { (t, w) } else { (w, t) });
                    let piece = hash(self.key ^ u64::from(across), line, (t / 190.0).floor() as i32);
                    if self.outside(place) < -15.0 && uniform(piece) > 0.13 {
                        run.push(place);
                    } else {
                        self.finish(&mut run, out);
                    }
                }
                self.finish(&mut run, out);
            }
        }
    }

    fn finish(&self, run: &mut Vec<Place>, out: &mut Vec<Way>) {
        let points = std::mem::take(run);
        if points.len() > 3 {
            let key = mix(self.key ^ out.len() as u64);
            out.push(Way { highway: Highway::Residential, points, key });
        }
    }
}

/// The towns of an area of `side` metres, the largest first, none of them in water and none too near another.
pub(crate) fn towns(seed: u64, side: f32, wet: impl Fn(Place) -> bool) -> Vec<Town> {
    let seed = seed_for(seed, Purpose::Towns);
    let wanted = (DENSITY * side * side / 1e6).round().max(1.0) as usize;
    let mut towns: Vec<Town> = Vec::new();
    for attempt in 0..400u64 {
        if towns.len() == wanted {
            break;
        }
        let key = mix(seed ^ mix(attempt));
        let pick = |n: u64| uniform(mix(key ^ n));
        let centre = (side * (0.06 + 0.88 * pick(1)), side * (0.06 + 0.88 * pick(2)));
        // Few are large: sizes fall off from the first, as ranks of towns do.
        let rank = (towns.len() as f32 + 1.0).sqrt();
        let radius = (RADIUS.1 / rank * (0.75 + 0.4 * pick(3))).clamp(RADIUS.0, 0.17 * side.max(1000.0));
        let clear = |town: &Town| {
            let apart = (town.centre.0 - centre.0).hypot(town.centre.1 - centre.1);
            apart > 1.25 * (town.radius + radius) + 350.0
        };
        if !wet(centre) && towns.iter().all(clear) {
            let angle = pick(4) * std::f32::consts::PI;
            let blocks = (75.0 + 40.0 * pick(5), 95.0 + 60.0 * pick(6));
            towns.push(Town { centre, radius, course: (libm::sinf(angle), libm::cosf(angle)), blocks, key });
        }
    }
    towns
}
