//! A file-size limit stands in for a full disk: the writer fails, says which file, and leaves nothing behind.
#![cfg(unix)]

use ecotone_core::{Crs, GeoBox, GeoTransform, Raster, Shape2d, XY};
use ecotone_io::{CogOptions, ignore_file_size_signal, write_atomic, write_cog};
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Tells the child where to write.
const FOLDER: &str = "ECOTONE_IO_TEST_FULL_DISK";

/// Runs only as a child of the test below, under its limit.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    ignore_file_size_signal();
    let mut state = 1u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as u16
    });
    let grid = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0);
    let grid = GeoBox::new(Shape2d::new(1024, 1024), grid, Crs::epsg(32633));
    let raster = Raster::new(grid, 1, noise.take(1024 * 1024).collect(), None).unwrap();
    let cog = write_cog(folder.join("map.tif"), &raster, &CogOptions::default()).unwrap_err();
    println!("map: {cog}: {}", cog.source().unwrap());
    let text = write_atomic(folder.join("report.html"), vec![b'x'; 2 << 20]).unwrap_err();
    println!("report: {text}: {}", text.source().unwrap());
}

#[test]
fn nothing_is_left_of_what_did_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("map.tif"), "an older map").unwrap();
    let this = std::env::current_exe().unwrap();
    // 512-byte blocks in POSIX shells: 256 KiB or 512 KiB, for 2 MiB of noise.
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 512 && exec \"$0\" --exact child --nocapture"])
        .arg(this)
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let map = folder.path().join("map.tif");
    assert!(said.contains(&format!("map: writing {}: GDAL: ", map.display())), "{said}");
    assert!(said.contains("report: writing "), "{said}");
    assert_eq!(fs::read_to_string(&map).unwrap(), "an older map");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "temporaries are gone");
}
