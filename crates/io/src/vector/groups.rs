//! Polygons of class codes that belong together by another of their attributes, as pixels of a grid.

use super::features::{Features, code_of};
use super::layer::VectorLayer;
use super::rasterize::{burn, on};
use crate::{Error, Result};
use ecotone_core::GeoBox;
use std::collections::BTreeMap;

/// What the features of a layer are grouped by: the value of an attribute, or, of a feature without one, its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupName {
    /// The value, as text.
    Value(String),
    /// A group of its own.
    Feature(u64),
}

/// Groups of polygons on a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    /// Those that have features on the grid, in ascending order.
    pub names: Vec<GroupName>,
    /// For each pixel `[y, x]` the place of its group among `names`, counted from 1; 0 for none.
    pub numbers: Vec<u32>,
}

/// Burns the features of a layer onto a grid as [`rasterize`](crate::rasterize) does, but with the groups that they are of: a pixel
/// has the group of the feature that it has its code from, so features without a code are skipped.
///
/// # Errors
/// When the file, the layer or one of the attributes is missing, or a value of `codes` is no code from 0 to 255.
pub fn rasterize_groups(layer: &VectorLayer, codes: &str, group: &str, target: &GeoBox) -> Result<Groups> {
    let path = layer.path();
    let failed = |source| Error::Vector { path: path.to_owned(), source };
    let dataset = layer.open()?;
    let mut features = Features::of(layer, &dataset, target.crs())?;
    let (code, group) = (features.field(codes)?, features.field(group)?);
    let bounds = target.bounds();
    let (mut shapes, mut found) = (Vec::new(), Vec::new());
    let left_out = features.for_each(Some(bounds), |feature, number, shape| {
        if on(&shape, bounds) && code_of(path, codes, feature, number, code)?.is_some() {
            let value = feature.field_as_string(group).map_err(|error| failed(error.into()))?;
            let value = value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
            found.push(value.map_or(GroupName::Feature(number), GroupName::Value));
            shapes.push(shape);
        }
        Ok(())
    })?;
    left_out.warn(path);
    let mut places: BTreeMap<&GroupName, u32> = found.iter().map(|name| (name, 0)).collect();
    places.values_mut().zip(1..).for_each(|(place, number)| *place = number);
    let burnt: Vec<f64> = found.iter().map(|name| f64::from(places[name])).collect();
    let numbers = burn::<u32>(target, &shapes, &burnt, 0).map_err(failed)?;
    Ok(Groups { names: places.into_keys().cloned().collect(), numbers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{Crs, GeoTransform, Shape2d, XY};

    #[test]
    fn pixels_have_the_group_of_the_feature_that_their_code_is_from() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fields.geojson");
        let square = |farm: &str, code: &str, west: u32| {
            let (west, east) = (f64::from(west), f64::from(west + 1));
            format!(
                r#"{{"type":"Feature","properties":{{"farm":{farm},"code":{code}}},"geometry":{{"type":"Polygon",
                "coordinates":[[[{west},10],[{east},10],[{east},11],[{west},11],[{west},10]]]}}}}"#
            )
        };
        // The last but one lies over the third and has no code; two features have no farm.
        let features = [
            square("\"b\"", "7", 0),
            square("\"a\"", "9", 1),
            square("\"b\"", "9", 2),
            square("\"c\"", "null", 2),
            square("null", "7", 3),
            square("null", "7", 4),
        ];
        let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
        std::fs::write(&path, text).unwrap();
        let transform = GeoTransform::north_up(XY::new(0.0, 11.0), 1.0);
        let grid = GeoBox::new(Shape2d::new(1, 6), transform, Crs::epsg(4326));
        let layer = VectorLayer::parse(&path);
        let groups = rasterize_groups(&layer, "code", "farm", &grid).unwrap();
        assert_eq!(groups.numbers, [2, 1, 2, 3, 4, 0]);
        assert_eq!(groups.names[..2], [GroupName::Value("a".to_owned()), GroupName::Value("b".to_owned())]);
        let error = rasterize_groups(&layer, "code", "farmer", &grid).unwrap_err().to_string();
        assert!(error.contains("farmer") && error.contains("farm"), "{error}");
    }
}
