//! A server that fails once: what was read of it is asked for again after [`DatasetPool::forget`], and not before.

use crate::{CogOptions, DatasetPool, Error, RasterDataset, write_cog};
use ecotone_core::{Crs, GeoBox, GeoTransform, Raster, Shape2d, Window, XY};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// It is not there.
const MISSING: u8 = 0;
/// Its second half is cut off, whatever length is told.
const CUT: u8 = 1;
/// All is well.
const WHOLE: u8 = 2;

/// Serves one file by ranges, as well as `state` says; gives its address.
fn serve(file: Vec<u8>, state: Arc<AtomicU8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/one.tif", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (file, state) = (file.clone(), state.load(Ordering::SeqCst));
            // A client that goes away in the middle is none of the server's business.
            std::thread::spawn(move || answer(&stream.unwrap(), &file, state).ok());
        }
    });
    address
}

/// Answers one request, and closes.
fn answer(mut stream: &TcpStream, file: &[u8], state: u8) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let request = lines.next().unwrap_or_default();
    let range = lines.find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let (first, last) = value.strip_prefix("bytes=")?.split_once('-')?;
        let last: usize = last.parse().unwrap_or(file.len() - 1);
        name.eq_ignore_ascii_case("range").then_some((first.parse().ok()?, last.min(file.len() - 1)))
    });
    if state == MISSING || !request.contains("/one.tif ") {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let (first, last): (usize, usize) = range.unwrap_or((0, file.len() - 1));
    let (code, size) = (if range.is_some() { "206 Partial Content" } else { "200 OK" }, file.len());
    let length = (last + 1).saturating_sub(first);
    write!(
        stream,
        "HTTP/1.1 {code}\r\nContent-Length: {length}\r\nContent-Range: bytes {first}-{last}/{size}\r\n\
         Accept-Ranges: bytes\r\nConnection: close\r\n\r\n"
    )?;
    if request.starts_with("HEAD") {
        return Ok(());
    }
    let end = if state == CUT { (last + 1).min(size / 2) } else { last + 1 };
    stream.write_all(file.get(first..end).unwrap_or_default())
}

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
