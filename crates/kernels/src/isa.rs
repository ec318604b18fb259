//! Which instructions a machine has, and which are used.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use crate::{Error, Result};

/// Instructions that kernels are built of, and that this machine has. Results have the same bytes with all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Isa(Set);

/// What an [`Isa`] can be. Nothing but this module makes one, so that nobody runs what a machine lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Set {
    /// Any machine.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512F.
    Avx512,
}

static CHOSEN: OnceLock<Isa> = OnceLock::new();

impl Isa {
    /// What any machine has; many times slower than the others.
    pub const PORTABLE: Isa = Isa(Set::Portable);

    /// Those of this machine, the fastest last.
    pub fn available() -> Vec<Isa> {
        [Set::Portable, Set::Avx2, Set::Avx512].into_iter().filter(|set| set.is_here()).map(Isa).collect()
    }

    /// The one that is used: what was [chosen](Self::choose), or the fastest of this machine.
    pub fn current() -> Isa {
        *CHOSEN.get_or_init(|| Self::available().pop().unwrap_or(Self::PORTABLE))
    }

    /// Has this process use these instructions; to be called before the first kernel runs.
    ///
    /// # Errors
    /// [`Error::Isa`] where others are in use already.
    pub fn choose(self) -> Result<()> {
        let current = *CHOSEN.get_or_init(|| self);
        if current == self {
            return Ok(());
        }
        Err(Error::Isa { wanted: self.to_string(), current: current.to_string() })
    }

    pub(crate) fn set(self) -> Set {
        self.0
    }
}

impl Set {
    fn is_here(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            match self {
                Set::Portable => true,
                Set::Avx2 => avx2,
                Set::Avx512 => avx2 && is_x86_feature_detected!("avx512f"),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            self == Set::Portable
        }
    }
}

/// `portable`, `avx2` or `avx512`, where the machine has it.
impl FromStr for Isa {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let available = Self::available();
        let found = available.iter().find(|isa| isa.to_string() == word);
        found.copied().ok_or_else(|| Error::UnknownIsa {
            found: word.to_owned(),
            available: available.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        })
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Set::Portable => "portable",
            Set::Avx2 => "avx2",
            Set::Avx512 => "avx512",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_machine_and_only_one_is_used() {
        for isa in Isa::available() {
            assert_eq!(isa.to_string().parse::<Isa>().unwrap(), isa);
        }
        let error = "sse9".parse::<Isa>().unwrap_err().to_string();
        assert!(error.contains("portable") && error.contains("`sse9`"), "{error}");
        Isa::current().choose().unwrap();
        for other in Isa::available().into_iter().filter(|isa| *isa != Isa::current()) {
            assert!(other.choose().unwrap_err().to_string().contains("this process runs"));
        }
    }
}
