//! What loading a window asks of files and of a server (issue 15): the same, however many scenes lie beside it.

use super::small_scenes::{SIDE, side_by_side, sought, spec};
use super::*;
use crate::series::Series;
use crate::site::Site;
use ecotone_core::Window;
use ecotone_jobs::{Resources, Silent};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A folder served over HTTP, whose requests are counted.
pub(crate) struct Server {
    pub(crate) address: String,
    requests: Arc<AtomicU64>,
}

impl Server {
    pub(crate) fn of(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicU64::new(0));
        let (folder, counter) = (folder.to_owned(), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                let folder = folder.clone();
                // A client that goes away in the middle is none of the server's business.
                std::thread::spawn(move || answer(&stream.unwrap(), folder).ok());
            }
        });
        Self { address, requests }
    }
}

/// Answers one request, and closes.
fn answer(mut stream: &TcpStream, mut folder: PathBuf) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let request = lines.next().unwrap_or_default();
    let range = lines.find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let (first, last) = value.strip_prefix("bytes=")?.split_once('-')?;
        name.eq_ignore_ascii_case("range").then_some((first.parse().ok()?, last.parse().ok()))
    });
    folder.push(request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/'));
    let Ok(file) = std::fs::read(&folder) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let (first, last): (usize, Option<usize>) = range.unwrap_or((0, None));
    let last = last.unwrap_or(usize::MAX).min(file.len() - 1);
    let (code, size) = (if range.is_some() { "206 Partial Content" } else { "200 OK" }, file.len());
    let length = (last + 1).saturating_sub(first);
    write!(
        stream,
        "HTTP/1.1 {code}\r\nContent-Length: {length}\r\nContent-Range: bytes {first}-{last}/{size}\r\n\
         Accept-Ranges: bytes\r\nConnection: close\r\n\r\n"
    )?;
    match request.starts_with("HEAD") {
        true => Ok(()),
        false => stream.write_all(file.get(first..=last).unwrap_or_default()),
    }
}

/// What a window cost.
struct Cost {
    files: u64,
    requests: u64,
    time: Duration,
}

/// Loads a window that meets two scenes of a plan whose other scenes lie beside it.
fn cost(tiles: usize) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    let (mut scenes, map) = side_by_side(folder.path(), tiles);
    let reader = Resources::new(1);
    // A server of its own each time: GDAL remembers what it has read from an address.
    let server = Server::of(folder.path());
    for asset in scenes.iter_mut().flat_map(|scene| scene.assets.values_mut()) {
        let name = Path::new(&asset.href).file_name().unwrap().to_string_lossy().into_owned();
        asset.href = format!("{}/{name}", server.address);
    }
    let plan = Plan::of(sought(spec(30, 3), scenes), &map, None, &reader, &Silent).unwrap();
    let series = Series::of_plan(plan, Site::whole(map), &reader).unwrap();
    let (planned, begun) = (server.requests.load(Ordering::SeqCst), Instant::now());
    let (cubes, failures) = series.load(Window::new(4, SIDE as i64 + 5, 20, SIDE)).unwrap();
    let time = begun.elapsed();
    assert!(failures.is_empty() && cubes[0].valid().contains(&true), "{failures:?}");
    let requests = server.requests.load(Ordering::SeqCst) - planned;
    Cost { files: series.files_opened(), requests, time }
}

/// The times are told and not tested: `cargo test -p ecotone-cubes lie_beside -- --nocapture`.
#[test]
fn a_window_costs_the_same_however_many_scenes_lie_beside() {
    let (few, many) = (cost(8), cost(80));
    eprintln!("8 samples: {:?}, 80 samples: {:?}", few.time, many.time);
    // Two scenes of two files each.
    assert_eq!((few.files, many.files), (4, 4));
    assert_eq!(few.requests, many.requests);
}
