//! Which hardware runs the networks; the only module that knows the backends one by one.

use std::str::FromStr;
#[cfg(feature = "flex")]
use std::sync::Once;

use burn::tensor::Device;
#[cfg(any(feature = "vulkan", feature = "cuda"))]
use burn::tensor::DeviceType;

use crate::{Backend, Error, Result};
use ecotone_kernels::Isa;

impl Backend {
    /// Refuses a backend that this build does not contain or that finds no GPU, so that a job can be refused before
    /// its work.
    ///
    /// # Errors
    /// [`Error::BackendNotBuilt`] names the Cargo feature to build with; [`Error::NoGpu`].
    pub fn check(self) -> Result<()> {
        if !self.is_built() {
            return Err(self.not_built());
        }
        match self.missing() {
            Some(wanted) => Err(Error::NoGpu { backend: self, wanted }),
            None => Ok(()),
        }
    }

    /// What a backend of this build does not find on this machine.
    fn missing(self) -> Option<&'static str> {
        match self {
            #[cfg(feature = "tch")]
            Backend::TchCuda if !tch::Cuda::is_available() => {
                Some("an NVIDIA GPU with its driver, and a libtorch built for CUDA")
            }
            #[cfg(feature = "vulkan")]
            Backend::Vulkan if Device::enumerate(DeviceType::Vulkan).is_empty() => {
                Some("a GPU with a Vulkan driver, and the Vulkan loader (libvulkan)")
            }
            #[cfg(feature = "cuda")]
            Backend::Cuda if Device::enumerate(DeviceType::Cuda).is_empty() => {
                Some("an NVIDIA GPU with its driver")
            }
            _ => None,
        }
    }

    fn not_built(self) -> Error {
        let names: Vec<String> = Self::available().iter().map(ToString::to_string).collect();
        let available = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Error::BackendNotBuilt { backend: self, available }
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
/// As [`Backend::check`].
pub(crate) fn open(backend: Backend) -> Result<Device> {
    backend.check()?;
    match backend {
        #[cfg(feature = "flex")]
        Backend::Flex => {
            tell_of_portable_kernels();
            Ok(Device::flex())
        }
        #[cfg(feature = "tch")]
        #[expect(deprecated, reason = "libtorch is the fastest CPU backend of this burn version")]
        Backend::Tch => Ok(Device::libtorch()),
        #[cfg(feature = "tch")]
        #[expect(deprecated, reason = "libtorch is the fastest NVIDIA backend of this burn version")]
        Backend::TchCuda => Ok(Device::libtorch_cuda(0)),
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

/// Has the kernels of `flex` use other vector instructions than the fastest of the machine: `portable`, `avx2` or `avx512`.
/// Kernels give the same bytes with all of them, so this is for comparing. Call it before the first tensor.
///
/// # Errors
/// [`Error::Instructions`] for another word, for instructions that the machine lacks, or when others are in use.
pub fn set_instructions(word: &str) -> Result<()> {
    word.parse().and_then(Isa::choose).map_err(|source| Error::Instructions { source })
}

/// Says once that a network will be slow.
#[cfg(feature = "flex")]
fn tell_of_portable_kernels() {
    static TOLD: Once = Once::new();
    if Isa::current() == Isa::PORTABLE {
        TOLD.call_once(|| {
            tracing::warn!("networks run without vector instructions (AVX2 with FMA), many times slower");
        });
    }
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
                assert!(message.contains(&format!("--features {}", backend.feature())), "{message}");
                assert!(set_threads(backend, 1).is_err() && backend.check().is_err());
            }
        }
    }

    /// Where there is a GPU this cannot fail, and opening it must not either.
    #[cfg(feature = "tch")]
    #[test]
    fn a_gpu_that_is_not_there_is_refused() {
        match open(Backend::TchCuda) {
            Ok(_) => assert!(tch::Cuda::is_available()),
            Err(error) => {
                assert!(error.to_string().contains("finds no GPU: it needs an NVIDIA GPU"), "{error}")
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
