//! Surface reflectances of the southern Amazon in the ten land bands of Sentinel-2.
//!
//! Round values of what Level-2A products show over northern Mato Grosso; none is copied from a scene.

use super::cover::{Cover, CropKind, Unit};
use super::season::{flood, green, wet};
use crate::noise::smoothstep;
use crate::spectra::{Cycle, Spectrum, blend};

/// Evergreen: the low end is the dry season's.
const RAINFOREST: Cycle = Cycle {
    low: [0.021, 0.042, 0.024, 0.072, 0.218, 0.278, 0.298, 0.308, 0.158, 0.073],
    high: [0.019, 0.041, 0.020, 0.070, 0.238, 0.308, 0.328, 0.338, 0.152, 0.066],
};
const EUCALYPTUS: Cycle = Cycle {
    low: [0.022, 0.041, 0.026, 0.070, 0.205, 0.258, 0.278, 0.288, 0.150, 0.072],
    high: [0.020, 0.041, 0.021, 0.069, 0.228, 0.292, 0.312, 0.322, 0.148, 0.065],
};
const SECONDARY: Cycle = Cycle {
    low: [0.023, 0.046, 0.027, 0.079, 0.232, 0.294, 0.316, 0.326, 0.178, 0.085],
    high: [0.020, 0.045, 0.022, 0.077, 0.262, 0.335, 0.358, 0.368, 0.170, 0.075],
};
const SAVANNA_TREES: Cycle = Cycle {
    low: [0.028, 0.048, 0.042, 0.080, 0.165, 0.196, 0.214, 0.228, 0.208, 0.118],
    high: [0.023, 0.046, 0.028, 0.078, 0.215, 0.268, 0.288, 0.300, 0.178, 0.086],
};
const NATIVE_GRASS: Cycle = Cycle {
    low: [0.052, 0.076, 0.090, 0.120, 0.165, 0.186, 0.206, 0.222, 0.300, 0.210],
    high: [0.037, 0.070, 0.050, 0.108, 0.235, 0.285, 0.305, 0.320, 0.245, 0.138],
};
const SOWN_GRASS: Cycle = Cycle {
    low: [0.053, 0.077, 0.092, 0.122, 0.170, 0.192, 0.212, 0.228, 0.302, 0.208],
    high: [0.034, 0.071, 0.045, 0.109, 0.262, 0.322, 0.342, 0.355, 0.232, 0.124],
};
const MARSH: Cycle = Cycle {
    low: [0.047, 0.070, 0.080, 0.110, 0.158, 0.180, 0.199, 0.214, 0.262, 0.178],
    high: [0.033, 0.065, 0.043, 0.100, 0.238, 0.292, 0.312, 0.325, 0.208, 0.112],
};
/// Red latosol with straw at the low end, closed soybean at the high.
const SOYBEAN: Cycle = Cycle {
    low: [0.058, 0.080, 0.115, 0.142, 0.165, 0.182, 0.200, 0.216, 0.310, 0.240],
    high: [0.026, 0.064, 0.028, 0.096, 0.330, 0.425, 0.450, 0.460, 0.190, 0.088],
};
const COTTON: Cycle = Cycle {
    low: [0.060, 0.082, 0.114, 0.141, 0.166, 0.184, 0.203, 0.219, 0.308, 0.236],
    high: [0.028, 0.065, 0.031, 0.098, 0.320, 0.405, 0.430, 0.442, 0.200, 0.095],
};
const MAIZE: Cycle = Cycle {
    low: [0.059, 0.081, 0.112, 0.140, 0.165, 0.183, 0.202, 0.217, 0.306, 0.234],
    high: [0.027, 0.060, 0.030, 0.092, 0.290, 0.365, 0.388, 0.400, 0.188, 0.090],
};
const RED_SOIL: Spectrum = [0.062, 0.085, 0.128, 0.155, 0.175, 0.190, 0.206, 0.222, 0.325, 0.262];
const SANDBANK: Spectrum = [0.098, 0.128, 0.158, 0.180, 0.200, 0.212, 0.226, 0.240, 0.330, 0.272];
const TAILINGS: Spectrum = [0.092, 0.122, 0.158, 0.182, 0.200, 0.214, 0.228, 0.240, 0.315, 0.250];
const MINE_POND: Spectrum = [0.072, 0.105, 0.118, 0.118, 0.092, 0.088, 0.078, 0.070, 0.030, 0.022];
const RIVER: Spectrum = [0.042, 0.060, 0.056, 0.050, 0.032, 0.030, 0.027, 0.023, 0.011, 0.008];
const TILES: Spectrum = [0.078, 0.096, 0.130, 0.146, 0.166, 0.180, 0.194, 0.206, 0.258, 0.232];
const SHEET_METAL: Spectrum = [0.150, 0.165, 0.175, 0.184, 0.196, 0.204, 0.212, 0.220, 0.225, 0.200];
const STREET: Spectrum = [0.070, 0.086, 0.110, 0.126, 0.142, 0.154, 0.166, 0.178, 0.240, 0.205];
const SLASH_AND_ASH: Spectrum = [0.034, 0.044, 0.056, 0.072, 0.090, 0.100, 0.112, 0.122, 0.190, 0.165];
const FLOODED_FLOOR: Spectrum = [0.022, 0.032, 0.024, 0.040, 0.075, 0.090, 0.095, 0.098, 0.050, 0.025];

