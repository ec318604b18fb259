//! The backends by name: which there are, and which of them this build has.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A library that runs tensors, and where it runs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// Pure Rust on the CPU, on kernels of our own: builds anywhere, the same bytes on every run.
    Flex,
    /// libtorch 2.9.0 on the CPU.
    Tch,
    /// libtorch 2.9.0 on an NVIDIA GPU, where that libtorch was built for CUDA.
    TchCuda,
    /// Any GPU with a Vulkan driver.
    Vulkan,
    /// An NVIDIA GPU.
    Cuda,
}

impl Backend {
    /// All backends, built in or not.
    pub const ALL: [Backend; 5] =
        [Backend::Flex, Backend::Tch, Backend::TchCuda, Backend::Vulkan, Backend::Cuda];

    /// The backends of this build.
    pub fn available() -> Vec<Backend> {
        Self::ALL.into_iter().filter(|backend| backend.is_built()).collect()
    }

    /// The Cargo feature that builds it.
    pub fn feature(self) -> &'static str {
        match self {
            Backend::Flex => "flex",
            Backend::Tch | Backend::TchCuda => "tch",
            Backend::Vulkan => "vulkan",
            Backend::Cuda => "cuda",
        }
    }

    /// Whether it computes on a GPU: in memory of its own, and summing in an order that may change from run to run.
    pub fn is_gpu(self) -> bool {
        matches!(self, Backend::TchCuda | Backend::Vulkan | Backend::Cuda)
    }

    pub(crate) fn is_built(self) -> bool {
        match self {
            Backend::Flex => cfg!(feature = "flex"),
            Backend::Tch | Backend::TchCuda => cfg!(feature = "tch"),
            Backend::Vulkan => cfg!(feature = "vulkan"),
            Backend::Cuda => cfg!(feature = "cuda"),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Backend::Flex => "flex",
            Backend::Tch => "tch",
            Backend::TchCuda => "tch-cuda",
            Backend::Vulkan => "vulkan",
            Backend::Cuda => "cuda",
        })
    }
}
