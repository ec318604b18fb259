//! A network's tensors on the host, by name: what is saved, compared, kept as best, and drawn anew.

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

use crate::{Error, Result};

/// A tensor on the host, row-major.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostTensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

/// Tensors by their path in the module, such as `encoder.0.first.conv.weight`, in the order of names.
pub(crate) type StateDict = BTreeMap<String, HostTensor>;

/// Reads the tensors of a module, running statistics included.
///
/// Call it on `module.valid()`: a module in training keeps the last statistics back.
pub(crate) fn read(module: &impl Module) -> StateDict {
    let mut reader = Reader::default();
    module.visit(&mut reader);
    reader.state
}

/// Puts `state` into a module. `path` and `network` are for the messages.
///
/// # Errors
/// [`Error::WeightsMismatch`] for a tensor that is missing, left over, or of another shape.
pub(crate) fn load<M: Module>(
    module: M,
    mut state: StateDict,
    path: &Path,
    network: &'static str,
) -> Result<M> {
    let mismatch = |tensor: &str, expected: String, found: String| Error::WeightsMismatch {
        path: path.to_owned(),
        network,
        tensor: tensor.to_owned(),
        expected,
        found,
    };
    let shapes = shapes(&module);
    for (name, shape) in &shapes {
        match state.get(name) {
            None => return Err(mismatch(name, format!("of shape {shape:?}"), "missing".to_owned())),
            Some(tensor) if tensor.shape != *shape => {
                let found = format!("of shape {:?}", tensor.shape);
                return Err(mismatch(name, format!("shape {shape:?}"), found));
            }
            Some(_) => {}
        }
    }
    if let Some((name, tensor)) = state.iter().find(|(name, _)| !shapes.contains_key(*name)) {
        return Err(mismatch(name, "none of this name".to_owned(), format!("of shape {:?}", tensor.shape)));
    }
    Ok(map(module, |name, _| state.remove(name).map(|tensor| tensor.values)))
}

/// The shapes of a module's tensors, by name.
pub(crate) fn shapes(module: &impl Module) -> BTreeMap<String, Vec<usize>> {
    let mut shapes = Shapes::default();
    module.visit(&mut shapes);
    shapes.found
}

/// Replaces the values of each tensor for which `new` (given its path and shape) has some.
pub(crate) fn map<M: Module>(module: M, new: impl FnMut(&str, &[usize]) -> Option<Vec<f32>>) -> M {
    module.map(&mut Writer { path: ModulePath::default(), new })
}

/// Where a traversal is. The variant of an enum is no part of the path.
#[derive(Default)]
pub(crate) struct ModulePath(Vec<String>);

impl ModulePath {
    pub(crate) fn enter(&mut self, name: &str, container: &str) {
        if !container.starts_with("Enum:") {
            self.0.push(name.to_owned());
        }
    }

    pub(crate) fn exit(&mut self, container: &str) {
        if !container.starts_with("Enum:") {
            self.0.pop();
        }
    }

    pub(crate) fn name(&self) -> String {
        self.0.join(".")
    }
}

#[derive(Default)]
struct Reader {
    path: ModulePath,
    state: StateDict,
}

impl ModuleVisitor for Reader {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        self.state.insert(self.path.name(), HostTensor { shape, values: to_host(tensor) });
    }
}

#[derive(Default)]
struct Shapes {
    path: ModulePath,
    found: BTreeMap<String, Vec<usize>>,
}

impl ModuleVisitor for Shapes {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.insert(self.path.name(), param.val().dims().to_vec());
    }
}

struct Writer<F> {
    path: ModulePath,
    new: F,
}

impl<F: FnMut(&str, &[usize]) -> Option<Vec<f32>>> ModuleMapper for Writer<F> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (name, new) = (self.path.name(), &mut self.new);
        param.map(|tensor| match new(&name, &tensor.dims()) {
            None => tensor,
            Some(values) => {
                let data = TensorData::new(values, tensor.dims());
                let new = Tensor::from_data(data, &tensor.device());
                new.set_require_grad(tensor.is_require_grad())
            }
        })
    }
}

/// The values of a tensor, row-major.
pub(crate) fn to_host<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}