/// What a piece of land shows of itself on a day.
pub(crate) struct Look {
    /// Between the trees.
    pub(crate) low: Spectrum,
    /// The trees.
    pub(crate) tree: Spectrum,
    /// Factor on the share of trees: 0 after a felling.
    pub(crate) standing: f32,
}

/// Bare ground, for the shares of [`super::land::Land::soil`].
pub(crate) const SOIL: Spectrum = RED_SOIL;

impl Look {
    /// Of a unit on a day since 1 August.
    pub(crate) fn new(unit: &Unit, day: f32) -> Self {
        let rains = wet(day - 20.0);
        let felled = unit.cover == Cover::Felled && day > unit.felling();
        let tree = match unit.cover {
            Cover::Plantation => EUCALYPTUS.at(rains),
            Cover::Regrowth => SECONDARY.at(rains),
            Cover::Savanna | Cover::Grassland => SAVANNA_TREES.at(rains),
            Cover::Flooded => blend(&RAINFOREST.at(rains), &FLOODED_FLOOR, 0.05 + 0.12 * flood(day)),
            _ => RAINFOREST.at(rains),
        };
        let tint = |s: Spectrum| -> Spectrum {
            std::array::from_fn(|b| match b {
                3..=7 => s[b] * unit.bright * unit.near,
                8.. => s[b] * unit.bright * unit.short,
                _ => s[b] * unit.bright,
            })
        };
        Self { low: tint(low(unit, day)), tree: tint(tree), standing: if felled { 0.06 } else { 1.0 } }
    }
}

fn low(unit: &Unit, day: f32) -> Spectrum {
    let green = green(unit, day);
    match unit.cover {
        Cover::Pasture => blend(&SOWN_GRASS.at(green), &RED_SOIL, 0.22 * unit.pick(5)),
        Cover::Felled => {
            let ash = 1.0 - smoothstep(unit.felling() + 40.0, unit.felling() + 110.0, day);
            blend(&SOWN_GRASS.at(green), &SLASH_AND_ASH, ash)
        }
        Cover::Soy => SOYBEAN.at(green),
        Cover::Crop => match unit.crop() {
            CropKind::Cotton => COTTON.at(green),
            CropKind::Maize => MAIZE.at(green),
            CropKind::Beans => SOYBEAN.at(0.95 * green),
        },
        Cover::Wetland => blend(&MARSH.at(green), &FLOODED_FLOOR, 0.45 * unit.pick(6) * flood(day)),
        Cover::Roof if unit.pick(7) < 0.4 => SHEET_METAL,
        Cover::Roof => TILES,
        Cover::Street => STREET,
        Cover::Yard => blend(&SOWN_GRASS.at(green), &RED_SOIL, 0.5 * unit.pick(5)),
        Cover::Mine => blend(&TAILINGS, &RED_SOIL, 0.6 * unit.pick(5)),
        Cover::Pond => blend(&MINE_POND, &RIVER, 0.7 * unit.pick(5)),
        Cover::Sand => blend(&SANDBANK, &RED_SOIL, unit.pick(5)),
        Cover::Road => blend(&RED_SOIL, &STREET, 0.5),
        Cover::Water => blend(&RIVER, &MINE_POND, 0.12 * flood(day)),
        Cover::Flooded => FLOODED_FLOOR,
        Cover::Forest | Cover::Regrowth | Cover::Plantation | Cover::Savanna | Cover::Grassland => {
            NATIVE_GRASS.at(green)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_felled_lot_loses_its_trees_and_greens_again() {
        let unit = Unit::new(3, Cover::Felled, 9);
        let day = unit.felling();
        assert_eq!(Look::new(&unit, day - 1.0).standing, 1.0);
        assert!(Look::new(&unit, day + 1.0).standing < 0.1);
        let ndvi = |s: &Spectrum| (s[7] - s[2]) / (s[7] + s[2]);
        assert!(ndvi(&Look::new(&unit, day + 20.0).low) < 0.45);
        assert!(ndvi(&Look::new(&unit, 230.0).low) > 0.55);
    }
}
