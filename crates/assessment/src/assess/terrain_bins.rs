//! Bins of slope and aspect.

/// Upper ends of the bins of slope, in degrees.
pub(super) const SLOPES: [u8; 5] = [5, 10, 20, 30, 40];
/// Sectors of 45 degrees, the first one around north.
pub(super) const ASPECTS: [&str; 8] = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
/// The bin of ground that faces nowhere.
pub(super) const FLAT: u8 = 8;
/// Below this slope in degrees an aspect is noise of the heights.
const LEVEL: f32 = 2.0;

/// Bin of a slope in radians.
pub(super) fn slope_bin(slope: f32) -> u8 {
    let degrees = slope.to_degrees();
    SLOPES.iter().position(|end| degrees < f32::from(*end)).unwrap_or(SLOPES.len()) as u8
}

/// Bin of an aspect in radians clockwise from north.
pub(super) fn aspect_bin(slope: f32, aspect: f32) -> u8 {
    if slope.to_degrees() < LEVEL {
        return FLAT;
    }
    ((aspect.to_degrees() / 45.0).round() as u8) % 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_is_around_zero() {
        let bin = |degrees: f32| aspect_bin(0.5, degrees.to_radians());
        assert_eq!([0.0, 22.0, 23.0, 180.0, 338.0, 337.0].map(bin), [0, 0, 1, 4, 0, 7]);
        assert_eq!(aspect_bin(0.01, 1.0), FLAT);
        assert_eq!([0.0f32, 4.9, 5.1, 80.0].map(|degrees| slope_bin(degrees.to_radians())), [0, 0, 1, 5]);
    }
}
