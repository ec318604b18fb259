//! A map of one legend rewritten in another.

use super::output::{bound_memory, class_raster, named_or_file, nothing, share};
use crate::{Error, Result};
use ecotone_core::{ClassCode, GeoBox, Legend, Nodata, Window};
use ecotone_io::{CogWriter, Nothing, PixelType, RasterDataset, Resampling, Staged, read_table, stage_csv};
use ecotone_jobs::Error as JobError;
use ecotone_jobs::{NO_BYTE, Progress, Summary, check_nodata, fresh};
use ecotone_labeling::{Crosswalk, HarmoniseNodata, NamedLegend, corine_value};
use ecotone_tiling::WindowGrid;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Side of a window in pixels: two blocks of a COG.
const WINDOW: usize = 1024;

/// A map to rewrite.
#[derive(Debug, Clone)]
pub struct CrosswalkJob {
    /// The map: codes of any integer type. CORINE's may be its raster values 1 to 44 or its codes 111 to 523.
    pub map: PathBuf,
    /// Its legend: one of [`legends`](crate::legends), or a CSV `code,name,color`; else the one that the map describes.
    pub from: Option<String>,
    /// The legend to write: one of [`legends`](crate::legends), or a CSV.
    pub to: String,
    /// `from_code,to_code[,note]`; needed unless the program has the crosswalk.
    pub table: Option<PathBuf>,
    /// A value that stands for nothing in the map, besides the one that it declares.
    pub nodata: Option<f64>,
    /// More codes that do.
    pub ignore: Vec<i64>,
    /// The new map; a table of the same name that ends in `.csv` goes beside.
    pub out: PathBuf,
    /// Replace these.
    pub replace: bool,
}

/// Rewrites the map window by window, and counts what became of each class.
///
/// # Errors
/// When a legend or the way between the two is unknown, or the map holds a code that its legend lacks: each is named with
/// its pixels, and nothing is written.
pub fn crosswalk(job: &CrosswalkJob, progress: &dyn Progress) -> Result<Summary> {
    let table = job.out.with_extension("csv");
    let words = job.from.iter().chain([&job.to]).map(PathBuf::from);
    let inputs: Vec<PathBuf> = words.chain([job.map.clone()]).chain(job.table.clone()).collect();
    fresh(&[&job.out, &table], job.replace, &inputs)?;
    bound_memory();
    let dataset = RasterDataset::open(&job.map)?;
    let (crosswalk, named) = job.crosswalk(&dataset)?;
    let output = nothing(crosswalk.to(), named.1);
    let source = Source::new(dataset, job, named.0);
    source.check(crosswalk.from())?;
    let mut file = class_raster(&job.out, source.grid(), crosswalk.to(), output)?;
    let counts = source.rewrite(&crosswalk, output, &mut file, progress)?;
    counts.check(job, crosswalk.from())?;
    let table = stage_table(&table, &crosswalk, &counts)?;
    file.finish()?;
    table.name()?;
    Ok(job.summary(&crosswalk, &counts, output))
}

type Named = Option<&'static NamedLegend>;

impl CrosswalkJob {
    /// The crosswalk, and which of its legends come with the program.
    fn crosswalk(&self, dataset: &RasterDataset) -> Result<(Crosswalk, (Named, Named))> {
        let (from, source) = match &self.from {
            Some(text) => named_or_file("--from", text)?,
            None => {
                let own = dataset.legend(1)?;
                (own.ok_or_else(|| Error::NoLegend { path: self.map.clone() })?, None)
            }
        };
        let (to, target) = named_or_file("--to", &self.to)?;
        let crosswalk = match (&self.table, source, target) {
            (Some(path), ..) => Crosswalk::from_table(&read_table(path)?, &from, &to)
                .map_err(|source| Error::Crosswalk { path: path.clone(), source: Box::new(source) })?,
            (None, Some(source), Some(target)) => Crosswalk::named(source.name, target.name)?,
            (None, ..) if from == to => Crosswalk::identity(&from),
            (None, ..) => return Err(Error::NoCrosswalkTable),
        };
        Ok((crosswalk, (source, target)))
    }

