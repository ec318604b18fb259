//! A plan: which scenes a series is made of and how each is read, decided once, written down and read back.

mod address;
mod bounds;
mod file;
mod file_scene;
mod make;
mod number;
mod pass;
mod value;

pub(crate) use address::Address;
pub(crate) use make::plan;
pub use pass::Pass;
pub use value::{Plan, PlannedSource};

#[cfg(test)]
pub(crate) mod served_tests;
#[cfg(test)]
pub(crate) mod small_scenes;
