//! Which hardware runs the networks; the only module that knows the backends one by one.

use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A library that runs tensors. Each is a Cargo feature of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// Pure Rust on the CPU: builds anywhere, the same bytes on every run.
    Flex,
    /// libtorch 2.9.0 on the CPU: several times faster than `flex`.
    Tch,
    /// Any GPU with a Vulkan driver.
    Vulkan,
    /// An NVIDIA GPU.
    Cuda,
}

impl Backend {
    /// All backends, built in or not.
    pub const ALL: [Backend; 4] = [Backend::Flex, Backend::Tch, Backend::Vulkan, Backend::Cuda];

    /// The backends of this build.
    pub fn available() -> Vec<Backend> {
        Self::ALL.into_iter().filter(|backend| backend.is_built()).collect()
    }

    /// Refuses a backend that this build does not contain, so that a job can be refused before its work.
    ///
    /// # Errors
    /// [`Error::BackendNotBuilt`] names the Cargo feature to build with.
    pub fn check(self) -> Result<()> {
        if self.is_built() { Ok(()) } else { Err(self.not_built()) }
    }

    fn is_built(self) -> bool {
        match self {
            Backend::Flex => cfg!(feature = "flex"),
            Backend::Tch => cfg!(feature = "tch"),
            Backend::Vulkan => cfg!(feature = "vulkan"),
            Backend::Cuda => cfg!(feature = "cuda"),
        }
    }

    fn not_built(self) -> Error {
        let names: Vec<String> = Self::available().iter().map(ToString::to_string).collect();
        let available = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Error::BackendNotBuilt { backend: self, available }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Backend::Flex => "flex",
            Backend::Tch => "tch",
            Backend::Vulkan => "vulkan",
            Backend::Cuda => "cuda",
        })
    }
}

impl FromStr for Backend {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|backend| backend.to_string() == word)
            .ok_or_else(|| Error::UnknownBackend { found: word.to_owned() })
    }
}

/// Opens the backend's first device, without gradients.
///
/// # Errors
/// [`Error::BackendNotBuilt`] when the backend's Cargo feature is off.
pub(crate) fn open(backend: Backend) -> Result<Device> {
    match backend {
        #[cfg(feature = "flex")]
        Backend::Flex => Ok(Device::flex()),
        #[cfg(feature = "tch")]
        #[expect(deprecated, reason = "libtorch is the fastest CPU backend of this burn version")]
        Backend::Tch => Ok(Device::libtorch()),
        #[cfg(feature = "vulkan")]
        Backend::Vulkan => Ok(Device::vulkan(burn::tensor::DeviceKind::DefaultDevice)),
        #[cfg(feature = "cuda")]
        Backend::Cuda => Ok(Device::cuda(0)),
        #[cfg(not(all(feature = "flex", feature = "tch", feature = "vulkan", feature = "cuda")))]
        other => Err(other.not_built()),
    }
}

/// Gives a CPU backend `threads` threads. GPU backends have no such setting: for them this does nothing.
///
/// Call it before the first tensor. `flex` takes the process's rayon pool, so it can be set only once.
/// At another number of threads `tch` sums in another order: results differ by rounding.
///
/// # Errors
/// [`Error::Setting`] for zero threads; [`Error::BackendNotBuilt`]; [`Error::Threads`] when the pool of
/// `flex` has started with another number.
pub fn set_threads(backend: Backend, threads: usize) -> Result<()> {
    if threads == 0 {
        return Err(Error::Setting { setting: "threads", found: "0".to_owned(), rule: "at least 1" });
    }
    backend.check()?;
    match backend {
        #[cfg(feature = "flex")]
        Backend::Flex => {
            let started = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().is_err();
            if started && rayon::current_num_threads() != threads {
                return Err(Error::Threads { backend, threads });
            }
        }
        #[cfg(feature = "tch")]
        Backend::Tch => tch::set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX)),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for backend in Backend::ALL {
            assert_eq!(backend.to_string().parse::<Backend>().unwrap(), backend);
        }
        assert!("Flex".parse::<Backend>().is_err());
    }

    #[test]
    fn a_backend_left_out_names_its_feature() {
        for backend in Backend::ALL {
            if !Backend::available().contains(&backend) {
                let message = open(backend).unwrap_err().to_string();
                assert!(message.contains(&format!("--features {backend}")), "{message}");
                assert!(set_threads(backend, 1).is_err() && backend.check().is_err());
            }
        }
    }

    #[cfg(feature = "flex")]
    #[test]
    fn flex_opens() {
        assert!(!open(Backend::Flex).unwrap().is_autodiff());
        assert!(set_threads(Backend::Flex, 0).is_err());
    }
}
