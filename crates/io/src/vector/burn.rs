//! Lines, polygons and points burnt onto a grid window by window, lines as wide as they are on the ground.
//!
//! A pixel belongs to a line when its centre lies within half the width of the line itself. The usual way, to rasterise
//! the centre line and dilate its pixels by a disk, first moves the line by up to 0.7 pixels, as much as the width of most
//! roads at 10 m; the distance to the line itself gives the right area on average, whatever the line's direction.

mod burnt;
mod query;
mod shape;
mod tags;
mod width;

pub use burnt::Burnt;
pub use query::{BurnQuery, CodeFrom, TagFilter};
pub use width::OddWidths;

use super::features::{Features, to_geo};
use super::layer::VectorLayer;
use super::left_out::LeftOut;
use crate::earth::{is_geographic, pixel_side_metres};
use crate::{Error, Result, VectorError};
use ecotone_core::{GeoBox, Window, XY};
use shape::{Scale, Shape};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tags::{Tags, Watch};

/// How far beyond the grid features are looked for whose width an attribute says, in metres: half a kilometre of width.
const WIDEST: f64 = 500.0;

/// The features of a file that meet a grid, ready to be burnt. Their corners are in memory, the raster is not.
#[derive(Debug)]
pub struct Burn {
    path: PathBuf,
    grid: GeoBox,
    scale: Scale,
    shapes: Vec<Shape>,
    read: u64,
    coded: u64,
    missing: Vec<String>,
    left_out: LeftOut,
    odd_widths: OddWidths,
}

impl Burn {
    /// Reads the features that pass the filters and meet the grid.
    ///
    /// A tag is an attribute of its name or, as GDAL's OSM driver has it, an entry of the attribute `other_tags`.
    ///
    /// # Errors
    /// When the file or the layer is missing, a tag is nowhere, no feature passes the filters (the values that occur are
    /// named), a code is none, no value of the attribute of widths is one and no width is given for all, metres are asked
    /// for on a grid without them, or nothing meets the grid.
    pub fn read(layer: &VectorLayer, query: &BurnQuery, grid: &GeoBox) -> Result<Self> {
        let path = layer.path();
        let metric = query.width.is_some() || query.width_attribute.is_some() || query.tolerance > 0.0;
        // In degrees a pixel is the unit of both axes, as long as nobody asks for metres.
        let in_pixels = !metric && is_geographic(grid.crs())?;
        let scale = Scale::new(if in_pixels { None } else { pixel_side_metres(grid)? });
        if metric && !scale.is_metric() {
            return Err(Error::from(VectorError::NoMetres { crs: grid.crs().to_string() }));
        }
        let dataset = layer.open()?;
        let reach = query.width_attribute.as_ref().map_or(query.width.unwrap_or(0.0), |_| WIDEST) / 2.0;
        let around = grid.pad(scale.pixels(reach + query.tolerance) + 1).bounds();
        let mut burn = Self {
            path: path.to_owned(),
            grid: grid.clone(),
            scale,
            shapes: Vec::new(),
            read: 0,
            coded: 0,
            missing: Vec::new(),
            left_out: LeftOut::default(),
            odd_widths: OddWidths::default(),
        };
        let mut features = Features::of(layer, &dataset, grid.crs())?;
        let columns = features.fields();
        let mut watch = Watch::new(query, &columns);
        let mut first_odd = None;
        let left_out = features.for_each(Some(around), |feature, number, shape| {
            burn.read += 1;
            let tags = Tags::of(path, feature, &columns)?;
            if !watch.passes(&tags) {
                return Ok(());
            }
            let Some(code) = query.code_of(path, number, &tags)? else { return Ok(()) };
            burn.coded += 1;
            let width = query.width_of(number, &tags, &mut burn.odd_widths, &mut first_odd);
            let half = width.map_or(0.0, |width| width / 2.0);
            let half = half.max(burn.scale.half_pixel());
            burn.shapes.push(Shape::new(
                &to_geo(path, &shape)?,
                code,
                half,
                query.tolerance,
                grid,
                burn.scale,
            ));
            Ok(())
        })?;
        burn.left_out = left_out;
        watch.check(path, burn.read, burn.coded)?;
        burn.missing = watch.missing();
        if let (Some((feature, value)), Some(attribute), None) =
            (first_odd, &query.width_attribute, query.width)
            && burn.odd_widths.count() == burn.odd_widths.given()
        {
            let (path, attribute) = (path.to_owned(), attribute.clone());
            return Err(Error::from(VectorError::NoWidth {
                path,
                feature,
                attribute,
                value,
                widest: WIDEST,
            }));
        }
        let extent = Window::whole(grid.shape());
        burn.shapes.retain(|shape| shape.meets(extent));
        if burn.shapes.is_empty() {
            return Err(burn.nowhere());
        }
        Ok(burn)
    }

