//! How much of each event there is, how large its patches are, when it comes, and how unevenly it strikes.

use crate::story::StoryKind;

/// The outline of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outline {
    /// A rectangle turned by any angle.
    Strip,
    /// An ellipse with a ragged edge.
    Blob,
}

/// When an event begins, in days from the start of the mapping year.
#[derive(Debug, Clone, Copy)]
pub(crate) struct When {
    pub(crate) from: f32,
    pub(crate) to: f32,
    /// Days of the year on which it may begin; a span that begins after it ends passes the new year.
    pub(crate) season: (f32, f32),
}

/// How a patch's pixels of 20 m are hit: a share of them hardly, the others with a severity between two limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strike {
    pub(crate) spared: f32,
    pub(crate) severity: (f32, f32),
}

/// One row of the plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) kind: StoryKind,
    /// Class code of the patch's pixels.
    pub(crate) class: u8,
    /// Share of the whole area.
    pub(crate) share: f32,
    /// Smallest and largest patch in hectares.
    pub(crate) hectares: (f32, f32),
    pub(crate) outline: Outline,
    /// Whether only stands of conifers, at least half, are struck.
    pub(crate) conifers: bool,
    pub(crate) when: When,
    pub(crate) strike: Strike,
    /// Days the event takes from the middle of a blob to its edge.
    pub(crate) spread: f32,
}

/// Single trees and gaps of one or two pixels: below the mapping unit, so the class stays persistent tree cover.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) kind: StoryKind,
    /// Share of the forest's pixels of 20 m.
    pub(crate) share: f32,
    pub(crate) when: When,
    pub(crate) severity: (f32, f32),
}

const ANY: (f32, f32) = (0.0, 366.0);
const YEAR: When = When { from: 2.0, to: 340.0, season: ANY };
const BEFORE: When = When { from: -1500.0, to: -420.0, season: ANY };

const fn strike(spared: f32, low: f32, high: f32) -> Strike {
    Strike { spared, severity: (low, high) }
}

/// The patches, the rarest first, so that all find room.
pub(crate) const PATCHES: [Plan; 9] = [
    Plan {
        kind: StoryKind::SnagsFelled,
        class: 6,
        share: 0.0105,
        hectares: (1.0, 9.0),
        outline: Outline::Blob,
        conifers: true,
        when: YEAR,
        strike: strike(0.50, 0.20, 0.58),
        spread: 12.0,
    },
    Plan {
        kind: StoryKind::Snags,
        class: 5,
        share: 0.0125,
        hectares: (1.0, 9.0),
        outline: Outline::Blob,
        conifers: true,
        when: BEFORE,
        strike: strike(0.50, 0.20, 0.60),
        spread: 120.0,
    },
    Plan {
        kind: StoryKind::Beetle,
        class: 4,
        share: 0.0095,
        hectares: (1.0, 8.0),
        outline: Outline::Blob,
        conifers: true,
        when: When { from: 5.0, to: 250.0, season: (75.0, 260.0) },
        strike: strike(0.42, 0.20, 0.58),
        spread: 60.0,
    },
    Plan {
        kind: StoryKind::Thinning,
        class: 4,
        share: 0.0075,
        hectares: (1.5, 8.0),
        outline: Outline::Strip,
        conifers: false,
        when: When { from: 10.0, to: 300.0, season: (240.0, 110.0) },
        strike: strike(0.34, 0.20, 0.48),
        spread: 0.0,
    },
    Plan {
        kind: StoryKind::Fire,
        class: 3,
        share: 0.004,
        hectares: (1.5, 12.0),
        outline: Outline::Blob,
        conifers: false,
        when: When { from: 2.0, to: 330.0, season: (80.0, 270.0) },
        strike: strike(0.15, 0.5, 1.0),
        spread: 3.0,
    },
    Plan {
        kind: StoryKind::Storm,
        class: 3,
        share: 0.0065,
        hectares: (1.0, 9.0),
        outline: Outline::Blob,
        conifers: false,
        when: When { from: 20.0, to: 320.0, season: (270.0, 150.0) },
        strike: strike(0.40, 0.35, 1.0),
        spread: 0.0,
    },
    Plan {
        kind: StoryKind::Felling,
        class: 3,
        share: 0.0145,
        hectares: (1.0, 7.0),
        outline: Outline::Strip,
        conifers: false,
        when: YEAR,
        strike: strike(0.26, 0.40, 1.0),
        spread: 0.0,
    },
    // Before the mapping year but inside the first steps of its timeline: the trees are already gone.
    Plan {
        kind: StoryKind::Felling,
        class: 1,
        share: 0.002,
        hectares: (0.5, 4.0),
        outline: Outline::Strip,
        conifers: false,
        when: When { from: -45.0, to: -8.0, season: ANY },
        strike: strike(0.05, 0.8, 1.0),
        spread: 0.0,
    },
    Plan {
        kind: StoryKind::OldFelling,
        class: 1,
        share: 0.016,
        hectares: (0.5, 6.0),
        outline: Outline::Strip,
        conifers: false,
        when: When { from: -2500.0, to: -300.0, season: ANY },
        strike: strike(0.02, 0.8, 1.0),
        spread: 0.0,
    },
];

/// Spots in forest that no patch took.
pub(crate) const SPOTS: [Spot; 5] = [
    Spot {
        kind: StoryKind::Beetle,
        share: 0.042,
        when: When { from: -120.0, to: 300.0, season: (75.0, 260.0) },
        severity: (0.20, 0.60),
    },
    Spot { kind: StoryKind::Snags, share: 0.042, when: BEFORE, severity: (0.20, 0.60) },
    Spot { kind: StoryKind::Thinning, share: 0.022, when: YEAR, severity: (0.20, 0.50) },
    Spot { kind: StoryKind::Felling, share: 0.031, when: YEAR, severity: (0.40, 1.0) },
    Spot { kind: StoryKind::SnagsFelled, share: 0.044, when: YEAR, severity: (0.20, 0.60) },
];

/// Stands paler for a summer, as a share of stands, and how their pixels are hit.
pub(crate) const DROUGHT_SHARE: f32 = 0.10;
pub(crate) const DROUGHT: Strike = strike(0.35, 0.15, 0.6);
