//! Which instructions a machine has, and which are used.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// Instructions that a kernel may be built of. Results have the same bytes with all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// Any machine.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512F.
    Avx512,
}

static CHOSEN: OnceLock<Isa> = OnceLock::new();

impl Isa {
    /// Those of this machine, the fastest last.
    pub fn available() -> Vec<Isa> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "other machines have one"))]
        let mut all = vec![Isa::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if avx2 {
                all.push(Isa::Avx2);
            }
            if avx2 && is_x86_feature_detected!("avx512f") {
                all.push(Isa::Avx512);
            }
        }
        all
    }

    /// The one that is used: what was [chosen](Self::choose), or the fastest of this machine.
    pub fn current() -> Isa {
        *CHOSEN.get_or_init(Self::fastest)
    }

    /// Has this process use these instructions; to be called before the first kernel runs.
    ///
    /// # Errors
    /// [`crate::Error::Isa`] where the machine lacks them, or others are in use already.
    pub fn choose(self) -> crate::Result<()> {
        let possible = Self::available().contains(&self);
        if possible && *CHOSEN.get_or_init(|| self) == self {
            return Ok(());
        }
        Err(crate::Error::Isa { wanted: self, current: Self::current() })
    }

    fn fastest() -> Isa {
        Self::available().pop().unwrap_or(Isa::Portable)
    }
}

impl FromStr for Isa {
    type Err = crate::Error;

    fn from_str(word: &str) -> crate::Result<Self> {
        [Isa::Portable, Isa::Avx2, Isa::Avx512]
            .into_iter()
            .find(|isa| isa.to_string() == word)
            .ok_or_else(|| crate::Error::UnknownIsa { found: word.to_owned() })
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Isa::Portable => "portable",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        })
    }
}
