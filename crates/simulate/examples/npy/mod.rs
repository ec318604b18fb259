//! Arrays in NumPy's format, version 1.0.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes little-endian bytes as an array of a NumPy kind (`<i2`) and shape, row-major.
pub(crate) fn write(
    path: &Path,
    kind: &str,
    shape: &[usize],
    data: impl IntoIterator<Item = u8>,
) -> std::io::Result<()> {
    let shape: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    while (header.len() + 11) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(header.len() as u16).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    let bytes: Vec<u8> = data.into_iter().collect();
    file.write_all(&bytes)?;
    file.flush()
}
