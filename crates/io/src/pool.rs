//! Datasets that stay open between reads: opening one builds its CRS, which takes longer than reading a small window.

use crate::{Error, RasterDataset};
use ecotone_core::{GeoBox, Nodata};
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Open datasets that wait for their next reader. Threads share a pool; each reads from a dataset of its own.
#[derive(Debug)]
pub struct DatasetPool {
    capacity: usize,
    idle: Mutex<Idle>,
}

#[derive(Debug, Default)]
struct Idle {
    datasets: Vec<(Key, RasterDataset)>,
    closed: usize,
}

/// Where a dataset was opened from, to the letter (comparing paths by their parts takes longer), and the bits of the
/// sentinel it was given.
type Key = (OsString, Option<u64>);

impl DatasetPool {
    /// A pool that keeps at most `capacity` files open besides those being read.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, idle: Mutex::default() }
    }

    /// Reads from a dataset as [`RasterDataset::open`] gives it, or [`RasterDataset::open_beside`] where there is a grid
    /// that it lies `beside`; `nodata` is the sentinel of bands that declare none. It stays open afterwards, unless
    /// reading failed.
    ///
    /// # Errors
    /// When it is not open yet and cannot be opened; and those of `read`.
    pub fn with<T, E: From<Error>>(
        &self,
        location: impl AsRef<Path>,
        beside: Option<&GeoBox>,
        nodata: Option<Nodata>,
        read: impl FnOnce(&RasterDataset) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let key = (location.as_ref().as_os_str().to_owned(), nodata.map(|nodata| nodata.value().to_bits()));
        let waiting = self.take(&key);
        let dataset = match waiting {
            Some(dataset) => dataset,
            None => match beside {
                Some(other) => RasterDataset::open_beside(location, other)?,
                None => RasterDataset::open(location)?,
            }
            .or_nodata(nodata),
        };
        let value = read(&dataset)?;
        self.keep(key, dataset);
        Ok(value)
    }

    /// Closes a file that will not be read again, which frees the blocks that GDAL keeps of it.
    pub fn close(&self, location: impl AsRef<Path>) {
        // They close after the lock is free again.
        let _closed: Vec<_> = self
            .idle()
            .datasets
            .extract_if(.., |((path, _), _)| path == location.as_ref().as_os_str())
            .collect();
    }

    fn take(&self, key: &Key) -> Option<RasterDataset> {
        let mut idle = self.idle();
        let place = idle.datasets.iter().position(|(other, _)| other == key)?;
        Some(idle.datasets.swap_remove(place).1)
    }

    fn keep(&self, key: Key, dataset: RasterDataset) {
        let mut idle = self.idle();
        if idle.datasets.len() < self.capacity {
            idle.datasets.push((key, dataset));
        } else if self.capacity > 0 {
            // As good as a random one gives way. Were it the oldest, a job that goes round more files than fit
            // would never find one open.
            idle.closed += 1;
            let place = idle.closed.wrapping_mul(0x9E37_79B9) % self.capacity;
            idle.datasets[place] = (key, dataset);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        // Nothing panics while the lock is held, and a list of open files is whole at any time.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CogOptions, write_cog};
    use ecotone_core::{Crs, GeoBox, GeoTransform, Raster, Shape2d, Window, XY};
    use std::path::PathBuf;

    #[test]
    fn datasets_come_back_and_only_so_many_stay_open() {
        let folder = tempfile::tempdir().unwrap();
        let transform = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0);
        let geobox = GeoBox::new(Shape2d::new(16, 16), transform, Crs::epsg(32633));
        let paths: Vec<PathBuf> = (0..3u8)
            .map(|value| {
                let path = folder.path().join(format!("{value}.tif"));
                write_cog(&path, &Raster::filled(geobox.clone(), 1, value, None), &CogOptions::default())
                    .unwrap();
                path
            })
            .collect();
        let pool = DatasetPool::new(2);
        let corner = |dataset: &RasterDataset| dataset.read_window::<u8>(&[1], Window::new(0, 0, 1, 1));
        for round in 0..3 {
            for (value, path) in (0..3u8).zip(&paths) {
                assert_eq!(pool.with(path, None, None, corner).unwrap().data(), [value], "round {round}");
            }
            assert_eq!(pool.idle().datasets.len(), 2);
        }
        let nodata = |dataset: &RasterDataset| Ok::<_, Error>(dataset.band(1)?.nodata);
        assert_eq!(
            pool.with(&paths[0], None, Some(Nodata::new(7.0)), nodata).unwrap(),
            Some(Nodata::new(7.0))
        );
        assert_eq!(pool.with(&paths[0], None, None, nodata).unwrap(), None);
    }

    #[test]
    fn a_dataset_that_fails_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let pool = DatasetPool::new(2);
        assert!(pool.with(folder.path().join("none.tif"), None, None, |_| Ok::<_, Error>(())).is_err());
        let path = folder.path().join("one.tif");
        let transform = GeoTransform::north_up(XY::new(0.0, 0.0), 10.0);
        let geobox = GeoBox::new(Shape2d::new(4, 4), transform, Crs::epsg(32633));
        write_cog(&path, &Raster::filled(geobox, 1, 1u8, None), &CogOptions::default()).unwrap();
        assert!(pool.with(&path, None, None, |dataset| dataset.band(2).map(|_| ())).is_err());
        assert!(pool.idle().datasets.is_empty());
    }
}
