//! Places taken in turn that keep their distance from each other.

use ecotone_core::XY;
use rstar::RTree;

/// Places that have been taken, none nearer to another than a distance (but those that were there from the start).
#[derive(Debug, Clone)]
pub struct Spread {
    distance: f64,
    taken: RTree<[f64; 2]>,
}

impl Spread {
    /// From places that are taken already, such as those of labels; the distance is straight, in their units. 0 keeps
    /// apart nothing but equal places.
    pub fn new(distance: f64, taken: &[XY<f64>]) -> Self {
        Self { distance, taken: RTree::bulk_load(taken.iter().map(|place| [place.x, place.y]).collect()) }
    }

    /// Whether a place is taken by none and nearer than the distance to none.
    pub fn is_free(&self, place: XY<f64>) -> bool {
        let near = self.taken.nearest_neighbor_iter_with_distance_2([place.x, place.y]).next();
        near.is_none_or(|(_, square)| square > 0.0 && square >= self.distance * self.distance)
    }

    /// Takes a place, unless one that is taken lies nearer than the distance.
    ///
    /// ```
    /// use ecotone_core::XY;
    /// use ecotone_labeling::Spread;
    ///
    /// let mut spread = Spread::new(100.0, &[XY::new(0.0, 0.0)]);
    /// assert!(!spread.take(XY::new(99.0, 0.0)));
    /// assert!(spread.take(XY::new(100.0, 0.0)));
    /// assert!(!spread.take(XY::new(150.0, 50.0)));
    /// ```
    pub fn take(&mut self, place: XY<f64>) -> bool {
        let free = self.is_free(place);
        if free {
            self.taken.insert([place.x, place.y]);
        }
        free
    }
}
