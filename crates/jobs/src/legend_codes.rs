//! The codes of a legend in files: which it has, and which one stands for nothing.

use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, Nodata};
use std::path::Path;

/// Reads a legend: a table `code,name,color`, or a style of QGIS.
pub fn read_legend(path: &Path) -> Result<Legend> {
    Ok(ecotone_io::read_legend(path)?)
}

/// The code that stands for nothing beside these classes: its first free code, else 255.
pub fn nodata_code(legend: &Legend) -> u8 {
    legend.free_code().map_or(u8::MAX, |code| code.0)
}

/// The codes of a legend, as messages list them.
pub fn known_codes(legend: &Legend) -> String {
    legend.entries().iter().map(|entry| entry.code.0.to_string()).collect::<Vec<_>>().join(", ")
}

/// Sees that the nodata of a file is no class of its legend, unless the class is to be ignored: either the file or the
/// legend is wrong, and whichever is believed, the other's pixels would vanish from every count.
///
/// # Errors
/// When it is.
pub fn check_nodata(path: &Path, declared: Option<Nodata>, legend: &Legend, ignored: &[i64]) -> Result<()> {
    let code = byte(declared).filter(|code| !ignored.contains(&i64::from(*code)));
    let class = code.and_then(|code| legend.entries().iter().find(|entry| entry.code == ClassCode(code)));
    match class {
        None => Ok(()),
        Some(entry) => {
            let (path, class) = (path.to_owned(), entry.name.clone());
            Err(Error::NodataIsClass { path, code: entry.code.0, class })
        }
    }
}

/// A nodata value that is a code.
pub(crate) fn byte(nodata: Option<Nodata>) -> Option<u8> {
    let value = nodata.map(Nodata::value);
    value.filter(|value| value.fract() == 0.0 && (0.0..=255.0).contains(value)).map(|value| value as u8)
}
