//! Samples from a file of points.

use super::picked::Picked;
use crate::at_pixels::Pixel;
use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, XY};
use ecotone_cubes::Site;
use ecotone_io::{NoPlace, PointRecord, PointRecords};
use ecotone_labeling::Sample;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

/// Why a sample off the site is left out.
const OUTSIDE: &str = "outside the ground of the map";

/// Samples that cannot be used, by the reason, each by its name.
#[derive(Debug, Clone, Default)]
pub(super) struct LeftOut(Vec<(&'static str, Vec<String>)>);

impl LeftOut {
    /// Adds a sample.
    fn push(&mut self, reason: &'static str, id: String) {
        self.extend(reason, vec![id]);
    }

    /// Adds samples.
    pub(super) fn extend(&mut self, reason: &'static str, ids: Vec<String>) {
        match self.0.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, known)) => known.extend(ids),
            None if ids.is_empty() => {}
            None => self.0.push((reason, ids)),
        }
    }

    /// A line for each reason, with the number and the first few names.
    pub(super) fn lines(&self) -> Vec<String> {
        const SHOWN: usize = 5;
        let line = |(reason, ids): &(&str, Vec<String>)| {
            let more = if ids.len() > SHOWN { ", …" } else { "" };
            format!("{} {reason}: {}{more}", ids.len(), ids[..ids.len().min(SHOWN)].join(", "))
        };
        self.0.iter().map(line).collect()
    }
}

/// Why a sample without a place is left out.
const fn without_place(reason: NoPlace) -> &'static str {
    match reason {
        // What lies beyond a projection is elsewhere, like all else that the site does not hold.
        NoPlace::OutOfReach | NoPlace::PartOutOfReach => OUTSIDE,
        NoPlace::NoPoint => "no point, but a line or an area",
        NoPlace::NoShape | NoPlace::OddShape => "without a shape",
    }
}

/// Where points become samples.
pub(super) struct Reading<'a> {
    pub(super) path: &'a Path,
    /// The column of the class.
    pub(super) attribute: &'a str,
    pub(super) site: &'a Site,
    pub(super) legend: &'a Legend,
    /// Codes that are no class.
    pub(super) ignore: &'a [u8],
    /// The years of the series, and the one that samples without a year are of.
    pub(super) years: Option<(RangeInclusive<i32>, i32)>,
}

/// Columns of a table of points.
struct Columns {
    code: usize,
    group: Option<usize>,
    year: Option<usize>,
}

impl Reading<'_> {
    /// The samples that lie on the site, each alone in its pixel, and those left out.
    ///
    /// # Errors
    /// When there is no column of classes, a cell is no code or year, or a code is not in the legend.
    pub(super) fn samples(&self, points: PointRecords) -> Result<(Picked, LeftOut)> {
        let PointRecords { columns: names, rows } = points;
        let named = |name: &str| names.iter().position(|column| column.eq_ignore_ascii_case(name));
        let Some(code) = named(self.attribute) else {
            let (column, known) = (self.attribute.to_owned(), names.join(", "));
            return Err(Error::NoClassColumn { path: self.path.to_owned(), column, known });
        };
        let columns = Columns { code, group: named("group"), year: named("year") };
        let transform = self.site.geobox().transform();
        let mut left_out = LeftOut::default();
        let mut on_pixel: BTreeMap<Pixel, Vec<(usize, Sample)>> = BTreeMap::new();
        for (row, point) in rows.into_iter().enumerate() {
            let place = match point.position {
                Ok(place) => place,
                Err(reason) => {
                    left_out.push(without_place(reason), point.id);
                    continue;
                }
            };
            let sample = self.sample(point, place, &columns, &names)?;
            let XY { x, y } = transform.world_to_pixel(sample.place);
            let pixel = Pixel { row: y.floor() as i64, col: x.floor() as i64 };
            if self.ignore.contains(&sample.code.0) {
                left_out.push("of a class that the recipe ignores", sample.id);
            } else if !self.site.holds(pixel.row, pixel.col)? {
                left_out.push(OUTSIDE, sample.id);
            } else if !sample.year.is_none_or(|year| self.years.as_ref().is_none_or(|y| y.0.contains(&year)))
            {
                left_out.push("of another year than the series", sample.id);
            } else {
                on_pixel.entry(pixel).or_default().push((row, sample));
            }
        }
        let mut alone = Vec::new();
        for (pixel, mut samples) in on_pixel {
            let first = samples.remove(0);
            let conflict = samples.iter().any(|(_, other)| other.code != first.1.code);
            let ids = samples.into_iter().map(|(_, sample)| sample.id).collect::<Vec<_>>();
            if conflict {
                let both = [vec![first.1.id], ids].concat();
                left_out.extend("in one pixel with a sample of another class", both);
            } else {
                left_out.extend("in one pixel with a sample of the same class before", ids);
                alone.push((first.0, pixel, first.1));
            }
        }
        alone.sort_by_key(|(place, ..)| *place);
        let mut picked = Picked::new(self.site.geobox());
        for (_, pixel, sample) in alone {
            let class = self.class(&sample)?;
            picked.push(sample, pixel, class);
        }
        Ok((picked, left_out))
    }

    /// The code that a cell means: a class of the legend, or a number that may be ignored.
    fn code(&self, text: &str) -> Option<ClassCode> {
        let number =
            || text.parse::<f64>().ok().filter(|code| code.fract() == 0.0 && (0.0..=255.0).contains(code));
        self.legend.class_named(text).or_else(|| number().map(|code| ClassCode(code as u8)))
    }

    fn class(&self, sample: &Sample) -> Result<usize> {
        let index = self.legend.index_of(sample.code);
        Ok(index
            .map(|index| index.0)
            .map_err(|source| ecotone_labeling::Error::Code { id: sample.id.clone(), source })?)
    }

    fn sample(
        &self,
        point: PointRecord,
        place: XY<f64>,
        columns: &Columns,
        names: &[String],
    ) -> Result<Sample> {
        let PointRecord { id, cells, .. } = point;
        let text = |column: Option<usize>| {
            column.and_then(|column| cells.get(column)).filter(|text| !text.is_empty())
        };
        let refuse = |column: usize, expected: &'static str| Error::PointCell {
            path: self.path.to_owned(),
            id: id.clone(),
            column: names[column].clone(),
            expected,
            found: cells.get(column).cloned().unwrap_or_default(),
        };
        let code = text(Some(columns.code)).and_then(|text| self.code(text));
        let code =
            code.ok_or_else(|| refuse(columns.code, "a class code from 0 to 255, or a class of the legend"))?;
        let year = match (text(columns.year), columns.year) {
            (Some(text), Some(column)) => {
                Some(text.parse().ok().ok_or_else(|| refuse(column, "a year or nothing"))?)
            }
            _ => self.years.as_ref().map(|years| years.1),
        };
        let group = text(columns.group).cloned();
        let sample = Sample { id, place, code, group, year, features: Vec::new() };
        if !self.ignore.contains(&sample.code.0) {
            self.class(&sample)?;
        }
        Ok(sample)
    }
}
