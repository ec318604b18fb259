//! What a network said of rows as bytes: class code, confidence, and percents of all classes.

use ecotone_core::{Legend, Window};
use ecotone_curation::{UNLABELLED, class_codes};
use ecotone_jobs::{NO_PERCENT, inner, nodata_code, percent};
use ecotone_tiling::Strip;

/// Class code, percent of confidence and, where asked for, percents of all classes, one byte each, `[layer, y, x]`, of
/// probabilities `[class, y, x]` and a last layer that says where any scene saw a pixel.
pub(super) fn encode(strip: &Strip, legend: &Legend, with_probabilities: bool) -> Vec<u8> {
    let (size, classes) = (strip.window.shape().len(), legend.len());
    let (probabilities, seen) = strip.data.split_at(classes * size);
    let mut indices = vec![UNLABELLED; size];
    let mut confidence = vec![NO_PERCENT; size];
    for pixel in (0..size).filter(|pixel| seen[*pixel] > 0.5) {
        let probability = |class: &usize| probabilities[class * size + pixel];
        let best = (0..classes).rev().max_by(|a, b| probability(a).total_cmp(&probability(b))).unwrap_or(0);
        indices[pixel] = best as u8;
        confidence[pixel] = percent(probability(&best));
    }
    let mut layers = class_codes(&indices, legend, nodata_code(legend));
    layers.extend(confidence);
    if with_probabilities {
        let value = |i: usize| if seen[i % size] > 0.5 { percent(probabilities[i]) } else { NO_PERCENT };
        layers.extend((0..classes * size).map(value));
    }
    layers
}

/// What is scored of such rows, as bytes `[layer, y, x]`: the index of the likeliest class, that of the likeliest by
/// probability times `factors`, 255 for none; then the higher byte of each class's probability, of which 65535 is 1, and then
/// the lower of each.
pub(super) fn scored(strip: &Strip, factors: &[f64]) -> Vec<u8> {
    let (size, classes) = (strip.window.shape().len(), factors.len());
    let (probabilities, seen) = strip.data.split_at(classes * size);
    let likeliest = |pixel: usize, factor: &dyn Fn(usize) -> f64| {
        let value = |class: &usize| f64::from(probabilities[class * size + pixel]) * factor(*class);
        let best = (0..classes).rev().max_by(|a, b| value(a).total_cmp(&value(b))).unwrap_or(0);
        if seen[pixel] > 0.5 { best as u8 } else { UNLABELLED }
    };
    let mut layers: Vec<u8> = (0..size).map(|pixel| likeliest(pixel, &|_| 1.0)).collect();
    layers.extend((0..size).map(|pixel| likeliest(pixel, &|class| factors[class])));
    let parts = |share: &f32| (share.clamp(0.0, 1.0) * f32::from(u16::MAX)).round() as u16;
    layers.extend(probabilities.iter().map(|share| parts(share).to_be_bytes()[0]));
    layers.extend(probabilities.iter().map(|share| parts(share).to_be_bytes()[1]));
    layers
}

/// The part of layers `[layer, y, x]` over `outer` that lies in `window`, which `outer` holds.
pub(super) fn cut(layers: &[u8], outer: Window, window: Window) -> Vec<u8> {
    let place = window.relative_to(outer);
    let layers = layers.chunks_exact(outer.shape().len().max(1));
    layers.flat_map(|layer| inner(layer, outer.shape(), place)).collect()
}

/// Puts nothing where layers `[layer, y, x]` of so many pixels are not `inside`, which is `None` where no pixel is.
pub(super) fn blank(layers: &mut [u8], size: usize, inside: Option<&[bool]>, legend: &Legend) {
    for (place, layer) in layers.chunks_exact_mut(size.max(1)).enumerate() {
        let nothing = if place == 0 { nodata_code(legend) } else { NO_PERCENT };
        match inside {
            None => layer.fill(nothing),
            Some(inside) => {
                let outside = layer.iter_mut().zip(inside).filter(|(_, inside)| !**inside);
                outside.for_each(|(value, _)| *value = nothing);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_core::{ClassCode, LegendEntry, Rgb};

    fn legend() -> Legend {
        let entry =
            |code: u8| LegendEntry { code: ClassCode(code), name: code.to_string(), color: Rgb([code; 3]) };
        Legend::new([3, 7].map(entry).to_vec()).unwrap()
    }

    #[test]
    fn the_first_of_the_likeliest_classes_is_the_code_and_its_percent_the_confidence() {
        let probabilities = [0.25, 0.5, 0.75, 0.75, 0.5, 0.25];
        let strip =
            Strip { window: Window::new(4, 0, 1, 3), data: [&probabilities[..], &[1.0, 1.0, 0.0]].concat() };
        let nothing = nodata_code(&legend());
        assert_eq!(encode(&strip, &legend(), false), [7, 3, nothing, 75, 50, NO_PERCENT]);
        let all = encode(&strip, &legend(), true);
        assert_eq!(all[6..], [25, 50, NO_PERCENT, 75, 50, NO_PERCENT]);
    }

    #[test]
    fn what_is_scored_are_both_classes_and_all_of_the_probabilities() {
        let probabilities = [0.25, 0.6, 0.75, 0.75, 0.4, 0.25];
        let strip =
            Strip { window: Window::new(4, 0, 1, 3), data: [&probabilities[..], &[1.0, 1.0, 0.0]].concat() };
        let layers = scored(&strip, &[1.0, 2.0]);
        assert_eq!(layers[..6], [1, 0, UNLABELLED, 1, 1, UNLABELLED]);
        let (high, low) = layers[6..].split_at(6);
        for ((high, low), share) in high.iter().zip(low).zip(probabilities) {
            assert!((f32::from(u16::from_be_bytes([*high, *low])) / 65535.0 - share).abs() < 1e-5);
        }
    }

    #[test]
    fn layers_are_cut_and_blanked_alike() {
        // Two layers of 2 x 3 pixels.
        let layers: Vec<u8> = (1..=12).collect();
        let (outer, window) = (Window::new(10, -1, 2, 3), Window::new(11, 0, 1, 2));
        let mut part = cut(&layers, outer, window);
        assert_eq!(part, [5, 6, 11, 12]);
        blank(&mut part, 2, Some(&[false, true]), &legend());
        let nothing = nodata_code(&legend());
        assert_eq!(part, [nothing, 6, NO_PERCENT, 12]);
        blank(&mut part, 2, None, &legend());
        assert_eq!(part, [nothing, nothing, NO_PERCENT, NO_PERCENT]);
    }
}
