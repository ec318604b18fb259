//! Reference points laid on the map: what both say there, and which points cannot be scored.

use super::columns::Columns;
use super::job::{AssessJob, Design};
use super::point::{Point, State};
use super::point_counts::PointCounts;
use crate::{Error, Result};
use ecotone_core::{ClassCode, GeoBox, Legend, Window, XY};
use ecotone_io::{NoPlace, PointRecord, RasterDataset, read_point_records, write_csv};
use ecotone_jobs::{Codes, Mask, RunFolder, Summary, known_codes};
use ecotone_metrics::ConfusionMatrix;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// All points of a file.
#[derive(Debug)]
pub(super) struct Points {
    pub(super) path: PathBuf,
    pub(super) all: Vec<Point>,
    /// The column that their weights come from.
    pub(super) weights: Option<String>,
    /// Points in the pixel of another scored one: the first there, the point itself, and row and column.
    shared: Vec<(String, String, Window)>,
}

impl Points {
    /// Reads the points of a job and looks the map up under each.
    ///
    /// # Errors
    /// When a file or column is missing, a code is not in the legend, no point can be scored, or two of a designed
    /// sample share a pixel.
    pub(super) fn locate(job: &AssessJob, legend: &Legend, map: &RasterDataset) -> Result<Self> {
        let grid = map.geobox();
        let records = read_point_records(&job.reference_layer(), grid.crs())?;
        let columns = Columns::of(job, &records)?;
        let mut all = Vec::with_capacity(records.rows.len());
        for record in &records.rows {
            let (pixel, state) = on_grid(record, grid);
            all.push(columns.point(job, legend, record, pixel, state)?);
        }
        let (path, weights) = (job.reference.clone(), columns.weights);
        let mut points = Self { path, all, weights, shared: Vec::new() };
        points.look_up(job, legend)?;
        points.find_shared();
        points.check(job)?;
        Ok(points)
    }

    /// Reads all rasters under the points, block by block so that each is decoded about once.
    fn look_up(&mut self, job: &AssessJob, legend: &Legend) -> Result<()> {
        let classes = |path: &PathBuf| Codes::open(path, legend, &job.ignore);
        let map = classes(&job.map)?;
        let other = job.against.as_ref().map(classes).transpose()?;
        let open =
            |path: &Option<PathBuf>| path.as_ref().map(|path| Codes::with_free(path, u8::MAX)).transpose();
        let (strata, regions) = (open(&job.strata)?, open(&job.region)?);
        let mask = job.mask.as_ref().map(Mask::open).transpose()?;
        let mut order: Vec<usize> = (0..self.all.len()).collect();
        let block = |i: &usize| {
            let pixel = self.all[*i].pixel;
            (pixel.row.div_euclid(512), pixel.col.div_euclid(512))
        };
        order.sort_by_key(block);
        for place in order {
            let point = &mut self.all[place];
            if point.state != State::Scored {
                continue;
            }
            let here = map.geobox().crop(point.pixel);
            let at = |codes: &Codes| Ok::<_, Error>(codes.read(&here)?[0]);
            let valid =
                |codes: &Codes| Ok::<_, Error>(Some(at(codes)?).filter(|code| *code != codes.nodata()));
            let class = |codes: &Codes| valid(codes)?.map(|code| class_of(codes, legend, code)).transpose();
            let (mapped, otherwise) = (class(&map)?, other.as_ref().map(class).transpose()?);
            let mut masked = [0];
            mask.as_ref().map_or(Ok(()), |mask| mask.apply(&here, &mut masked, 1))?;
            point.state = match (mapped, masked, otherwise) {
                (None, ..) => State::Nodata,
                (_, [1], _) => State::Masked,
                (_, _, Some(None)) => State::OneMap,
                _ => point.unknown.unwrap_or(State::Scored),
            };
            point.map = mapped.unwrap_or(usize::MAX);
            point.other = otherwise.flatten().unwrap_or(usize::MAX);
            point.stratum_code = strata.as_ref().map(valid).transpose()?.flatten();
            point.region_code = regions.as_ref().map(valid).transpose()?.flatten();
        }
        Ok(())
    }

    fn find_shared(&mut self) {
        let mut first: BTreeMap<(i64, i64), &str> = BTreeMap::new();
        let mut shared = Vec::new();
        for point in self.all.iter().filter(|point| point.state == State::Scored) {
            match first.get(&(point.pixel.row, point.pixel.col)) {
                Some(other) => shared.push(((*other).to_owned(), point.id.clone(), point.pixel)),
                None => {
                    first.insert((point.pixel.row, point.pixel.col), &point.id);
                }
            }
        }
        self.shared = shared;
    }

