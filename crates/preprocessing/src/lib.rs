//! From digital numbers to a masked, regular, normalised time series.
//!
//! Each step is a function or a small type on plain arrays; nothing here reads a file. In the order of use:
//! [`OffsetEvidence`] (how digital numbers become reflectance), [`MaskKind`] and [`dilate`] (what was seen clearly),
//! [`Index`] (spectral indices), [`SeriesBuilder`] and [`Fill`] (scenes to a regular series), [`median`], [`mean`] and
//! [`medoid`] (composites), [`illumination`] (sun on slopes), [`Normalisation`] (what networks are fed).
//!
//! ```
//! use ecotone_preprocessing::{Index, MaskKind, OffsetEvidence, OffsetRule};
//!
//! // A Sentinel-2 scene of baseline 05.09: its digital numbers hold 1000 counts that must go.
//! let evidence = OffsetEvidence { baseline: Some("05.09".parse()?), ..OffsetEvidence::default() };
//! let decision = evidence.decide("S2B_31UFQ_20230821", OffsetRule::Auto)?;
//! let (mut red, mut nir) = ([1300.0, 1500.0], [4000.0, 1900.0]);
//! decision.used.apply(&mut red);
//! decision.used.apply(&mut nir);
//!
//! let valid = MaskKind::scl().valid(&[4u8, 9]);
//! assert_eq!(valid, [true, false]); // vegetation, cloud
//!
//! let mut ndvi = [0.0; 2];
//! Index::named("NDVI")?.bind(&["B04", "B8A"])?.evaluate(&[&red, &nir], &mut ndvi)?;
//! assert!((ndvi[0] - 0.818).abs() < 1e-3);
//! # Ok::<(), ecotone_preprocessing::Error>(())
//! ```

mod algebra;
mod backscatter;
mod backscatter_units;
mod baseline;
mod composite;
mod error;
mod fill;
mod illumination;
mod index;
mod mask;
mod normalise;
mod offset_evidence;
mod pixel_evidence;
mod reflectance;
mod scale_offset;
mod series;

pub use backscatter::{BackscatterEvidence, BackscatterUnits};
pub use baseline::Baseline;
pub use composite::{Composite, Layer, mean, median, medoid};
pub use error::{Error, Result};
pub use fill::Fill;
pub use illumination::{Sun, Terrain, illumination, terrain};
pub use index::{BoundIndex, Index};
pub use mask::{MaskKind, SclClass, dilate};
pub use normalise::{Normalisation, NormalisationLearner};
pub use offset_evidence::OffsetEvidence;
pub use pixel_evidence::{KinEvidence, PixelEvidence, PixelVerdict};
pub use reflectance::{OffsetDecision, OffsetReason, OffsetRule};
pub use scale_offset::{SENTINEL2_OFFSET, SENTINEL2_SCALE, ScaleOffset};
pub use series::{SceneLayer, Series, SeriesBuilder, StepBuilder, StepRule};
