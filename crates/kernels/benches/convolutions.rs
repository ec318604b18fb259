//! Convolutions of the published UNet3D and of a U-Net, one thread: multiply-adds a second of each set of instructions.
//!
//! cargo bench -p ecotone-kernels

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ecotone_kernels::{After, Extent, Isa, Packed, View, Way, convolve, weights_gradient};

/// Name, taps, channels, steps, rows and columns.
type Layer = (&'static str, [usize; 3], [usize; 2], [usize; 3]);

const LAYERS: [Layer; 9] = [
    ("unet3d in", [3, 3, 3], [12, 32], [46, 64, 64]),
    ("unet3d fine", [3, 3, 3], [32, 32], [46, 64, 64]),
    ("unet3d decoder", [3, 3, 3], [64, 32], [44, 64, 64]),
    ("unet3d middle", [3, 3, 3], [64, 64], [23, 32, 32]),
    ("unet3d coarse", [3, 3, 3], [128, 128], [11, 16, 16]),
    ("unet3d head", [3, 3, 3], [16, 7], [44, 64, 64]),
    ("unet fine", [1, 3, 3], [32, 32], [1, 256, 256]),
    ("unet coarse", [1, 3, 3], [512, 512], [1, 16, 16]),
    ("pointwise", [1, 1, 1], [64, 64], [1, 128, 128]),
];

fn layers(c: &mut Criterion) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let Ok(pool) = pool else { return };
    for isa in Isa::available().into_iter().filter(|isa| *isa != Isa::PORTABLE) {
        for (name, kernel, [inputs, outputs], space) in LAYERS {
            let way = Way::same(kernel);
            let taps: usize = kernel.iter().product();
            let pixels: usize = space.iter().product();
            let weights: Vec<f32> = (0..taps * inputs * outputs).map(|i| (i % 7) as f32 * 0.01).collect();
            let values: Vec<f32> = (0..pixels * inputs).map(|i| (i % 11) as f32 * 0.1).collect();
            let gradient: Vec<f32> = (0..pixels * outputs).map(|i| (i % 13) as f32 * 0.1).collect();
            let (Ok(packed), Ok(x), Ok(gradient)) = (
                Packed::forward(&way, &weights, inputs, outputs),
                View::dense(&values, Extent { n: 1, space, c: inputs }),
                View::dense(&gradient, Extent { n: 1, space, c: outputs }),
            ) else {
                return;
            };
            let mut group = c.benchmark_group(name);
            group.sample_size(10).throughput(Throughput::Elements((pixels * taps * inputs * outputs) as u64));
            group.bench_function(format!("forward {isa}"), |b| {
                pool.install(|| b.iter(|| convolve(isa, black_box(x), &packed, After::NONE)));
            });
            group.bench_function(format!("weights {isa}"), |b| {
                pool.install(|| b.iter(|| weights_gradient(isa, black_box(x), gradient, &way)));
            });
            group.finish();
        }
    }
}

criterion_group!(benches, layers);
criterion_main!(benches);
