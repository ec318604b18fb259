//! Random forests of classification trees, behind linfa's traits.

mod bootstrap;
mod file;
mod fit;
mod grow;
mod importance;
mod model;
mod out_of_bag;
mod params;
mod permutation;
mod predict;
mod ranks;
mod rules;
mod score;
mod shares;
mod sort;
mod split;
mod stream;
mod table;
mod training;
mod tree;

pub use importance::Importance;
pub use model::RandomForest;
pub use out_of_bag::OutOfBag;
pub use params::{ClassWeights, Criterion, ForestParams, ForestValidParams, MaxFeatures};
pub use rules::{Condition, Rule, RuleConfig, Rules};
pub use stream::ClassifiedChunk;
