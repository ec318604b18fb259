//! Pictures of classes: maps in their legend's colours, where a map is wrong, and which pixels taught and tested it.

use super::png::{Png, shrink};
use ecotone_core::{Legend, Rgb, Shape2d};

/// A colour of a picture and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swatch {
    /// What the colour stands for.
    pub label: String,
    /// The colour.
    pub color: Rgb,
}

const ERROR: [(&str, Rgb); 3] = [
    ("correct", Rgb([0x72, 0xa4, 0xc8])),
    ("wrong", Rgb([0xc4, 0x2f, 0x2a])),
    ("not scored", Rgb([0xd8, 0xdb, 0xd8])),
];

const SPLIT: [(&str, Rgb); 4] = [
    ("not used", Rgb([0xd8, 0xdb, 0xd8])),
    ("training", Rgb([0x44, 0x77, 0xaa])),
    ("validation", Rgb([0xdd, 0xaa, 0x33])),
    ("test", Rgb([0xbb, 0x55, 0x66])),
];

/// The colours of a legend's classes, in its order.
pub fn legend_key(legend: &Legend) -> Vec<Swatch> {
    let swatch = |entry: &ecotone_core::LegendEntry| Swatch { label: entry.name.clone(), color: entry.color };
    legend.entries().iter().map(swatch).collect()
}

/// The colours of [`error_map`].
pub fn error_key() -> Vec<Swatch> {
    key(&ERROR)
}

/// The colours of [`split_map`].
pub fn split_key() -> Vec<Swatch> {
    key(&SPLIT)
}

/// Class codes `[y, x]` in their legend's colours; codes that the legend does not have are transparent.
///
/// A picture of more than 720 pixels a side shows the most frequent class of each block of pixels. An empty raster
/// gives one transparent pixel.
///
/// # Panics
/// When there are not rows x cols codes.
pub fn class_map(shape: Shape2d, codes: &[u8], legend: &Legend) -> Png {
    assert_eq!(codes.len(), shape.len(), "one class code a pixel");
    let table = legend.index_table();
    let palette: Vec<Rgb> = legend.entries().iter().map(|entry| entry.color).collect();
    // 255 is free for "no class" unless all 256 codes are taken, and then no code is unknown.
    indexed(shape, &palette, |pixel| table[usize::from(codes[pixel])].map_or(255, |index| index.0 as u8))
}

/// Where a map `[y, x]` agrees with its reference, among the pixels that are scored.
///
/// # Panics
/// When there are not rows x cols values in each.
pub fn error_map(shape: Shape2d, map: &[u8], reference: &[u8], scored: &[bool]) -> Png {
    assert_eq!([map.len(), reference.len(), scored.len()], [shape.len(); 3], "one value a pixel");
    indexed(shape, &ERROR.map(|(_, color)| color), |pixel| {
        if scored[pixel] { u8::from(map[pixel] != reference[pixel]) } else { 2 }
    })
}

/// Which pixels `[y, x]` taught the network and which tested it: 0 not used, 1 training, 2 validation, 3 test, as in
/// `split.tif`. Other values are transparent.
///
/// # Panics
/// When there are not rows x cols values.
pub fn split_map(shape: Shape2d, split: &[u8]) -> Png {
    assert_eq!(split.len(), shape.len(), "one split value a pixel");
    indexed(shape, &SPLIT.map(|(_, color)| color), |pixel| split[pixel])
}

fn key(colors: &[(&str, Rgb)]) -> Vec<Swatch> {
    colors.iter().map(|(label, color)| Swatch { label: (*label).to_owned(), color: *color }).collect()
}

