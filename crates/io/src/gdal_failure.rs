//! GDAL's errors as text.

use crate::access::without_secrets;

/// What GDAL said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("GDAL: {0}")]
pub struct GdalFailure(pub(crate) String);

impl GdalFailure {
    /// Without the signatures and tokens that GDAL's messages repeat from addresses.
    pub(crate) fn new(text: &str) -> Self {
        Self(without_secrets(text))
    }

    /// True where the process may not hold another file open.
    pub(crate) fn is_of_too_many_files(&self) -> bool {
        // What the C library calls EMFILE on Linux, macOS and Windows; GDAL passes on no number.
        self.0.to_ascii_lowercase().contains("too many open files")
    }
}

impl From<gdal::errors::GdalError> for GdalFailure {
    fn from(error: gdal::errors::GdalError) -> Self {
        use gdal::errors::GdalError as G;
        let text = match error {
            G::CplError { msg, .. } | G::NullPointer { msg, .. } if !msg.is_empty() => msg,
            // Its own display says only "BadArgument".
            G::BadArgument(text) => text,
            G::InvalidCoordinateRange { msg, .. } => {
                msg.filter(|text| !text.is_empty()).unwrap_or_else(|| "a place out of reach".to_owned())
            }
            G::OgrError { err, method_name } => format!("{method_name}: {}", ogr_reason(err)),
            other => other.to_string(),
        };
        Self::new(&text)
    }
}

/// What a number of OGR means (ogr_core.h).
const fn ogr_reason(number: u32) -> &'static str {
    match number {
        1 => "not enough data",
        2 => "not enough memory",
        3 => "a kind of geometry that it does not know",
        4 => "something that it does not do",
        5 => "corrupt data",
        7 => "a coordinate reference system that it does not know",
        9 => "no such feature",
        _ => "failed without saying why",
    }
}
