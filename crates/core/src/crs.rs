//! Coordinate reference systems, compared but never transformed here.

use crate::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// A coordinate reference system: an EPSG code where there is one, else its WKT.
///
/// Two systems are equal when their codes or their texts are; whether two different texts mean the same system
/// only PROJ can say, and that lives in `ecotone-io`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Crs {
    /// A code of the EPSG register.
    Epsg(u32),
    /// Well-known text.
    Wkt(String),
}

impl Crs {
    /// From a code of the EPSG register.
    pub const fn epsg(code: u32) -> Self {
        Self::Epsg(code)
    }

    /// The EPSG code, where there is one.
    pub const fn to_epsg(&self) -> Option<u32> {
        match self {
            Self::Epsg(code) => Some(*code),
            Self::Wkt(_) => None,
        }
    }
}

impl FromStr for Crs {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        let code = match trimmed.split_once(':') {
            Some((authority, code)) if authority.eq_ignore_ascii_case("epsg") => Some(code),
            _ => None,
        };
        match code {
            Some(code) => code
                .parse()
                .ok()
                .filter(|code| *code > 0)
                .map(Self::Epsg)
                .ok_or_else(|| Error::Crs(text.to_owned())),
            None if trimmed.contains('[') => Ok(Self::Wkt(trimmed.to_owned())),
            None => Err(Error::Crs(text.to_owned())),
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epsg(code) => write!(f, "EPSG:{code}"),
            Self::Wkt(wkt) => f.write_str(wkt),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_a_crs() {
        assert_eq!("EPSG:3035".parse::<Crs>().unwrap(), Crs::epsg(3035));
        assert_eq!("epsg:32633".parse::<Crs>().unwrap().to_epsg(), Some(32633));
        assert!(matches!("PROJCS[\"x\"]".parse::<Crs>().unwrap(), Crs::Wkt(_)));
        for bad in ["3035", "EPSG:", "EPSG:abc", "EPSG:0", "", "somewhere"] {
            assert!(bad.parse::<Crs>().is_err(), "{bad}");
        }
    }
}
