//! A server that fails once: what was read of it is asked for again after [`DatasetPool::forget`], and not before.

use crate::{CogOptions, DatasetPool, Error, RasterDataset, write_cog};
use ecotone_core::{Crs, GeoBox, GeoTransform, Raster, Shape2d, Window, XY};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A file of noise, too large to come whole with its header.
fn noise() -> (Vec<u8>, Raster<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.tif");
    let transform = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0);
    let geobox = GeoBox::new(Shape2d::new(512, 512), transform, Crs::epsg(32633));
    let mut state = 1u32;
    let values = (0..512 * 512).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let raster = Raster::new(geobox, 1, values.collect(), None).unwrap();
    write_cog(&path, &raster, &CogOptions::default()).unwrap();
    (std::fs::read(&path).unwrap(), raster)
}

#[track_caller]
fn check(fault: u8) {
    let (file, raster) = noise();
    let state = Arc::new(AtomicU8::new(fault));
    let address = serve(file, Arc::clone(&state));
    let pool = DatasetPool::default();
    let whole = Window::new(0, 0, 512, 512);
    let read = |dataset: &RasterDataset| dataset.read_window::<u8>(&[1], whole);
    let attempt = || pool.with(&address, None, None, read);
    assert!(attempt().is_err(), "the server fails");
    state.store(WHOLE, Ordering::SeqCst);
    // GDAL 3.6 fails again without asking; a later one may not.
    let _: Result<Raster<u8>, Error> = attempt();
    pool.forget(&address);
    assert_eq!(attempt().unwrap().data(), raster.data());
}

#[test]
fn a_file_that_was_missing_is_asked_for_again() {
    check(MISSING);
}

#[test]
fn a_file_that_was_cut_is_asked_for_again() {
    check(CUT);
}
