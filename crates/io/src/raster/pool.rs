//! Datasets that stay open between reads: opening one builds its CRS, which takes longer than reading a small window.

use crate::ffi::limits;
use crate::{Error, RasterDataset, Result, open};
use ecotone_core::{GeoBox, Nodata};
use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::hash::BuildHasher;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// Open datasets of one job that wait for their next reader. Threads share a pool; each reads from a dataset of its own.
///
/// All pools of a process together keep no more files open than the system's limit has room for. A pool that is dropped
/// closes its own.
#[derive(Debug)]
pub struct DatasetPool {
    /// Tells its datasets from those of other pools, which may have seen other bytes under the same name.
    owner: u64,
    files: Arc<OpenFiles>,
    opened: AtomicU64,
}

/// The open files of all pools.
#[derive(Debug)]
struct OpenFiles {
    capacity: usize,
    idle: Mutex<Idle>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Idle {
    datasets: Vec<(Key, RasterDataset)>,
    closed: usize,
}

/// Where a dataset was opened from, to the letter (comparing paths by their parts takes longer), by which pool, and the
/// bits of the sentinel it was given. The hash comes first: it tells nearly all keys apart.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    hash: u64,
    owner: u64,
    nodata: Option<u64>,
    path: OsString,
}

/// Those of this process.
static SHARED: LazyLock<Arc<OpenFiles>> =
    LazyLock::new(|| Arc::new(OpenFiles::new(capacity(limits::open_files()))));

/// How many files may wait open where the system lets the process have so many. A dataset may hold two, its overviews or
/// mask being the other, and outputs, libraries and those being read need some as well.
fn capacity(limit: Option<u64>) -> usize {
    const SPARE: u64 = 64;
    const MOST: u64 = 2000;
    /// Where the system does not tell.
    const USUAL: usize = 384;
    limit.map_or(USUAL, |limit| (limit.saturating_sub(SPARE) / 2).min(MOST) as usize)
}

impl Default for DatasetPool {
    fn default() -> Self {
        Self::of(Arc::clone(&SHARED))
    }
}

impl DatasetPool {
    fn of(files: Arc<OpenFiles>) -> Self {
        static POOLS: AtomicU64 = AtomicU64::new(0);
        Self { owner: POOLS.fetch_add(1, Ordering::Relaxed), files, opened: AtomicU64::new(0) }
    }

    /// How often a file was opened so far; one that was still open does not count again, one that cannot be opened does.
    pub fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
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
        let location = location.as_ref();
        let path = location.as_os_str().to_owned();
        let nodata_bits = nodata.map(|nodata| nodata.value().to_bits());
        let hash = self.files.hasher.hash_one((&path, self.owner, nodata_bits));
        let key = Key { hash, owner: self.owner, nodata: nodata_bits, path };
        let dataset = match self.files.take(&key) {
            Some(dataset) => dataset,
            None => {
                self.opened.fetch_add(1, Ordering::Relaxed);
                self.files.open(location, beside)?.or_nodata(nodata)
            }
        };
        let value = read(&dataset)?;
        self.files.keep(key, dataset);
        Ok(value)
    }

    /// Closes a file and forgets what is known of it, to try again one that could not be opened or read: GDAL keeps failed
    /// answers of servers, and would give them again without asking.
    pub fn forget(&self, location: impl AsRef<Path>) {
        self.close(&location);
        open::forget(location.as_ref());
    }

    /// Closes a file that will not be read again, which frees the blocks that GDAL keeps of it.
    pub fn close(&self, location: impl AsRef<Path>) {
        let path = location.as_ref().as_os_str();
        self.files.close_where(|key| key.owner == self.owner && key.path == path);
    }
}

impl Drop for DatasetPool {
    fn drop(&mut self) {
        self.files.close_where(|key| key.owner == self.owner);
    }
}

impl OpenFiles {
    fn new(capacity: usize) -> Self {
        Self { capacity, idle: Mutex::default(), hasher: RandomState::new() }
    }