    fn check(&self, job: &AssessJob) -> Result<()> {
        if self.scored().next().is_none() {
            let why: Vec<String> =
                self.states().map(|(state, count)| format!("{count} {}", state.word())).collect();
            return Err(Error::NoPoint {
                path: self.path.clone(),
                map: job.map.clone(),
                points: self.all.len(),
                why: if why.is_empty() { "there are none".to_owned() } else { why.join(", ") },
            });
        }
        match (job.design, self.shared.first()) {
            (Some(design), Some((first, second, pixel))) if design != Design::Cluster => {
                Err(Error::SamePixel {
                    path: self.path.clone(),
                    first: first.clone(),
                    second: second.clone(),
                    row: pixel.row,
                    col: pixel.col,
                    design: design.word(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Points that count.
    pub(super) fn scored(&self) -> impl Iterator<Item = &Point> {
        self.all.iter().filter(|point| point.state == State::Scored)
    }

    /// Points that do not count, by reason.
    fn states(&self) -> impl Iterator<Item = (State, usize)> {
        State::ALL.into_iter().filter(|state| *state != State::Scored).filter_map(|state| {
            let count = self.all.iter().filter(|point| point.state == state).count();
            (count > 0).then_some((state, count))
        })
    }

    /// How many points there are, and what became of them.
    pub(super) fn counts(&self) -> PointCounts {
        PointCounts::of(self.all.iter().map(|point| point.state))
    }

    /// Plain counts.
    pub(super) fn confusion(&self, legend: &Legend) -> Result<ConfusionMatrix> {
        let mut matrix = ConfusionMatrix::new(legend.len());
        self.scored().try_for_each(|point| matrix.add(point.map, point.reference))?;
        Ok(matrix)
    }

    /// Facts on points that do not count.
    pub(super) fn tell(&self, summary: &mut Summary) {
        summary.fact("points", self.counts().to_string());
        for (state, count) in self.states() {
            summary.fact(&format!("points {}", state.word()), count.to_string());
        }
        if !self.shared.is_empty() {
            summary.fact("points in the pixel of another", self.shared.len().to_string());
        }
    }

    /// What a reader must know of points that do not count.
    pub(super) fn notices(&self) -> Vec<String> {
        let told = |(state, count): (State, usize)| {
            let because = match state {
                State::NoShape | State::NoPoint => "and say nothing of the map",
                State::Outside | State::Nodata | State::Masked => "and say nothing of it",
                State::OneMap => "and are left out: figures are for the area that both maps cover",
                State::Ignored => "and are left out, as --ignore asks",
                _ => {
                    "and are left out: if they are harder to interpret than others, the estimates are too good \
                     (non-response)"
                }
            };
            format!(
                "{count} of {} points are {} {because}; points.csv lists them.",
                self.all.len(),
                state.word()
            )
        };
        let shared = (!self.shared.is_empty()).then(|| {
            let (first, second, _) = &self.shared[0];
            format!(
                "{} points lie in the pixel of another (the first: {first} and {second}), so that it counts more \
                 than once.",
                self.shared.len()
            )
        });
        self.states().map(told).chain(shared).collect()
    }

    /// What to say of points that count for the whole and for no part of it.
    pub(super) fn in_no_region(&self) -> Option<String> {
        let count = self.scored().filter(|point| point.region_code.is_none()).count();
        (count > 0).then(|| {
            format!(
                "{count} of {} scored points lie in no region: they count for the whole map and for no part of it.",
                self.scored().count()
            )
        })
    }

    /// Writes points.csv: what was found under each point.
    pub(super) fn write(&self, folder: &RunFolder, legend: &Legend) -> Result<()> {
        let header = ["id", "x", "y", "row", "col", "state", "map", "reference"];
        let code = |index: usize| {
            legend.entries().get(index).map_or(String::new(), |entry| entry.code.0.to_string())
        };
        let row = |point: &Point| {
            let unseen = [State::NoShape, State::NoPoint, State::Outside, State::Nodata];
            let placed = |value: &dyn Fn(XY<f64>) -> String| point.position.map_or(String::new(), value);
            vec![
                point.id.clone(),
                placed(&|at| at.x.to_string()),
                placed(&|at| at.y.to_string()),
                placed(&|_| point.pixel.row.to_string()),
                placed(&|_| point.pixel.col.to_string()),
                point.state.word().to_owned(),
                if unseen.contains(&point.state) { String::new() } else { code(point.map) },
                code(point.reference),
            ]
        };
        Ok(write_csv(folder.file("points.csv"), &header, self.all.iter().map(row))?)
    }
}

/// The pixel that a point lies in, and whether that is one of the map.
fn on_grid(record: &PointRecord, grid: &GeoBox) -> (Window, State) {
    let nowhere = Window::new(i64::MIN, i64::MIN, 1, 1);
    match record.position {
        Ok(position) => {
            let XY { x, y } = grid.transform().world_to_pixel(position);
            let pixel = Window::new(y.floor() as i64, x.floor() as i64, 1, 1);
            let inside = x.is_finite() && y.is_finite() && Window::whole(grid.shape()).contains(pixel);
            (pixel, if inside { State::Scored } else { State::Outside })
        }
        Err(NoPlace::NoPoint) => (nowhere, State::NoPoint),
        // Beyond the map's projection is outside the map.
        Err(NoPlace::OutOfReach | NoPlace::PartOutOfReach) => (nowhere, State::Outside),
        Err(_) => (nowhere, State::NoShape),
    }
}

/// The class index of a map's code.
fn class_of(map: &Codes, legend: &Legend, code: u8) -> Result<usize> {
    legend.index_of(ClassCode(code)).ok().map(|index| index.0).ok_or_else(|| {
        let (path, code) = (map.path().to_owned(), code.to_string());
        Error::Code { side: "map", path, code, pixels: 1, known: known_codes(legend) }
    })
}
