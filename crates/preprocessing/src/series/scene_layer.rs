//! What a series takes of a scene.

use chrono::NaiveDate;

/// A scene on the grid of a series.
#[derive(Debug, Clone, Copy)]
pub struct SceneLayer<'a> {
    /// Its name, unique in a series.
    pub id: &'a str,
    /// The day it was taken.
    pub day: NaiveDate,
    /// Clouds over the whole scene in percent; a scene of unknown cover ranks behind all others.
    pub cloud_cover: Option<f32>,
    /// Values `[band, y, x]`.
    pub values: &'a [f32],
    /// Where they hold, `[y, x]` (true = valid).
    pub valid: &'a [bool],
}
