//! What becomes of the land from the year of the old map to the last year of the series: few patches, each of some
//! thousand square metres and more.

use super::cover::Cover;
use super::piece::{Piece, town_piece};
use crate::noise::{Purpose, bell, fractal, hash, mix, seed_for, uniform};

/// Years from the old map to the first year of the series: such maps come out every six years.
pub(crate) const MAP_AGE: i32 = 6;
/// How often a patch is tried before its kind is given up for the year.
const TRIES: u64 = 3000;

/// What happens to a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Built,
    /// Felled, or thrown by a storm, and left to herbs.
    Felled,
    /// Felled and left to shrubs.
    Overgrown,
    Sown,
    Ploughed,
    Drowned,
    Silted,
}

/// How much of a kind there is, and when in the half year before a summer it comes.
struct Plan {
    kind: Kind,
    /// Share of the whole area in a year.
    share: f32,
    /// Smallest and largest patch in hectares.
    hectares: (f32, f32),
    /// First and last day, from the first of January of the year that sees it.
    days: (f32, f32),
}

/// The rarest first. About one part in 130 of the area changes in a year: land-cover accounts of alpine regions say
/// some tenths of a percent a year, storms and the quick change between field and meadow add to them.
const PLANS: [Plan; 7] = [
    Plan { kind: Kind::Drowned, share: 0.0003, hectares: (0.15, 0.8), days: (-90.0, -30.0) },
    Plan { kind: Kind::Silted, share: 0.0003, hectares: (0.15, 0.8), days: (-90.0, -30.0) },
    Plan { kind: Kind::Built, share: 0.0013, hectares: (0.4, 2.5), days: (-110.0, 80.0) },
    Plan { kind: Kind::Sown, share: 0.0013, hectares: (0.3, 6.0), days: (-110.0, -50.0) },
    Plan { kind: Kind::Ploughed, share: 0.0013, hectares: (0.3, 6.0), days: (-110.0, 90.0) },
    Plan { kind: Kind::Overgrown, share: 0.0012, hectares: (0.5, 4.0), days: (-115.0, 60.0) },
    Plan { kind: Kind::Felled, share: 0.0019, hectares: (0.5, 6.0), days: (-115.0, 60.0) },
];
/// How many times the usual is felled before the second summer: the storm of October 2018.
const STORM: (i32, f32) = (1, 2.0);

/// One patch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    kind: Kind,
    /// The year, counted from the first of the series, whose summer sees it.
    pub(crate) year: i32,
    /// Day of the series of 365-day years.
    pub(crate) day: f32,
    key: u64,
}

/// The patches, and which one each pixel belongs to: its number plus one, 0 for none.
pub(crate) struct Changes {
    pub(crate) list: Vec<Change>,
    pub(crate) at: Vec<u16>,
}

struct Maker<'a> {
    seed: u64,
    size: usize,
    land: &'a [Piece],
    changes: Changes,
}

impl Changes {
    /// The changes of `land`, which is of the year of the old map, up to the last of `years`.
    pub(crate) fn new(seed: u64, size: usize, years: u32, land: &[Piece]) -> Self {
        let changes = Self { list: Vec::new(), at: vec![0; size * size] };
        let mut maker = Maker { seed: seed_for(seed, Purpose::Changes), size, land, changes };
        // What is left over in a year, because no patch was small enough, is made up for in the next.
        let mut left = [0.0; PLANS.len()];
        for year in 1 - MAP_AGE..years as i32 {
            for (plan, left) in PLANS.iter().zip(&mut left) {
                let storm = if plan.kind == Kind::Felled && year == STORM.0 { STORM.1 } else { 1.0 };
                *left += storm * plan.share * (size * size) as f32;
                maker.make(plan, year, left);
            }
        }
        maker.changes
    }
}

