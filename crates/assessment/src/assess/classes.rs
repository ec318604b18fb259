//! The classes of an assessment: a legend's, or the bare codes of an error matrix.

use ecotone_core::{Legend, Rgb};
use serde_json::Value;

/// A class as tables name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Class {
    /// As it stands in the file; a number from 0 to 255 on a map.
    pub(crate) code: String,
    /// The code itself where there is no legend.
    pub(crate) name: String,
    /// In charts.
    pub(crate) color: Rgb,
}

impl Class {
    /// The code for JSON: a number where it is one.
    pub(crate) fn json_code(&self) -> Value {
        self.code.parse::<u64>().map_or_else(|_| Value::from(self.code.as_str()), Value::from)
    }
}

/// The classes, in the order of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Classes(Vec<Class>);

/// Colours of classes without a legend (Okabe and Ito 2008, told apart by the colour-blind).
const COLORS: [Rgb; 8] = [
    Rgb([0x00, 0x72, 0xb2]),
    Rgb([0xe6, 0x9f, 0x00]),
    Rgb([0x00, 0x9e, 0x73]),
    Rgb([0xcc, 0x79, 0xa7]),
    Rgb([0x56, 0xb4, 0xe9]),
    Rgb([0xd5, 0x5e, 0x00]),
    Rgb([0xf0, 0xe4, 0x42]),
    Rgb([0x66, 0x66, 0x66]),
];

impl Classes {
    /// Those of a legend.
    pub(crate) fn of_legend(legend: &Legend) -> Self {
        let class = |entry: &ecotone_core::LegendEntry| Class {
            code: entry.code.0.to_string(),
            name: entry.name.clone(),
            color: entry.color,
        };
        Self(legend.entries().iter().map(class).collect())
    }

    /// Codes, with names and colours of a legend for those that it has.
    pub(crate) fn of_codes(codes: &[String], legend: Option<&Legend>) -> Self {
        let class = |(index, code): (usize, &String)| {
            let known =
                legend.and_then(|l| l.entries().iter().find(|entry| entry.code.0.to_string() == *code));
            Class {
                code: code.clone(),
                name: known.map_or_else(|| code.clone(), |entry| entry.name.clone()),
                color: known.map_or(COLORS[index % COLORS.len()], |entry| entry.color),
            }
        };
        Self(codes.iter().enumerate().map(class).collect())
    }

    /// Each of them.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Class> {
        self.0.iter()
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
