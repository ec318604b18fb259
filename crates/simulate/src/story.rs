//! What happens to trees, as shares of crowns and ground that change with the days.

use crate::noise::{ramp, smoothstep};

/// What the canopy is partly replaced by: red crowns, grey crowns, slash, char, herbs.
pub(crate) const PARTS: usize = 5;

/// Shares of the parts, 0 to 1; what is left of 1 is the living canopy.
pub(crate) type Parts = [f32; PARTS];

/// The course of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoryKind {
    /// All trees felled and taken away within days.
    Felling,
    /// Stems thrown or broken in a day, cleared over the months that follow.
    Storm,
    /// Crowns burnt in a day; char fades, herbs come.
    Fire,
    /// Bark beetle: crowns turn red over a season, then grey.
    Beetle,
    /// A part of the trees felled; the canopy stays.
    Thinning,
    /// Standing dead since before the series; herbs come slowly.
    Snags,
    /// Standing dead, then felled.
    SnagsFelled,
    /// Leaves paler for a summer, then as before.
    Drought,
    /// Felled years before the series: herbs and shrubs under a few trees.
    OldFelling,
}

/// An event that a set of pixels shares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Story {
    pub(crate) kind: StoryKind,
    /// Day of the series on which it begins (for [`StoryKind::SnagsFelled`], of the felling).
    pub(crate) day: f32,
    /// Class code of its pixels.
    pub(crate) class: u8,
}

impl Story {
    /// Shares on a day, at a pixel reached `lag` days late and hit with a `severity` of 0 to 1.
    pub(crate) fn parts(&self, day: f32, lag: f32, severity: f32) -> Parts {
        let age = day - self.day - lag;
        match self.kind {
            StoryKind::Felling => felled(severity * ramp(0.0, 6.0, age), age),
            StoryKind::Storm => {
                let down = severity * ramp(0.0, 2.0, age);
                let cleared = smoothstep(60.0, 200.0, age);
                let (grey, red) = (0.35 * (1.0 - cleared), 0.25 * (1.0 - cleared));
                [down * red, down * grey, down * (0.2 + 0.45 * cleared), 0.0, down * (0.2 + 0.15 * cleared)]
            }
            StoryKind::Fire => {
                let burnt = severity * ramp(0.0, 3.0, age);
                let healed = smoothstep(30.0, 420.0, age);
                [0.0, 0.25 * burnt * healed, 0.0, burnt * (1.0 - 0.75 * healed), 0.5 * burnt * healed]
            }
            StoryKind::Beetle => {
                let hit = severity * smoothstep(0.0, 110.0, age);
                let grey = 0.8 * smoothstep(150.0, 420.0, age);
                [hit * (1.0 - grey), hit * grey, 0.0, 0.0, 0.0]
            }
            StoryKind::Thinning => {
                let gone = severity * ramp(0.0, 8.0, age);
                let old = smoothstep(60.0, 400.0, age);
                [0.0, 0.0, gone * (0.6 - 0.4 * old), 0.0, gone * (0.4 + 0.2 * old)]
            }
            StoryKind::Snags => dead(severity, age),
            StoryKind::SnagsFelled => {
                let cut = ramp(0.0, 6.0, age);
                let (before, after) = (dead(severity, 200.0), felled((1.8 * severity).min(0.95), age));
                std::array::from_fn(|i| before[i] + (after[i] - before[i]) * cut)
            }
            StoryKind::Drought => {
                let weak = severity * smoothstep(0.0, 50.0, age) * (1.0 - smoothstep(85.0, 150.0, age));
                [0.7 * weak, 0.3 * weak, 0.0, 0.0, 0.0]
            }
            StoryKind::OldFelling => {
                let young = 0.25 * smoothstep(0.0, 1500.0, age);
                [0.0, 0.0, 0.25 * severity, 0.0, severity * (0.75 - young)]
            }
        }
    }
}

fn felled(gone: f32, age: f32) -> Parts {
    let herbs = 0.6 * smoothstep(60.0, 540.0, age);
    [0.0, 0.0, gone * (1.0 - herbs), 0.0, gone * herbs]
}

fn dead(severity: f32, age: f32) -> Parts {
    let herbs = 0.15 + 0.15 * smoothstep(0.0, 1400.0, age);
    [0.0, severity * (1.0 - herbs), 0.0, 0.0, severity * herbs]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(kind: StoryKind, age: f32) -> f32 {
        let parts = Story { kind, day: 0.0, class: 3 }.parts(age, 0.0, 0.8);
        assert!(parts.iter().all(|p| (0.0..=1.0).contains(p)), "{kind:?} {parts:?}");
        parts.iter().sum()
    }

    #[test]
    fn events_change_nothing_before_they_begin() {
        use StoryKind::{Beetle, Drought, Felling, Fire, Storm, Thinning};
        for kind in [Felling, Storm, Fire, Beetle, Thinning, Drought] {
            assert_eq!(total(kind, -1.0), 0.0, "{kind:?}");
            assert!((-400..800).all(|age| total(kind, age as f32) <= 0.801));
        }
    }

    #[test]
    fn droughts_end_and_fellings_stay() {
        assert!(total(StoryKind::Drought, 70.0) > 0.7 && total(StoryKind::Drought, 160.0) == 0.0);
        assert!(total(StoryKind::Felling, 300.0) > 0.79);
        assert!(total(StoryKind::Snags, 100.0) > 0.79);
        assert!(total(StoryKind::SnagsFelled, -100.0) > 0.79 && total(StoryKind::SnagsFelled, 100.0) > 0.94);
    }
}
