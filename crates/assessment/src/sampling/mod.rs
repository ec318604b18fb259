//! The sample that an accuracy assessment rests on: how large, which pixels, and the file that an interpreter fills in.

mod chips;
mod choices;
mod coded;
mod draw;
mod drawn;
mod job;
mod points;
mod population;
mod size;

pub use chips::write_chips;
pub use draw::draw_sample;
pub use job::{ChipsJob, DrawJob};
pub use size::{Precision, SizeJob, SizeLine, SizePlan, Sizes, sample_size};
