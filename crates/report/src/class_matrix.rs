//! Tables of classes against classes: error matrices, shares of area, transitions.

use crate::palette::Swatch;
use crate::table::{chip, row, table};
use std::fmt::Write as _;

/// What the shade of a cell is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShadeBy {
    /// The total of its row.
    Row,
    /// The total of its column.
    Column,
}

/// A square table of `values[row][column]`, both in the order of the classes, with totals; `corner` says what rows and
/// columns are, `text` writes a value. Cells on the diagonal are blue, the others red, the deeper the larger their share.
pub fn class_matrix(
    label: &str,
    corner: &str,
    classes: &[Swatch],
    values: &[Vec<f64>],
    by: ShadeBy,
    text: impl Fn(f64) -> String,
) -> String {
    let row_total = |at: usize| values[at].iter().sum::<f64>();
    let column_total = |at: usize| values.iter().map(|row| row[at]).sum::<f64>();
    let mut header = vec![corner.to_owned()];
    header.extend(classes.iter().map(chip));
    header.push("Total".to_owned());
    let mut rows = String::new();
    for (first, swatch) in classes.iter().enumerate() {
        let mut cells = String::new();
        for (second, value) in values[first].iter().enumerate() {
            let class = match *value {
                0.0 => "zero",
                _ if first == second => "hit",
                _ => "miss",
            };
            let total = match by {
                ShadeBy::Row => row_total(first),
                ShadeBy::Column => column_total(second),
            };
            let share = value / total.max(f64::MIN_POSITIVE);
            let _ = write!(cells, "<td class=\"{class}\" style=\"--share:{share:.3}\">{}</td>", text(*value));
        }
        let total = text(row_total(first));
        let _ = writeln!(rows, "<tr><th scope=\"row\">{}</th>{cells}<td>{total}</td></tr>", chip(swatch));
    }
    let mut totals: Vec<String> = (0..classes.len()).map(|at| text(column_total(at))).collect();
    totals.push(text(values.iter().flatten().sum()));
    rows += &row("total", "Total", &totals);
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    table(label, "numbers matrix", &header, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::Rgb;

    #[test]
    fn shades_are_shares_of_rows_or_columns() {
        let swatch = |label: &str| Swatch { label: label.to_owned(), color: Rgb([1, 2, 3]) };
        let classes = [swatch("a"), swatch("b")];
        let made = |by| {
            let values = [vec![3.0, 1.0], vec![0.0, 0.0]];
            class_matrix("m", "c", &classes, &values, by, |value| format!("{value:.0}"))
        };
        let (rows, columns) = (made(ShadeBy::Row), made(ShadeBy::Column));
        assert!(rows.contains("<td class=\"hit\" style=\"--share:0.750\">3</td>"), "{rows}");
        assert!(rows.contains("<td class=\"miss\" style=\"--share:0.250\">1</td>"), "{rows}");
        assert!(columns.contains("<td class=\"miss\" style=\"--share:1.000\">1</td>"), "{columns}");
        assert_eq!(columns.matches("<td class=\"zero\" style=\"--share:0.000\">0</td>").count(), 2);
        assert!(!rows.contains("NaN") && rows.contains("<td>4</td>"));
    }
}
