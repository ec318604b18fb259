//! How fast GDAL reads whole rasters of bytes when nothing is done with them: the floor of everything that does more.
//!
//! `read_blocks THREADS RASTER…` reads windows of whole blocks of all rasters in turn and prints the seconds.

use ecotone_core::{Shape2d, Window};
use ecotone_io::RasterDataset;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// About how many pixels are read at a time.
const TILE: usize = 1 << 21;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let threads: usize = arguments.next().ok_or("usage: read_blocks THREADS RASTER…")?.parse()?;
    let paths: Vec<String> = arguments.collect();
    ecotone_io::set_cache_bytes(64 << 20);
    let begun = Instant::now();
    let next = AtomicUsize::new(0);
    let read = || -> Result<(), Failure> {
        let open: Vec<RasterDataset> = paths.iter().map(RasterDataset::open).collect::<Result<_, _>>()?;
        let Some(first) = open.first() else { return Ok(()) };
        let (Shape2d { rows, cols }, block) = (first.geobox().shape(), first.band(1)?.block);
        let width = if block.cols >= cols { cols } else { block.cols * (2048 / block.cols).max(1) };
        let height = block.rows * (TILE / width / block.rows).max(1);
        let (across, down) = (cols.div_ceil(width), rows.div_ceil(height));
        loop {
            let tile = next.fetch_add(1, Ordering::Relaxed);
            if tile >= across * down {
                return Ok(());
            }
            let (row, col) = (tile / across * height, tile % across * width);
            let window = Window::new(row as i64, col as i64, height.min(rows - row), width.min(cols - col));
            for dataset in &open {
                std::hint::black_box(dataset.read_window::<u8>(&[1], window)?);
            }
        }
    };
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(read)).collect();
        started.into_iter().try_for_each(|thread| match thread.join() {
            Ok(read) => read,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    Ok(writeln!(std::io::stdout(), "{:.3}", begun.elapsed().as_secs_f64())?)
}