    /// Opens a file; where the process has no room for another one, whatever its limit said, those that wait give way.
    fn open(&self, location: &Path, beside: Option<&GeoBox>) -> Result<RasterDataset> {
        let open = || match beside {
            Some(other) => RasterDataset::open_beside(location, other),
            None => RasterDataset::open(location),
        };
        match open() {
            Err(Error::Open { source, .. }) if source.is_of_too_many_files() => {
                self.close_where(|_| true);
                open()
            }
            opened => opened,
        }
    }

    fn close_where(&self, unwanted: impl Fn(&Key) -> bool) {
        // They close after the lock is free again.
        let _closed: Vec<_> = self.idle().datasets.extract_if(.., |(key, _)| unwanted(key)).collect();
    }

    fn take(&self, key: &Key) -> Option<RasterDataset> {
        let mut idle = self.idle();
        let place = idle.datasets.iter().position(|(other, _)| other == key)?;
        Some(idle.datasets.swap_remove(place).1)
    }

    fn keep(&self, key: Key, dataset: RasterDataset) {
        // What gives way closes after the lock is free again.
        let mut given_way = None;
        let mut idle = self.idle();
        if idle.datasets.len() < self.capacity {
            idle.datasets.push((key, dataset));
        } else if self.capacity > 0 {
            // As good as a random one gives way. Were it the oldest, a job that goes round more files than fit
            // would never find one open.
            idle.closed += 1;
            let place = idle.closed.wrapping_mul(0x9E37_79B9) % self.capacity;
            given_way = Some(std::mem::replace(&mut idle.datasets[place], (key, dataset)));
        }
        drop(idle);
        drop(given_way);
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
        let pool = DatasetPool::of(Arc::new(OpenFiles::new(2)));
        let corner = |dataset: &RasterDataset| dataset.read_window::<u8>(&[1], Window::new(0, 0, 1, 1));
        for round in 0..3 {
            for (value, path) in (0..3u8).zip(&paths) {
                assert_eq!(pool.with(path, None, None, corner).unwrap().data(), [value], "round {round}");
            }
            assert_eq!(pool.files.idle().datasets.len(), 2);
        }
        let opened = pool.opened();
        assert!((4..=9).contains(&opened), "two of three stay open: {opened}");
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
        let pool = DatasetPool::of(Arc::new(OpenFiles::new(2)));
        assert!(pool.with(folder.path().join("none.tif"), None, None, |_| Ok::<_, Error>(())).is_err());
        let path = folder.path().join("one.tif");
        let transform = GeoTransform::north_up(XY::new(0.0, 0.0), 10.0);
        let geobox = GeoBox::new(Shape2d::new(4, 4), transform, Crs::epsg(32633));
        write_cog(&path, &Raster::filled(geobox, 1, 1u8, None), &CogOptions::default()).unwrap();
        assert!(pool.with(&path, None, None, |dataset| dataset.band(2).map(|_| ())).is_err());
        assert!(pool.files.idle().datasets.is_empty());
    }

    #[test]
    fn pools_share_room_and_close_their_own_files() {
        let folder = tempfile::tempdir().unwrap();
        let transform = GeoTransform::north_up(XY::new(0.0, 0.0), 10.0);
        let geobox = GeoBox::new(Shape2d::new(4, 4), transform, Crs::epsg(32633));
        let path = folder.path().join("one.tif");
        write_cog(&path, &Raster::filled(geobox, 1, 1u8, None), &CogOptions::default()).unwrap();
        let files = Arc::new(OpenFiles::new(3));
        let (a, b) = (DatasetPool::of(Arc::clone(&files)), DatasetPool::of(Arc::clone(&files)));
        let open = |pool: &DatasetPool, nodata| {
            pool.with(&path, None, Some(Nodata::new(nodata)), |_| Ok::<_, Error>(())).unwrap();
        };
        (0..3).for_each(|nodata| open(&a, f64::from(nodata)));
        open(&b, 0.0);
        assert_eq!(files.idle().datasets.len(), 3, "one of the first pool's gave way");
        b.close(&path);
        assert_eq!(files.idle().datasets.len(), 2, "the other pool's stay open");
        drop(a);
        assert!(files.idle().datasets.is_empty());
    }

    #[test]
    fn room_follows_the_systems_limit() {
        let limits = [None, Some(0), Some(256), Some(1024), Some(u64::MAX)];
        assert_eq!(limits.map(capacity), [384, 0, 96, 480, 2000]);
    }
}
