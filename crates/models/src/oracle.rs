//! What tests against PyTorch share: its values, the backends to run, closeness, gradients by name.

use std::path::{Path, PathBuf};

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};

use crate::state::{HostTensor, ModulePath, StateDict, to_host};
use crate::{Backend, device, weights};

/// A file of `tests/vectors`.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)
}

/// The tensors of a file of `tests/vectors`.
pub(crate) fn vectors(name: &str) -> StateDict {
    let path = file(name);
    weights::decode(&path, &weights::read(&path).unwrap()).unwrap()
}

pub(crate) fn tensor<const D: usize>(vector: &HostTensor, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(vector.values.clone(), vector.shape.clone()), device)
}

/// The devices that this build finds.
pub(crate) fn devices() -> impl Iterator<Item = Device> {
    Backend::ALL.into_iter().filter_map(|backend| device::open(backend).ok())
}

/// The CPU backends of this build: a GPU rounds more coarsely than oracles allow.
pub(crate) fn cpu_devices() -> impl Iterator<Item = Device> {
    let cpu = Backend::available().into_iter().filter(|backend| !backend.is_gpu());
    cpu.map(|backend| device::open(backend).unwrap())
}

#[track_caller]
pub(crate) fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    let worst = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(found.iter().all(|value| value.is_finite()) && worst < tolerance, "off by {worst}");
}

/// The gradients of a module's parameters by their names.
pub(crate) fn gradients(module: &impl Module, gradients: &GradientsParams) -> StateDict {
    struct Reader<'a> {
        path: ModulePath,
        gradients: &'a GradientsParams,
        found: StateDict,
    }
    impl ModuleVisitor for Reader<'_> {
        fn enter_module(&mut self, name: &str, container: &str) {
            self.path.enter(name, container);
        }

        fn exit_module(&mut self, _name: &str, container: &str) {
            self.path.exit(container);
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                let shape = gradient.dims().to_vec();
                self.found.insert(self.path.name(), HostTensor { shape, values: to_host(gradient) });
            }
        }
    }
    let mut reader = Reader { path: ModulePath::default(), gradients, found: StateDict::new() };
    module.visit(&mut reader);
    reader.found
}