    fn summary(&self, crosswalk: &Crosswalk, counts: &Counts, output: u8) -> Summary {
        let mut summary = Summary::default();
        let all = counts.all();
        summary.fact("map", self.out.display().to_string());
        summary.fact("classes", crosswalk.loss().to_string());
        for entry in crosswalk.to().entries() {
            let from: Vec<String> = crosswalk
                .mappings()
                .iter()
                .filter(|mapping| mapping.to == Some(entry.code) && counts.of(mapping.from) > 0)
                .map(|mapping| format!("{} {}", mapping.from.0, counts.of(mapping.from)))
                .collect();
            let pixels = counts.becoming(crosswalk, Some(entry.code));
            let from = if from.len() > 1 { format!(" from {}", from.join(" + ")) } else { String::new() };
            summary
                .fact(&format!("{} {}", entry.code.0, entry.name), format!("{}{from}", share(pixels, all)));
        }
        let dropped = counts.becoming(crosswalk, None);
        let nodata = share(counts.nodata + dropped, all);
        summary.fact(
            &format!("nodata {output}"),
            format!("{nodata}, {dropped} of them of classes that are dropped"),
        );
        summary
    }
}

/// The map as it is read.
struct Source {
    dataset: RasterDataset,
    bytes: bool,
    /// What stands for nothing: by `--nodata`, by the file, by the product.
    told: Option<f64>,
    declared: Option<Nodata>,
    product: Option<u8>,
    ignored: Vec<i64>,
    /// Whether values from 111 on are CORINE's codes of three digits.
    corine: bool,
}

/// Pixels of each value of the map.
#[derive(Debug, Default)]
struct Counts {
    codes: BTreeMap<u8, u64>,
    /// Values that no class has; those too large for a code, negative or fractional among them.
    unknown: BTreeMap<String, u64>,
    nodata: u64,
}

impl Source {
    fn new(dataset: RasterDataset, job: &CrosswalkJob, named: Named) -> Self {
        let (pixel_type, declared) =
            dataset.bands().first().map_or((PixelType::Other, None), |band| (band.pixel_type, band.nodata));
        Self {
            bytes: pixel_type == PixelType::U8,
            told: job.nodata,
            declared,
            product: named.and_then(|named| named.nodata),
            ignored: job.ignore.clone(),
            corine: named.is_some_and(|named| named.name == "corine"),
            dataset,
        }
    }

    /// Sees that what stands for nothing is no class.
    fn check(&self, from: &Legend) -> Result<()> {
        check_nodata(self.dataset.path(), self.declared, from, &self.ignored)?;
        match self.told.and_then(code_of).filter(|code| from.index_of(ClassCode(*code)).is_ok()) {
            None => Ok(()),
            Some(code) => {
                let expected = "a value that is no class of the map's legend".to_owned();
                Err(JobError::Value { key: "--nodata", found: code.to_string(), expected }.into())
            }
        }
    }

    fn is_nothing(&self, value: f64) -> bool {
        let is = |nothing: f64| nothing == value;
        value.is_nan()
            || self.told.is_some_and(is)
            || self.declared.is_some_and(|nodata| nodata.matches(value))
            || self.product.is_some_and(|code| is(code.into()))
            || self.ignored.iter().any(|code| is(*code as f64))
    }

    fn grid(&self) -> &GeoBox {
        self.dataset.geobox()
    }

    fn rewrite(
        &self,
        crosswalk: &Crosswalk,
        output: u8,
        file: &mut CogWriter<u8>,
        progress: &dyn Progress,
    ) -> Result<Counts> {
        // Nodata is taken out here, where it may be a value that no byte holds.
        let mut map = crosswalk.harmoniser(HarmoniseNodata { input: None, output })?;
        let table = crosswalk.from().index_table();
        let mut counts = Counts::default();
        let windows = WindowGrid::new(self.grid().shape(), WINDOW, 0)?;
        progress.begin("crosswalk", windows.grid_shape().len() as u64, "windows");
        for window in windows.windows() {
            let values = self.codes(window.core, &table.map(|index| index.is_some()), &mut counts)?;
            let mut known: Vec<u8> = values.iter().flatten().copied().collect();
            map.block(&mut known);
            let mut known = known.into_iter();
            let codes: Vec<u8> =
                values.iter().map(|value| value.and_then(|_| known.next()).unwrap_or(output)).collect();
            file.write_window(1, window.core, &codes)?;
            progress.advance(1, "");
        }
        progress.end();
        map.finish()?;
        Ok(counts)
    }

