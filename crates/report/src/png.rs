//! Pictures as PNG bytes, small enough for a page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ecotone_core::{Rgb, Shape2d};
use png::{BitDepth, ColorType, Compression, Encoder};

/// The longest side that a picture of a report gets, in pixels.
const LONGEST_SIDE: usize = 720;

/// An encoded picture. The same pixels always give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Png {
    shape: Shape2d,
    bytes: Vec<u8>,
}

impl Png {
    /// Its size in pixels, which may be an integer fraction of the raster it shows.
    pub const fn shape(&self) -> Shape2d {
        self.shape
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// As the address of an `<img>` that holds the picture itself.
    pub(crate) fn data_uri(&self) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(&self.bytes))
    }

    /// One palette index a pixel; indices past the palette are transparent.
    pub(crate) fn indexed(shape: Shape2d, indices: &[u8], palette: &[Rgb]) -> Self {
        let mut colors: Vec<u8> = palette.iter().flat_map(|color| color.0).collect();
        let mut alpha = vec![255; palette.len()];
        let free = 256 - palette.len();
        colors.extend(std::iter::repeat_n(0, 3 * free));
        alpha.extend(std::iter::repeat_n(0, free));
        Self::encode(shape, indices, |encoder| {
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(colors);
            encoder.set_trns(alpha);
        })
    }

    /// Red, green, blue and opacity of each pixel.
    pub(crate) fn rgba(shape: Shape2d, pixels: &[u8]) -> Self {
        Self::encode(shape, pixels, |encoder| encoder.set_color(ColorType::Rgba))
    }

    fn encode(shape: Shape2d, pixels: &[u8], set_color: impl FnOnce(&mut Encoder<'_, &mut Vec<u8>>)) -> Self {
        let mut bytes = Vec::new();
        let side = |pixels: usize| u32::try_from(pixels).expect("pictures are scaled down before encoding");
        let mut encoder = Encoder::new(&mut bytes, side(shape.cols), side(shape.rows));
        set_color(&mut encoder);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::High);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(pixels))
            .expect("a picture that has a pixel can be written to memory");
        Self { shape, bytes }
    }
}

/// How many pixels along each side become one, so that the longer side fits a report.
pub(crate) fn shrink_factor(shape: Shape2d) -> usize {
    shape.rows.max(shape.cols).div_ceil(LONGEST_SIDE).max(1)
}

/// The picture's size, and for each of its pixels the positions of the raster's pixels under it.
///
/// `None` where the raster is empty. Blocks at the right and bottom edge may be smaller.
pub(crate) fn shrink(shape: Shape2d) -> Option<(Shape2d, impl Iterator<Item = impl Iterator<Item = usize>>)> {
    if shape.is_empty() {
        return None;
    }
    let factor = shrink_factor(shape);
    let small = Shape2d::new(shape.rows.div_ceil(factor), shape.cols.div_ceil(factor));
    let blocks = (0..small.len()).map(move |pixel| {
        let (top, left) = (pixel / small.cols * factor, pixel % small.cols * factor);
        let (bottom, right) = ((top + factor).min(shape.rows), (left + factor).min(shape.cols));
        (top..bottom).flat_map(move |row| (left..right).map(move |col| row * shape.cols + col))
    });
    Some((small, blocks))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Size and RGBA pixels of an encoded picture.
    pub(crate) fn decode(png: &Png) -> (Shape2d, Vec<[u8; 4]>) {
        let mut decoder = ::png::Decoder::new(std::io::Cursor::new(png.bytes()));
        decoder.set_transformations(::png::Transformations::EXPAND | ::png::Transformations::ALPHA);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let shape = Shape2d::new(info.height as usize, info.width as usize);
        (shape, pixels[..info.buffer_size()].chunks_exact(4).map(|p| [p[0], p[1], p[2], p[3]]).collect())
    }

    #[test]
    fn pictures_shrink_by_whole_factors() {
        for (rows, cols, factor) in [(1, 1, 1), (720, 720, 1), (100, 721, 2), (1441, 3, 3), (0, 5, 1)] {
            assert_eq!(shrink_factor(Shape2d::new(rows, cols)), factor, "{rows} x {cols}");
        }
        assert!(shrink(Shape2d::new(0, 5)).is_none());
    }

    #[test]
    fn every_pixel_lies_in_one_block() {
        let shape = Shape2d::new(5, 1445);
        let (small, blocks) = shrink(shape).unwrap();
        assert_eq!(small, Shape2d::new(2, 482));
        let mut seen: Vec<usize> = blocks.flatten().collect();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..shape.len()));
    }
}
