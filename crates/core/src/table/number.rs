//! Numbers as people write them.

use super::{Table, TableError};
use crate::ClassCode;

impl Table {
    /// A cell as a finite number: `3.5`, and `3,5` where cells are not cut at commas.
    pub fn number(&self, cell: &str) -> Option<f64> {
        let number = match has_comma(cell) && !self.commas {
            true => cell.replace(',', ".").parse(),
            false => cell.parse(),
        };
        number.ok().filter(|number: &f64| number.is_finite())
    }

    /// A cell as others than this table read it: a number with a decimal comma gets a point.
    pub fn plain(&self, cell: &str) -> String {
        if has_comma(cell) && !self.commas { cell.replace(',', ".") } else { cell.to_owned() }
    }

    /// A cell as a class code: a whole number from 0 to 255, which spreadsheets write as `3.0`, too.
    pub fn code(&self, cell: &str) -> Option<ClassCode> {
        let code = self.number(cell).filter(|code| code.fract() == 0.0 && (0.0..=255.0).contains(code));
        code.map(|code| ClassCode(code as u8))
    }

    /// Sees that no column has numbers with decimal points and such with commas: one of them would be a thousand times
    /// what it says.
    pub(super) fn check_numbers(&self) -> Result<(), TableError> {
        if self.commas {
            return Ok(());
        }
        for (column, name) in self.header.iter().enumerate() {
            let find = |wanted: fn(&str) -> bool| self.rows.iter().find(|row| wanted(&row.cells[column]));
            if let (Some(point), Some(comma)) = (find(has_point), find(has_comma)) {
                return Err(TableError::PointsAndCommas {
                    column: name.as_str().into(),
                    point: point.cells[column].as_str().into(),
                    point_line: point.line,
                    comma: comma.cells[column].as_str().into(),
                    comma_line: comma.line,
                });
            }
        }
        Ok(())
    }
}

/// A number with a decimal point.
fn has_point(cell: &str) -> bool {
    cell.contains('.') && cell.parse::<f64>().is_ok_and(f64::is_finite)
}

/// A number with one comma and no point.
fn has_comma(cell: &str) -> bool {
    cell.matches(',').count() == 1 && !cell.contains('.') && cell.replace(',', ".").parse::<f64>().is_ok()
}
