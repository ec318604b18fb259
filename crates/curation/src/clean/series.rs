//! The series of samples, told by their features' names, without gaps; and the indices that clusters are looked for in.

use crate::{Error, Result};
use chrono::NaiveDate;
use ecotone_labeling::Samples;
use ecotone_preprocessing::{BoundIndex, Index};
use ndarray::Array2;
use std::path::Path;

/// The indices of the cleaning by clusters (Sen2Cor's soil index is the ratio of blue to SWIR 1).
pub(crate) const INDICES: [&str; 5] = ["NDVI", "EVI", "NDWI", "NDSI", "SOIL = blue / swir16"];
/// The ratio has no bound; over dark water it is all noise.
pub(crate) const SOIL_MOST: f32 = 5.0;

/// Which feature is which band of which date.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SeriesTable {
    /// Dates, ascending.
    pub(super) days: Vec<NaiveDate>,
    /// Bands in the order of their first features.
    pub(super) bands: Vec<String>,
    /// Column of each band at each date, `[band][date]`.
    columns: Vec<Vec<usize>>,
}

impl SeriesTable {
    /// Understands `BAND@DATE`; other names are no part of it.
    ///
    /// # Errors
    /// When no feature is named so, or a band is missing at a date.
    pub(super) fn of(names: &[String], path: &Path) -> Result<Self> {
        let parsed: Vec<Option<(&str, NaiveDate)>> = names
            .iter()
            .map(|name| {
                let (band, day) = name.rsplit_once('@')?;
                Some((band, day.parse().ok()?))
            })
            .collect();
        let mut days: Vec<NaiveDate> = parsed.iter().flatten().map(|(_, day)| *day).collect();
        days.sort_unstable();
        days.dedup();
        let mut bands: Vec<&str> = Vec::new();
        for (band, _) in parsed.iter().flatten() {
            if !bands.contains(band) {
                bands.push(band);
            }
        }
        if bands.is_empty() {
            let shown: Vec<&str> = names.iter().map(String::as_str).take(8).collect();
            return Err(Error::NoSeries { path: path.to_owned(), found: shown.join(", ") });
        }
        let column = |band: &str, day: NaiveDate| {
            parsed.iter().position(|name| *name == Some((band, day))).ok_or_else(|| Error::MissingDate {
                path: path.to_owned(),
                band: band.to_owned(),
                day,
            })
        };
        let of_band = |band: &&str| {
            days.iter().map(|day| column(band, *day)).collect::<std::result::Result<Vec<_>, _>>()
        };
        let columns = bands.iter().map(of_band).collect::<std::result::Result<_, _>>()?;
        let bands = bands.into_iter().map(str::to_owned).collect();
        Ok(Self { days, bands, columns })
    }

    /// The indices over these bands.
    ///
    /// # Errors
    /// When a band is missing; the message names it and the index.
    pub(super) fn indices(&self) -> Result<Vec<BoundIndex>> {
        INDICES.iter().map(|text| Ok(Index::parse(text)?.bind(&self.bands)?)).collect()
    }

    /// The series of some bands without gaps.
    pub(super) fn filled(&self, samples: &Samples, bands: &[usize]) -> Filled {
        let mut filled = Filled { rows: Vec::new(), absent: Vec::new(), values: Array2::zeros((0, 0)) };
        let mut values = Vec::new();
        let mut series = vec![0.0; self.days.len()];
        for (row, sample) in samples.rows.iter().enumerate() {
            let start = values.len();
            let mut absent = None;
            for &band in bands {
                let of_day = self.columns[band].iter().map(|column| sample.features[*column]);
                series.iter_mut().zip(of_day).for_each(|(value, feature)| *value = feature);
                if fill(&self.days, &mut series) {
                    values.extend_from_slice(&series);
                } else {
                    absent = absent.or(Some(band));
                }
            }
            match absent {
                None => filled.rows.push(row),
                Some(band) => {
                    values.truncate(start);
                    filled.absent.push((row, self.bands[band].clone()));
                }
            }
        }
        let width = bands.len() * self.days.len();
        filled.values = Array2::from_shape_vec((filled.rows.len(), width), values).unwrap_or_default();
        filled
    }

    /// The bands that indices need, by their places.
    pub(super) fn needed(&self, indices: &[BoundIndex]) -> Vec<usize> {
        let named =
            |place: &usize| indices.iter().any(|index| index.bands().contains(&self.bands[*place].as_str()));
        (0..self.bands.len()).filter(named).collect()
    }

