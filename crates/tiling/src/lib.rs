//! Windows with halo, blending, and spatial-block splits.
//!
//! [`WindowGrid`] says which windows a map is predicted in, [`Stitcher`] joins their predictions without seams, and
//! [`BlockSplit`] keeps the ground that a network learns from apart from the ground it is judged on. Of a grid with
//! areas far apart, [`AreaGrid`](ecotone_core::AreaGrid) says where the pixels of the areas alone are kept. All of it is arithmetic on pixels: nothing here reads or writes.
//!
//! ```
//! use ecotone_core::Shape2d;
//! use ecotone_tiling::{BlockSplit, Fractions, Part, SplitConfig};
//!
//! let fractions = Fractions { train: 0.6, validation: 0.2, test: 0.2 };
//! let config = SplitConfig { block: 32, gap: 2, fractions, seed: 7 };
//! let split = BlockSplit::new(Shape2d::new(256, 256), &config)?;
//!
//! assert!(split.share(Part::Train) > 0.5);
//! // Test pixels are more than two pixels away from those that train.
//! let train = |row: usize, col: usize| split.part_at(row, col) == Part::Train;
//! for (row, col) in (0..256).flat_map(|row| (0..254).map(move |col| (row, col))) {
//!     let near = (1..=2).any(|step| split.part_at(row, col + step) == Part::Test);
//!     assert!(!(train(row, col) && near));
//! }
//! # Ok::<(), ecotone_tiling::Error>(())
//! ```

mod blend;
mod blocks;
mod counted;
mod error;
mod fields;
mod gaps;
mod part;
mod shared;
mod stitch;
mod stratify;
mod windows;

pub use blend::{Blend, taper};
pub use blocks::{BlockSplit, FoldConfig, MissingClass, SplitConfig};
pub use error::{Error, Result};
pub use fields::Fields;
pub use part::{Fractions, Part};
pub use shared::Shared;
pub use stitch::{Stitcher, Strip};
pub use stratify::stratify;
pub use windows::{HaloWindow, WindowGrid};