    /// The class codes of a window; `None` where there is no data, or no class of the legend.
    fn codes(&self, window: Window, known: &[bool; 256], counts: &mut Counts) -> Result<Vec<Option<u8>>> {
        let mut code = |value: f64| {
            if self.is_nothing(value) {
                counts.nodata += 1;
                return None;
            }
            let three_digits =
                (self.corine && !self.bytes && value.fract() == 0.0 && (111.0..=999.0).contains(&value))
                    .then(|| corine_value(value as u16).map(|code| code.0));
            match three_digits.unwrap_or_else(|| code_of(value)).filter(|code| known[usize::from(*code)]) {
                Some(code) => {
                    *counts.codes.entry(code).or_default() += 1;
                    Some(code)
                }
                None => {
                    counts.unknown(value);
                    None
                }
            }
        };
        let grid = self.grid().crop(window);
        if self.bytes {
            let read = self.dataset.read_codes(1, &grid, Resampling::Nearest, &Nothing::is(NO_BYTE))?;
            let value = |code: u16| if code == NO_BYTE { f64::NAN } else { f64::from(code) };
            return Ok(read.into_iter().map(|read| code(value(read))).collect());
        }
        // Not as codes, of which the first that is none would be all that is told.
        let read = self.dataset.read_window::<f64>(&[1], window)?;
        Ok(read.data().iter().map(|value| code(*value)).collect())
    }
}

fn code_of(value: f64) -> Option<u8> {
    (value.fract() == 0.0 && (0.0..=255.0).contains(&value)).then_some(value as u8)
}

impl Counts {
    /// Different values that are remembered: a raster of measurements has no end of them.
    const MOST: usize = 1000;

    fn unknown(&mut self, value: f64) {
        let name = value.to_string();
        let name = if self.unknown.len() < Self::MOST || self.unknown.contains_key(&name) {
            name
        } else {
            "others".to_owned()
        };
        *self.unknown.entry(name).or_default() += 1;
    }

    fn of(&self, code: ClassCode) -> u64 {
        self.codes.get(&code.0).copied().unwrap_or(0)
    }

    fn all(&self) -> u64 {
        self.nodata + self.codes.values().sum::<u64>()
    }

    /// Pixels that become a class, or with `None` are dropped.
    fn becoming(&self, crosswalk: &Crosswalk, to: Option<ClassCode>) -> u64 {
        let mappings = crosswalk.mappings().iter().filter(|mapping| mapping.to == to);
        mappings.map(|mapping| self.of(mapping.from)).sum()
    }

    fn check(&self, job: &CrosswalkJob, from: &Legend) -> Result<()> {
        const SHOWN: usize = 12;
        if self.unknown.is_empty() {
            return Ok(());
        }
        let mut often: Vec<(&String, &u64)> = self.unknown.iter().collect();
        often.sort_by_key(|(_, pixels)| std::cmp::Reverse(**pixels));
        let more = often.len().saturating_sub(SHOWN);
        let plural = |pixels: u64| if pixels == 1 { "" } else { "s" };
        let shown = often.iter().take(SHOWN);
        let shown = shown.map(|(value, pixels)| format!("{value} ({pixels} pixel{})", plural(**pixels)));
        let mut codes = shown.collect::<Vec<_>>().join(", ");
        if more > 0 {
            codes = format!("{codes} and {more} more");
        }
        Err(Error::UnknownCodes { path: job.map.clone(), codes, known: ecotone_jobs::known_codes(from) })
    }
}

/// What became of each class of the map, with its pixels: a table that gets its name when the map has its own.
fn stage_table(path: &std::path::Path, crosswalk: &Crosswalk, counts: &Counts) -> Result<Staged> {
    let name = |legend: &Legend, code: ClassCode| {
        let entry = legend.entries().iter().find(|entry| entry.code == code);
        entry.map_or_else(String::new, |entry| entry.name.clone())
    };
    let rows = crosswalk.mappings().iter().map(|mapping| {
        let to = mapping.to.map_or_else(|| "drop".to_owned(), |code| code.0.to_string());
        let target = mapping.to.map_or_else(String::new, |code| name(crosswalk.to(), code));
        let pixels = counts.of(mapping.from);
        (mapping.from.0, name(crosswalk.from(), mapping.from), pixels, to, target, mapping.note.clone())
    });
    let header = ["from_code", "from_class", "pixels", "to_code", "to_class", "note"];
    Ok(stage_csv(path, &header, rows)?)
}