    /// Indices `[sample, index x date]` of the filled series of some bands.
    ///
    /// # Errors
    /// When a band that an index needs is not among them.
    pub(super) fn evaluate(
        &self,
        indices: &[BoundIndex],
        bands: &[usize],
        values: &Array2<f32>,
    ) -> Result<Array2<f32>> {
        let (days, rows) = (self.days.len(), values.nrows());
        let mut found = Array2::zeros((rows, indices.len() * days));
        let absent = vec![0.0; rows];
        let mut out = vec![0.0; rows];
        for day in 0..days {
            let layers: Vec<Vec<f32>> = (0..self.bands.len())
                .map(|band| match bands.iter().position(|known| *known == band) {
                    Some(place) => values.column(place * days + day).to_vec(),
                    None => absent.clone(),
                })
                .collect();
            let layers: Vec<&[f32]> = layers.iter().map(Vec::as_slice).collect();
            for (place, index) in indices.iter().enumerate() {
                index.evaluate(&layers, &mut out)?;
                let soil = index.name() == "SOIL";
                let value = |value: &f32| if soil { value.clamp(0.0, SOIL_MOST) } else { *value };
                let mut column = found.column_mut(place * days + day);
                column.iter_mut().zip(&out).for_each(|(to, from)| *to = value(from));
            }
        }
        Ok(found)
    }

    /// Names such as `NDVI@2021-06-01`, in the order of columns.
    pub(super) fn names<'a>(&self, series: impl Iterator<Item = &'a str>) -> Vec<String> {
        series.flat_map(|name| self.days.iter().map(move |day| format!("{name}@{day}"))).collect()
    }
}

/// Series without gaps.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    /// The samples that have them.
    pub(super) rows: Vec<usize>,
    /// The samples without any value of a band, and that band.
    pub(super) absent: Vec<(usize, String)>,
    /// `[sample, band x date]` of [`rows`](Self::rows).
    pub(super) values: Array2<f32>,
}

/// Fills gaps between two dates in proportion to the days, and those at an end with the nearest value; false where there
/// is no value at all.
fn fill(days: &[NaiveDate], values: &mut [f32]) -> bool {
    let mut before: Option<usize> = None;
    for at in 0..values.len() {
        if values[at].is_nan() {
            continue;
        }
        let start = before.map_or(0, |before| before + 1);
        for gap in start..at {
            values[gap] = match before {
                None => values[at],
                Some(before) => {
                    let share = (days[gap] - days[before]).num_days() as f32
                        / (days[at] - days[before]).num_days() as f32;
                    values[before] + share * (values[at] - values[before])
                }
            };
        }
        before = Some(at);
    }
    let Some(last) = before else { return false };
    let value = values[last];
    values[last + 1..].fill(value);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn gaps_are_filled_in_proportion_to_days() {
        let days: Vec<NaiveDate> = ["2021-01-01", "2021-01-02", "2021-01-05", "2021-01-11", "2021-01-20"]
            .map(|day| day.parse().unwrap())
            .to_vec();
        let mut values = [f32::NAN, 1.0, f32::NAN, 10.0, f32::NAN];
        assert!(fill(&days, &mut values));
        assert_eq!(values, [1.0, 1.0, 4.0, 10.0, 10.0]);
        assert!(!fill(&days, &mut [f32::NAN; 5]));
    }

    #[test]
    fn features_are_a_series_by_their_names() {
        let path = Path::new("samples.csv");
        let table = SeriesTable::of(
            &names("slope B02@2021-03-01 B11@2021-03-01 B02@2021-01-01 B11@2021-01-01"),
            path,
        )
        .unwrap();
        assert_eq!(
            (table.bands.as_slice(), table.days.len()),
            (["B02", "B11"].map(str::to_owned).as_slice(), 2)
        );
        assert_eq!(table.columns, [[3, 1], [4, 2]]);
        let missing = SeriesTable::of(&names("B02@2021-03-01 B11@2021-01-01 B02@2021-01-01"), path);
        assert!(missing.unwrap_err().to_string().contains("no feature `B11@2021-03-01`"));
        let none = SeriesTable::of(&names("ndvi slope"), path).unwrap_err().to_string();
        assert!(none.contains("it has ndvi, slope"), "{none}");
        let lacking = table.indices().unwrap_err().to_string();
        assert!(lacking.contains("NDVI") && lacking.contains("nir"), "{lacking}");
    }
}
