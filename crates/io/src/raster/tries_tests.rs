//! Faults of a server, each once and for ever: what is read is what the file holds, or an error.

use crate::patience::patience;
use crate::{CogOptions, DatasetPool, Error, Glance, RasterDataset, Resampling, Result, write_cog};
use ecotone_core::{Crs, GeoBox, GeoTransform, Nodata, Raster, Shape2d, Window, XY};
use ecotone_test_fixtures::{Fault, Request, Server};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const FILE: &str = "one.tif";

/// A file of several blocks and overviews, too large to come whole with its header.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let transform = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0);
    let geobox = GeoBox::new(Shape2d::new(1300, 1300), transform, Crs::epsg(32633));
    let mut state = 1u32;
    let values = (0..1300 * 1300).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let raster = Raster::new(geobox, 1, values.collect(), Some(Nodata::new(9.0))).unwrap();
    write_cog(folder.path().join(FILE), &raster, &CogOptions::default()).unwrap();
    folder
});

/// A window of several blocks; another system through overviews; a look at the whole: as numbers.
fn read_all(location: &Path) -> Result<Vec<f32>> {
    let dataset = RasterDataset::open(location)?;
    let mut values = dataset.read_window::<f32>(&[1], Window::new(200, 200, 700, 700))?.into_data();
    let transform = GeoTransform::north_up(XY::new(600_100.0, 5_099_900.0), 90.0);
    let coarse = GeoBox::new(Shape2d::new(100, 100), transform, Crs::epsg(32632));
    values.extend(dataset.read_onto::<f32>(1, &coarse, Resampling::Bilinear)?.data());
    let whole = dataset.is_thinned_cheaply(1)?;
    let shape = dataset.geobox().shape();
    let at = if whole { Glance::whole(shape) } else { Glance::spots(shape) };
    values.extend(dataset.glance(1, &at)?.values);
    Ok(values)
}

static TRUTH: LazyLock<Vec<f32>> = LazyLock::new(|| read_all(&FOLDER.path().join(FILE)).unwrap());

/// Reads from a server that spoils the requests from `first` on, before `last`; whether any was.
fn served(fault: &Fault, first: usize, last: usize) -> (Result<Vec<f32>>, bool) {
    let told = fault.clone();
    let server = Server::faulty(FOLDER.path(), move |_: &Request, number| {
        if (first..last).contains(&number) { told.clone() } else { Fault::Pass }
    });
    let read = read_all(server.url(FILE).as_ref());
    (read, server.requests() > first)
}

fn faults() -> Vec<Fault> {
    let statuses = [401, 403, 404, 408, 410, 500, 502, 503, 504].map(|code| Fault::Status(code, &[]));
    let busy = Fault::Status(429, &[("Retry-After", "1")]);
    let spoilt = [Fault::Cut(1000), Fault::Cut(0), Fault::Short206(1000), Fault::Zeros, Fault::Drop];
    statuses.into_iter().chain([busy]).chain(spoilt).collect()
}

/// Does something with each fault, side by side.
fn with_each(act: impl Fn(Fault) + Sync) {
    std::thread::scope(|scope| {
        for fault in faults() {
            let act = &act;
            scope.spawn(move || act(fault));
        }
    });
}

#[test]
fn what_happens_once_leaves_no_trace() {
    with_each(|fault| {
        for first in 0.. {
            let (read, spoilt) = served(&fault, first, first + 1);
            let read = read.unwrap_or_else(|error| panic!("{fault:?} at request {first}: {error:?}"));
            assert!(read == *TRUTH, "{fault:?} at request {first} changed the values");
            if !spoilt {
                assert!(first > 4, "all is read by {first} requests");
                break;
            }
        }
    });
}

#[test]
fn what_never_ends_is_an_error() {
    with_each(|fault| {
        for first in [0, 1, 2, 3, 5] {
            let (read, spoilt) = served(&fault, first, usize::MAX);
            match read {
                Err(Error::Open { .. } | Error::Read { .. } | Error::Warp { .. }) => {}
                Err(error) => panic!("{fault:?} from request {first} on: {error:?}"),
                Ok(read) => {
                    assert!(read == *TRUTH, "{fault:?} from request {first} on changed the values");
                    assert!(!spoilt || first > 3, "{fault:?} from request {first} on was not seen");
                }
            }
        }
    });
}

#[track_caller]
fn check_end_of(silence: Fault) {
    let begun = Instant::now();
    let (read, _) = served(&silence, 2, 3);
    assert!(read.unwrap() == *TRUTH, "{silence:?} changed the values");
    assert!(begun.elapsed() < Duration::from_secs(100), "{silence:?} took {:?}", begun.elapsed());
}

#[test]
fn a_body_that_stalls_is_asked_for_again() {
    check_end_of(Fault::Stall(Duration::from_secs(300)));
}

#[test]
fn a_silent_server_is_asked_again() {
    check_end_of(Fault::Silence(Duration::from_secs(300)));
}

#[test]
fn a_refusal_is_not_waited_for() {
    let server = Server::answering(|_, _| Fault::Status(404, &[]));
    let begun = Instant::now();
    let error = RasterDataset::open(server.url(FILE)).unwrap_err();
    assert!(matches!(error, Error::Open { .. }), "{error:?}");
    assert!(begun.elapsed() < patience().in_all, "{:?}", begun.elapsed());
    assert!(server.requests() >= 2, "it is asked a second time");
}

#[test]
fn a_server_that_is_down_is_waited_for_once() {
    let server = Server::answering(|_, _| Fault::Status(503, &[]));
    let open = |name: &str| {
        let begun = Instant::now();
        assert!(RasterDataset::open(server.url(name)).is_err());
        begun.elapsed()
    };
    let first = open("a.tif");
    assert!(first >= patience().in_all / 2, "{first:?}");
    let seen = server.requests();
    open("b.tif");
    assert!(server.requests() - seen < seen, "{} and {seen} requests", server.requests() - seen);
}

#[test]
fn another_file_under_the_same_name_is_not_read_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(FOLDER.path().join(FILE), folder.path().join(FILE)).unwrap();
    let server = Server::of(folder.path());
    let dataset = RasterDataset::open(server.url(FILE)).unwrap();
    let small = dataset.geobox().crop(Window::new(0, 0, 600, 600));
    let raster = Raster::filled(small, 1, 3u8, None);
    write_cog(folder.path().join(FILE), &raster, &CogOptions::default()).unwrap();
    assert!(dataset.read_window::<u8>(&[1], Window::new(600, 600, 700, 700)).is_err());
}

/// What a pool keeps of a server is forgotten with the file.
#[test]
fn a_file_that_could_not_be_read_is_asked_for_again() {
    for fault in [Fault::Status(404, &[]), Fault::Cut(1000)] {
        let bad = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&bad);
        let server = Server::faulty(FOLDER.path(), move |_, _| {
            if told.load(Ordering::SeqCst) { fault.clone() } else { Fault::Pass }
        });
        let (pool, address) = (DatasetPool::default(), server.url(FILE));
        let read =
            |dataset: &RasterDataset| dataset.read_window::<f32>(&[1], Window::new(200, 200, 700, 700));
        assert!(pool.with(&address, None, None, read).is_err(), "the server fails");
        bad.store(false, Ordering::SeqCst);
        pool.forget(&address);
        assert_eq!(pool.with(&address, None, None, read).unwrap().data(), &TRUTH[..490_000]);
    }
}