impl Maker<'_> {
    /// Makes patches of a kind until less than half of one is `left`, in pixels.
    fn make(&mut self, plan: &Plan, year: i32, left: &mut f32) {
        for number in 0..TRIES {
            let draw = hash(mix(self.seed ^ number), year, plan.kind as i32);
            let centre = (mix(draw ^ 1) % (self.size * self.size) as u64) as usize;
            if !plan.kind.strikes(self.land[centre].cover) || self.changes.at[centre] != 0 {
                continue;
            }
            let (low, high) = plan.hectares;
            let hectares = low + (high - low) * uniform(mix(draw ^ 2)) * uniform(mix(draw ^ 3));
            let patch = self.patch(plan.kind, centre, hectares * 100.0, draw);
            let pixels = patch.len() as f32;
            if *left < 0.5 * pixels {
                return;
            }
            if pixels < 100.0 * low || self.changes.list.len() >= usize::from(u16::MAX) {
                continue;
            }
            let day = plan.days.0 + (plan.days.1 - plan.days.0) * uniform(mix(draw ^ 4));
            self.changes.list.push(Change {
                kind: plan.kind,
                year,
                day: 365.0 * year as f32 + day,
                key: draw,
            });
            let name = self.changes.list.len() as u16;
            patch.into_iter().for_each(|pixel| self.changes.at[pixel] = name);
            *left -= pixels;
        }
    }

    /// Pixels around a centre: the whole parcel for a change of crop, else a blob with a ragged edge.
    fn patch(&self, kind: Kind, centre: usize, pixels: f32, draw: u64) -> Vec<usize> {
        let (row, col) = ((centre / self.size) as f32, (centre % self.size) as f32);
        let whole = matches!(kind, Kind::Sown | Kind::Ploughed);
        let radius = (pixels / std::f32::consts::PI).sqrt();
        let reach = if whole { 45.0 } else { 2.4 * radius + 2.0 };
        let span = |at: f32| (at - reach).max(0.0) as usize..((at + reach) as usize + 1).min(self.size);
        let (stretch, turn) = (1.0 + 0.25 * bell(draw as u32), uniform(mix(draw ^ 5)) * std::f32::consts::PI);
        let (sin, cos, stretch) = (libm::sinf(turn), libm::cosf(turn), stretch.clamp(0.7, 1.5));
        let inside = |r: usize, c: usize| {
            let (dy, dx) = (r as f32 - row, c as f32 - col);
            let (u, v) = ((dx * cos + dy * sin) / stretch, (dy * cos - dx * sin) * stretch);
            let edge = 1.0 + 0.22 * fractal(draw, c as f32 / 9.0, r as f32 / 9.0, 3, 0.5);
            (u * u + v * v).sqrt() < radius * edge
        };
        let own = self.land[centre];
        span(row)
            .flat_map(|r| span(col).map(move |c| (r, c)))
            .filter(|(r, c)| {
                let pixel = r * self.size + c;
                let piece = self.land[pixel];
                self.changes.at[pixel] == 0
                    && if whole { piece == own } else { kind.strikes(piece.cover) && inside(*r, *c) }
            })
            .map(|(r, c)| r * self.size + c)
            .collect()
    }
}

impl Kind {
    /// Whether it may happen to a cover.
    const fn strikes(self, cover: Cover) -> bool {
        match self {
            Self::Built => matches!(cover, Cover::Field | Cover::Orchard | Cover::Vineyard | Cover::Meadow),
            Self::Felled | Self::Overgrown => matches!(cover, Cover::Conifer | Cover::Broadleaf),
            Self::Sown => matches!(cover, Cover::Field),
            Self::Ploughed => matches!(cover, Cover::Meadow),
            Self::Drowned => matches!(cover, Cover::Bar),
            Self::Silted => matches!(cover, Cover::Water),
        }
    }
}

impl Change {
    /// What a pixel of the patch becomes.
    pub(crate) fn apply(&self, seed: u64, col: usize, row: usize, old: Piece) -> Piece {
        let key = self.key;
        let (cover, key) = match self.kind {
            Kind::Built => town_piece(seed ^ key, col as f32 * 10.0, row as f32 * 10.0),
            // Herbs of four summers and more have given way to shrubs.
            Kind::Felled if self.year > -3 => (Cover::Clearing, key),
            Kind::Felled | Kind::Overgrown => (Cover::Young, key),
            Kind::Sown => (Cover::Meadow, key),
            Kind::Ploughed => (Cover::Field, key),
            Kind::Drowned => (Cover::Water, 1),
            Kind::Silted => (Cover::Bar, key),
        };
        Piece { cover, key, ..old }
    }
}
