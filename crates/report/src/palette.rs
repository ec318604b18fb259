//! Pictures of classes: maps in their legend's colours, where a map is wrong, and which pixels taught and tested it.

use crate::png::{Png, shrink_factor};
use ecotone_core::{AreaGrid, Legend, Rgb, Shape2d, Window};

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

/// Class codes in their legend's colours, a plane over `ground` (a map, or areas on it); codes that the legend does not have
/// are transparent, and so is what lies between areas.
///
/// A picture of more than 720 pixels a side shows the most frequent class of each block of pixels. An empty raster
/// gives one transparent pixel.
///
/// # Panics
/// When there is not one code a pixel.
pub fn class_map(ground: impl Into<AreaGrid>, codes: &[u8], legend: &Legend) -> Png {
    let areas = ground.into();
    assert_eq!(codes.len(), areas.len(), "one class code a pixel");
    let table = legend.index_table();
    let palette: Vec<Rgb> = legend.entries().iter().map(|entry| entry.color).collect();
    // 255 is free for "no class" unless all 256 codes are taken, and then no code is unknown.
    indexed(&areas, &palette, 255, |pixel| {
        table[usize::from(codes[pixel])].map_or(255, |index| index.0 as u8)
    })
}

/// Where a map agrees with its reference, among the pixels that are scored; all are planes over `ground`.
///
/// # Panics
/// When there is not one value a pixel in each.
pub fn error_map(ground: impl Into<AreaGrid>, map: &[u8], reference: &[u8], scored: &[bool]) -> Png {
    let areas = ground.into();
    assert_eq!([map.len(), reference.len(), scored.len()], [areas.len(); 3], "one value a pixel");
    indexed(&areas, &ERROR.map(|(_, color)| color), 2, |pixel| {
        if scored[pixel] { u8::from(map[pixel] != reference[pixel]) } else { 2 }
    })
}

/// Which pixels, a plane over `ground`, taught the network and which tested it: 0 not used, 1 training, 2 validation, 3 test, as in
/// `split.tif`. Other values are transparent.
///
/// # Panics
/// When there is not one value a pixel.
pub fn split_map(ground: impl Into<AreaGrid>, split: &[u8]) -> Png {
    let areas = ground.into();
    assert_eq!(split.len(), areas.len(), "one split value a pixel");
    indexed(&areas, &SPLIT.map(|(_, color)| color), 0, |pixel| split[pixel])
}

fn key(colors: &[(&str, Rgb)]) -> Vec<Swatch> {
    colors.iter().map(|(label, color)| Swatch { label: (*label).to_owned(), color: *color }).collect()
}

/// The palette index of each pixel, or of most pixels of a block; on a tie the smallest index. Pixels between the areas have
/// the index `between`.
fn indexed(areas: &AreaGrid, palette: &[Rgb], between: u8, index: impl Fn(usize) -> u8) -> Png {
    let shape = areas.shape();
    if shape.is_empty() {
        return Png::indexed(Shape2d::new(1, 1), &[palette.len().min(255) as u8], palette);
    }
    let factor = shrink_factor(shape);
    let small = Shape2d::new(shape.rows.div_ceil(factor), shape.cols.div_ceil(factor));
    let mut indices = Vec::with_capacity(small.len());
    for row in 0..small.rows {
        let line = Window::new((row * factor) as i64, 0, factor.min(shape.rows - row * factor), shape.cols);
        let here: Vec<Window> = areas.areas().iter().filter_map(|area| area.intersection(line)).collect();
        for col in 0..small.cols {
            let (left, cols) = ((col * factor) as i64, factor.min(shape.cols - col * factor));
            let block = Window::new(line.row, left, line.rows, cols);
            indices.push(mode(
                areas,
                block,
                here.iter().filter_map(|area| area.intersection(block)),
                between,
                &index,
            ));
        }
    }
    Png::indexed(small, &indices, palette)
}

/// The index of most pixels of a block, of which `held` are known; on a tie the smallest.
fn mode(
    areas: &AreaGrid,
    block: Window,
    held: impl Iterator<Item = Window>,
    between: u8,
    index: &impl Fn(usize) -> u8,
) -> u8 {
    let mut counts = [0usize; 256];
    counts[usize::from(between)] = block.shape().len();
    for (window, (start, step)) in held.filter_map(|window| Some((window, areas.rows(window)?))) {
        counts[usize::from(between)] -= window.shape().len();
        for first in (0..window.rows).map(|row| start + row * step) {
            (first..first + window.cols).for_each(|pixel| counts[usize::from(index(pixel))] += 1);
        }
    }
    (0..=255u8).rev().max_by_key(|index| counts[usize::from(*index)]).unwrap_or(255)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::tests::decode;
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
    fn areas_look_as_they_do_in_the_whole_map() {
        // A picture of 800 x 1500 pixels shows blocks of 3 x 3; the areas lie askew to them.
        let shape = Shape2d::new(800, 1500);
        let windows =
            vec![Window::new(1, 1, 400, 250), Window::new(500, 1399, 300, 101), Window::new(2, 700, 5, 5)];
        let areas = AreaGrid::new(shape, windows).unwrap();
        let mut whole = vec![0u8; shape.len()];
        let code = |row: usize, col: usize| [0, 2, 7][(row * 7 + col * col) % 3];
        areas.pixels().for_each(|(row, col)| whole[row * shape.cols + col] = code(row, col));
        let plane: Vec<u8> = areas.pixels().map(|(row, col)| code(row, col)).collect();
        assert_eq!(class_map(areas.clone(), &plane, &legend()), class_map(shape, &whole, &legend()));
        assert_eq!(split_map(areas, &plane), split_map(shape, &whole));
    }

    #[test]
    fn an_empty_raster_is_one_transparent_pixel() {
        let (shape, pixels) = decode(&class_map(Shape2d::new(0, 9), &[], &legend()));
        assert_eq!((shape, pixels[0][3]), (Shape2d::new(1, 1), 0));
    }
}
