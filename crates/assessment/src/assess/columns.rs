//! The columns of a file of points, and a point as its row says it.

use super::job::{AssessJob, Design};
use super::point::{Point, State};
use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, Window};
use ecotone_io::{PointRecord, PointRecords};
use ecotone_jobs::known_codes;

/// Where the columns that are asked for stand.
pub(super) struct Columns {
    code: usize,
    stratum: Option<usize>,
    cluster: Option<usize>,
    weight: Option<usize>,
    /// The name of the column of weights: that which is asked for, else in a sample of clusters the one that is called so.
    pub(super) weights: Option<String>,
}

/// What `sample draw` calls the column of weights.
const WEIGHT: &str = "weight";

impl Columns {
    /// Finds them by their names.
    ///
    /// # Errors
    /// When one is missing, with the nearest name.
    pub(super) fn of(job: &AssessJob, records: &PointRecords) -> Result<Self> {
        let find = |name: &str| {
            records.columns.iter().position(|column| column.eq_ignore_ascii_case(name)).ok_or_else(|| {
                let names = records.columns.iter().map(String::as_str);
                Error::Column {
                    path: job.reference.clone(),
                    column: name.to_owned(),
                    known: records.columns.join(", "),
                    nearest: ecotone_jobs::nearest(name, names),
                }
            })
        };
        let optional = |name: &Option<String>| name.as_deref().map(find).transpose();
        let columns = &job.columns;
        // Points of clusters stand for more or less ground each; other designs know it by their strata.
        let own = records.columns.iter().find(|column| column.eq_ignore_ascii_case(WEIGHT));
        let own = own.filter(|_| job.design == Some(Design::Cluster)).cloned();
        let weights = columns.weight.clone().or(own);
        Ok(Self {
            code: find(&columns.code)?,
            stratum: optional(&columns.stratum)?,
            cluster: optional(&columns.cluster)?,
            weight: optional(&weights)?,
            weights,
        })
    }

    /// The point of a row; its map classes are not looked up yet.
    ///
    /// # Errors
    /// When a cell cannot be used, or the code is not in the legend.
    pub(super) fn point(
        &self,
        job: &AssessJob,
        legend: &Legend,
        record: &PointRecord,
        pixel: Window,
        state: State,
    ) -> Result<Point> {
        let refuse = |column: &str, expected, found: &str| Error::Point {
            path: job.reference.clone(),
            id: record.id.clone(),
            column: column.to_owned(),
            expected,
            found: found.to_owned(),
        };
        let text = |column: Option<usize>| column.map_or("", |column| record.cells[column].as_str());
        let code = text(Some(self.code));
        let reference = match code {
            "" => Err(State::NoCode),
            _ => reference_class(job, legend, &record.id, code).map_err(|found| {
                found.unwrap_or_else(|| {
                    refuse(&job.columns.code, "a class code from 0 to 255, or the name of a class", code)
                })
            })?,
        };
        let weight = match (self.weight, text(self.weight).parse::<f64>()) {
            (None, _) => 1.0,
            (Some(_), Ok(weight)) if weight.is_finite() && weight > 0.0 => weight,
            _ => {
                let column = self.weights.as_deref().unwrap_or_default();
                return Err(refuse(column, "a weight, finite and greater than 0", text(self.weight)));
            }
        };
        let (stratum, cluster) = (text(self.stratum).to_owned(), text(self.cluster).to_owned());
        if let (Some(name), "") = (&job.columns.cluster, cluster.as_str()) {
            return Err(refuse(name, "the name of a cluster", ""));
        }
        let (id, position) = (record.id.clone(), record.position.ok());
        let (stratum_code, region_code) = (None, None);
        Ok(Point {
            id,
            position,
            pixel,
            state,
            map: usize::MAX,
            other: usize::MAX,
            reference: reference.unwrap_or(usize::MAX),
            unknown: reference.err(),
            stratum,
            cluster,
            weight,
            stratum_code,
            region_code,
        })
    }
}

/// The class index of a code or name as typed, or that it is ignored; `Err(None)` where it is neither.
fn reference_class(
    job: &AssessJob,
    legend: &Legend,
    id: &str,
    text: &str,
) -> std::result::Result<std::result::Result<usize, State>, Option<Error>> {
    let number =
        || text.parse::<f64>().ok().filter(|code| code.fract() == 0.0 && (0.0..=255.0).contains(code));
    let code = legend.class_named(text).map(|code| code.0).or_else(|| number().map(|code| code as u8));
    let code = code.ok_or(None)?;
    if job.ignore.contains(&i64::from(code)) {
        return Ok(Err(State::Ignored));
    }
    legend.index_of(ClassCode(code)).ok().map(|index| Ok(index.0)).ok_or_else(|| {
        let (path, known) = (job.reference.clone(), known_codes(legend));
        let code = format!("{code} at point {id}");
        Some(Error::Code { side: "reference", path, code, pixels: 1, known })
    })
}
