//! Writes a page of one map and its accuracy, and says where it is.

use ecotone_core::{Legend, Shape2d};
use ecotone_metrics::ConfusionMatrix;
use ecotone_report::{
    Accuracy, Fact, Picture, PictureSection, Report, class_map, error_key, error_map, legend_key, render,
};
use std::io::Write;

const SIDE: usize = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let legend = Legend::from_csv("code,name,color\n1,open land,#e8d89a\n2,forest,#1b6b3a\n".as_bytes())?;
    let shape = Shape2d::new(SIDE, SIDE);
    let wood = |row: usize, col: usize, wave: f64| (row as f64) < 32.0 + wave * (col as f64 / 6.0).sin();
    let codes = |wave: f64| -> Vec<u8> {
        (0..shape.len()).map(|i| 1 + u8::from(wood(i / SIDE, i % SIDE, wave))).collect()
    };
    let (map, reference) = (codes(9.0), codes(12.0));
    let indices = |codes: &[u8]| -> Vec<u8> { codes.iter().map(|code| code - 1).collect() };
    let mut confusion = ConfusionMatrix::new(legend.len());
    confusion.add_many(&indices(&map), &indices(&reference))?;
    let picture = |title: &str, key, png| Picture {
        title: title.to_owned(),
        caption: String::new(),
        alt: title.to_owned(),
        key,
        png,
    };
    let errors = error_map(shape, &map, &reference, &vec![true; shape.len()]);
    let report = Report {
        title: "A wood".to_owned(),
        summary: vec![Fact::new("Pixels", shape.len().to_string())],
        sections: vec![PictureSection {
            title: "Maps".to_owned(),
            text: String::new(),
            key: Vec::new(),
            pictures: vec![
                picture("Map", legend_key(&legend), class_map(shape, &map, &legend)),
                picture("Errors", error_key(), errors),
            ],
        }],
        accuracy: Some(Accuracy { legend, confusion }),
        ..Report::default()
    };
    let path = std::env::temp_dir().join("ecotone-page.html");
    std::fs::write(&path, render(&report))?;
    writeln!(std::io::stdout(), "{}", path.display())?;
    Ok(())
}
