//! Reading onto the file's own lattice beside GDAL decoding the same blocks and doing nothing else.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecotone_core::{Crs, GeoBox, GeoTransform, Raster, Shape2d, Window, XY};
use ecotone_io::{CogOptions, RasterDataset, Resampling, transform_bounds, write_cog};
use std::path::Path;

const SIDE: usize = 2048;

/// A smooth field with noise: it compresses about as reflectance does.
fn write_scene(path: &Path) -> GeoBox {
    let grid = GeoBox::new(
        Shape2d::new(SIDE, SIDE),
        GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0),
        Crs::epsg(32633),
    );
    let mut state = 1u32;
    let values = (0..SIDE * SIDE).map(|i| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (600 + (i % SIDE) / 4 + (i / SIDE) / 8) as u16 + (state >> 26) as u16
    });
    let raster = Raster::new(grid.clone(), 1, values.collect(), None).expect("the shape fits");
    write_cog(path, &raster, &CogOptions::default()).expect("the temporary folder is writable");
    grid
}

fn read(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("scene.tif");
    let grid = write_scene(&path);
    let mut group = c.benchmark_group("read");
    group.throughput(Throughput::Bytes((SIDE * SIDE * 2) as u64)).sample_size(20);
    group.bench_function("raw_blocks", |b| {
        b.iter(|| {
            let dataset = gdal::Dataset::open(&path).expect("the scene opens");
            let band = dataset.rasterband(1).expect("it has a band");
            for row in 0..SIDE / 512 {
                for col in 0..SIDE / 512 {
                    band.read_block::<u16>((col, row)).expect("the block decodes");
                }
            }
        });
    });
    let onto = |target: GeoBox, resampling| {
        let path = path.clone();
        move || {
            let dataset = RasterDataset::open(&path).expect("the scene opens");
            dataset.read_onto::<u16>(1, &target, resampling).expect("the scene reads")
        }
    };
    let half = GeoBox::new(
        Shape2d::new(2 * SIDE, 2 * SIDE),
        grid.transform().scaled(XY::new(0.5, 0.5)),
        grid.crs().clone(),
    );
    let cases = [
        ("same_lattice", grid.clone(), Resampling::Nearest),
        ("average_2x2", grid.zoom_out(2), Resampling::Average),
        ("bilinear_to_half", half, Resampling::Bilinear),
        (
            "warp_half_pixel_off",
            grid.zoom_out(2).crop(Window::new(1, 1, 900, 900)).zoom_out(3),
            Resampling::Bilinear,
        ),
    ];
    for (name, target, resampling) in cases {
        group.bench_function(name, |b| b.iter(onto(target.clone(), resampling)));
    }
    group.finish();
}

/// What a file costs beside its pixels: a catalogue of small chips is mostly this.
fn overhead(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("chip.tif");
    let transform = GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0);
    let grid = GeoBox::new(Shape2d::new(64, 64), transform, Crs::epsg(32633));
    write_cog(&path, &Raster::filled(grid.clone(), 1, 7u16, None), &CogOptions::default())
        .expect("it is written");
    let bounds = transform_bounds(grid.bounds(), grid.crs(), &Crs::epsg(3035)).expect("it is in Europe");
    let europe = GeoBox::covering(bounds, 10.0, Crs::epsg(3035));
    let mut group = c.benchmark_group("overhead");
    group.bench_function("open_gdal", |b| b.iter(|| gdal::Dataset::open(&path).expect("the chip opens")));
    group.bench_function("open", |b| b.iter(|| RasterDataset::open(&path).expect("the chip opens")));
    let dataset = RasterDataset::open(&path).expect("the chip opens");
    for (name, target) in [("read_64", &grid), ("warp_64", &europe)] {
        let read = || dataset.read_onto::<u16>(1, target, Resampling::Bilinear).expect("the chip reads");
        group.bench_function(name, |b| b.iter(read));
    }
    group.finish();
}

criterion_group!(benches, read, overhead);
criterion_main!(benches);