    /// Features near the grid, whether they passed or not.
    pub const fn read_features(&self) -> u64 {
        self.read
    }

    /// Features that passed the filters and have a code.
    pub const fn coded_features(&self) -> u64 {
        self.coded
    }

    /// Features that hold the centre of a pixel of a window burnt so far.
    pub fn burnt_features(&self) -> usize {
        self.shapes.iter().filter(|shape| shape.burnt).count()
    }

    /// Values that were asked for beside others, and that no feature near the grid has, such as `highway=track`.
    pub fn missing_values(&self) -> &[String] {
        &self.missing
    }

    /// Features that were left out for want of a shape that can be burnt.
    pub const fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Values of the attribute of widths that are none; such features were as wide as those without.
    pub const fn odd_widths(&self) -> &OddWidths {
        &self.odd_widths
    }

    /// The codes of all features, in order.
    pub fn codes(&self) -> Vec<u8> {
        self.shapes.iter().map(|shape| shape.code).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// How many metres wide the thinnest lines are drawn, where the grid is in metres: a pixel, so that none breaks.
    pub fn thinnest(&self) -> Option<f64> {
        self.scale.is_metric().then(|| 2.0 * self.scale.half_pixel())
    }

    /// Whether any feature is a line or point.
    pub fn has_lines(&self) -> bool {
        self.shapes.iter().any(|shape| !shape.is_area())
    }

    /// The pixels of a window; where features overlap, the last one in the file wins.
    pub fn window(&mut self, window: Window) -> Burnt {
        let size = window.shape().len();
        let mut burnt = Burnt { codes: vec![None; size], near: vec![false; size] };
        for shape in self.shapes.iter_mut().filter(|shape| shape.meets(window)) {
            shape.burn(window, self.scale, &mut burnt);
        }
        burnt.near.iter_mut().zip(&burnt.codes).for_each(|(near, code)| *near &= code.is_none());
        burnt
    }

    /// That no feature holds the centre of a pixel, though some lie on the grid.
    pub fn without_pixel(&self) -> Error {
        Error::from(VectorError::NoPixel { path: self.path.clone(), features: self.shapes.len() })
    }

    fn nowhere(&self) -> Error {
        let bounds = self.grid.bounds();
        let XY { x: west, y: south } = bounds.min;
        let XY { x: east, y: north } = bounds.max;
        let grid = format!("{west} {south} to {east} {north} in {}", self.grid.crs());
        Error::from(VectorError::NoOverlap { path: self.path.clone(), grid })
    }
}

impl BurnQuery {
    fn code_of(&self, path: &Path, feature: u64, tags: &Tags<'_>) -> Result<Option<u8>> {
        let attribute = match &self.code {
            CodeFrom::Same(code) => return Ok(Some(*code)),
            CodeFrom::Attribute(attribute) => attribute,
        };
        let Some(value) = tags.get(attribute) else { return Ok(None) };
        let number = value.trim().parse::<f64>().ok();
        match number.filter(|number| number.fract() == 0.0 && (0.0..=255.0).contains(number)) {
            Some(number) => Ok(Some(number as u8)),
            None => Err(Error::from(VectorError::NoCode {
                path: path.to_owned(),
                feature,
                attribute: attribute.clone(),
                value: value.to_owned(),
            })),
        }
    }

    /// Metres by the attribute, else those for all. What is no width is noted, the first one with its feature.
    fn width_of(
        &self,
        feature: u64,
        tags: &Tags<'_>,
        odd: &mut OddWidths,
        first_odd: &mut Option<(u64, String)>,
    ) -> Option<f64> {
        let Some(value) = self.width_attribute.as_ref().and_then(|name| tags.get(name)) else {
            return self.width;
        };
        let width = width::metres(value).filter(|width| *width <= WIDEST);
        match width {
            Some(_) => odd.found(),
            None => {
                odd.push(value);
                first_odd.get_or_insert_with(|| (feature, value.to_owned()));
            }
        }
        width.or(self.width)
    }
}

#[cfg(test)]
mod tests;