/// The palette index of each pixel, or of most pixels of a block; on a tie the smallest index.
fn indexed(shape: Shape2d, palette: &[Rgb], index: impl Fn(usize) -> u8) -> Png {
    let Some((small, blocks)) = shrink(shape) else {
        return Png::indexed(Shape2d::new(1, 1), &[palette.len().min(255) as u8], palette);
    };
    let mode = |block: &mut dyn Iterator<Item = usize>| {
        let mut counts = [0usize; 256];
        block.for_each(|pixel| counts[usize::from(index(pixel))] += 1);
        (0..=255u8).rev().max_by_key(|index| counts[usize::from(*index)]).unwrap_or(255)
    };
    let indices: Vec<u8> = blocks.map(|mut block| mode(&mut block)).collect();
    Png::indexed(small, &indices, palette)
}

#[cfg(test)]
mod tests {
    use super::super::png::tests::decode;
    use super::*;
    use ecotone_core::{ClassCode, LegendEntry};

    fn legend() -> Legend {
        let entry = |code, color| LegendEntry {
            code: ClassCode(code),
            name: format!("class {code}"),
            color: Rgb(color),
        };
        Legend::new(vec![entry(7, [10, 20, 30]), entry(2, [200, 100, 0])]).unwrap()
    }

    #[test]
    fn a_class_map_has_the_legends_colours() {
        let png = class_map(Shape2d::new(1, 4), &[2, 7, 0, 255], &legend());
        let (shape, pixels) = decode(&png);
        assert_eq!(shape, Shape2d::new(1, 4));
        assert_eq!(pixels[..2], [[200, 100, 0, 255], [10, 20, 30, 255]]);
        assert_eq!([pixels[2][3], pixels[3][3]], [0, 0]);
        assert_eq!(png, class_map(Shape2d::new(1, 4), &[2, 7, 0, 255], &legend()));
    }

    #[test]
    fn a_large_map_shows_the_class_of_most_pixels() {
        // Blocks of 2 x 1: two alike, a tie (the first class of the legend), a tie with nodata (the class).
        let mut codes = vec![0; 1000];
        codes[..6].copy_from_slice(&[2, 2, 2, 7, 0, 2]);
        let (shape, pixels) = decode(&class_map(Shape2d::new(1, 1000), &codes, &legend()));
        assert_eq!(shape, Shape2d::new(1, 500));
        assert_eq!(pixels[..3], [[200, 100, 0, 255], [10, 20, 30, 255], [200, 100, 0, 255]]);
        assert_eq!(pixels[3][3], 0);
    }

    #[test]
    fn a_legend_of_all_codes_has_no_transparency() {
        let entry = |code: u8| LegendEntry {
            code: ClassCode(code),
            name: String::new(),
            color: Rgb([code, 255 - code, 3]),
        };
        let full = Legend::new((0..=255).map(entry).collect()).unwrap();
        let (_, pixels) = decode(&class_map(Shape2d::new(1, 2), &[0, 255], &full));
        assert_eq!(pixels, [[0, 255, 3, 255], [255, 0, 3, 255]]);
    }

    #[test]
    fn errors_show_on_scored_pixels_only() {
        let png = error_map(Shape2d::new(1, 3), &[1, 1, 1], &[1, 2, 2], &[true, true, false]);
        let expected = error_key().iter().map(|s| [s.color.0[0], s.color.0[1], s.color.0[2], 255]).collect();
        let (_, pixels): (_, Vec<_>) = decode(&png);
        let expected: Vec<[u8; 4]> = expected;
        assert_eq!(pixels, expected);
    }

    #[test]
    fn the_split_has_one_colour_a_part() {
        let (_, pixels) = decode(&split_map(Shape2d::new(1, 5), &[0, 1, 2, 3, 9]));
        for (pixel, swatch) in pixels.iter().zip(split_key()) {
            assert_eq!(pixel[..3], swatch.color.0, "{}", swatch.label);
        }
        assert_eq!(pixels[4][3], 0);
    }

    #[test]
    fn an_empty_raster_is_one_transparent_pixel() {
        let (shape, pixels) = decode(&class_map(Shape2d::new(0, 9), &[], &legend()));
        assert_eq!((shape, pixels[0][3]), (Shape2d::new(1, 1), 0));
    }
}
