//! Features as trees read them: finite, single precision, row after row.

use crate::{Error, Result};
use linfa::Float;
use ndarray::ArrayView2;

/// Copies `records`, `[row, feature]`; rows are counted from `first_row` in messages.
pub(super) fn finite<F: Float>(records: ArrayView2<'_, F>, first_row: usize) -> Result<Vec<f32>> {
    let mut values = Vec::with_capacity(records.len());
    for (row, record) in records.rows().into_iter().enumerate() {
        let start = values.len();
        values.extend(record.iter().map(|value| value.to_f32().unwrap_or(f32::NAN)));
        if let Some(column) = values[start..].iter().position(|value| !value.is_finite()) {
            let value = record[column].to_f64().unwrap_or(f64::NAN);
            return Err(Error::NotFinite { row: first_row + row, column, value });
        }
    }
    Ok(values)
}
