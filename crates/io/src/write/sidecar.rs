//! The `.aux.xml` beside a class map: category names and attribute table, as GDAL and QGIS read them.
//!
//! Written by hand, since which of GDAL's drivers put it into the file and which beside it changes with its version.

use ecotone_core::Legend;
use quick_xml::escape::escape;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// `NAME.aux.xml`.
pub(crate) fn sidecar_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".aux.xml");
    path.with_file_name(name)
}

/// The columns of the attribute table: name, then GDAL's numbers for the type and the usage of its cells.
const COLUMNS: [(&str, u8, u8); 6] =
    [("Value", 0, 5), ("Class", 2, 2), ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8), ("Count", 1, 1)];

/// Describes band 1: a name for each code from 0 to the largest, and a row for each class with its pixel count.
pub(crate) fn describe(legend: &Legend, counts: &[u64; 256]) -> String {
    let mut names = vec![""; 1 + legend.entries().iter().map(|e| usize::from(e.code.0)).max().unwrap_or(0)];
    for entry in legend.entries() {
        names[usize::from(entry.code.0)] = &entry.name;
    }
    let mut xml = String::from("<PAMDataset>\n  <PAMRasterBand band=\"1\">\n    <CategoryNames>\n");
    for name in names {
        line(&mut xml, 6, format_args!("<Category>{}</Category>", escape(name)));
    }
    xml.push_str("    </CategoryNames>\n    <GDALRasterAttributeTable tableType=\"thematic\">\n");
    for (i, (name, kind, usage)) in COLUMNS.iter().enumerate() {
        line(
            &mut xml,
            6,
            format_args!(
                "<FieldDefn index=\"{i}\"><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage></FieldDefn>"
            ),
        );
    }
    for (i, entry) in legend.entries().iter().enumerate() {
        let [r, g, b] = entry.color.0;
        let (code, count) = (entry.code.0, counts[usize::from(entry.code.0)]);
        line(
            &mut xml,
            6,
            format_args!(
                "<Row index=\"{i}\"><F>{code}</F><F>{}</F><F>{r}</F><F>{g}</F><F>{b}</F><F>{count}</F></Row>",
                escape(&entry.name)
            ),
        );
    }
    xml.push_str("    </GDALRasterAttributeTable>\n  </PAMRasterBand>\n</PAMDataset>\n");
    xml
}

fn line(xml: &mut String, indent: usize, text: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = writeln!(xml, "{:indent$}{text}", "");
}
