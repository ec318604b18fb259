//! Which columns of a table say where something is.

use super::Table;

/// The columns of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceColumns {
    /// East, or longitude.
    pub x: usize,
    /// North, or latitude.
    pub y: usize,
    /// Whether they are longitude and latitude, in degrees; else coordinates of a projection.
    pub degrees: bool,
}

/// What people call longitude and latitude.
const DEGREES: [[&str; 2]; 3] = [["lon", "lat"], ["longitude", "latitude"], ["long", "lat"]];

impl Table {
    /// The columns `x`, `y` of a projection, else `lon`, `lat` or `longitude`, `latitude`; `None` where there are none.
    pub fn place_columns(&self) -> Option<PlaceColumns> {
        let both = |[x, y]: [&str; 2], degrees| {
            self.column(x).zip(self.column(y)).map(|(x, y)| PlaceColumns { x, y, degrees })
        };
        both(["x", "y"], false).or_else(|| DEGREES.into_iter().find_map(|names| both(names, true)))
    }
}
