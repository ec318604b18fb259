//! What the card of a model says of its input.

use crate::Result;
use crate::recipe::{BlendKind, PriorKind};
use ecotone_cubes::SourceSpec;
use ecotone_jobs::Error as JobError;
use ecotone_models::ModelCard;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the pipeline adds to a model's card: how the series was made, how windows meet, and what the map is made for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InputCard {
    /// How the scenes of each sensor become channels and steps.
    pub(crate) sources: Vec<SourceSpec>,
    /// How overlapping windows are put together.
    pub(crate) blend: BlendKind,
    /// The prior that the epoch was chosen under. Cards of earlier versions do not say; their maps are of the natural one.
    #[serde(default)]
    pub(crate) prior: PriorKind,
}

impl InputCard {
    /// That of the card of a model in a file.
    ///
    /// # Errors
    /// When another program wrote the card, or a later version of this one.
    pub(crate) fn of(card: &ModelCard, path: &Path) -> Result<Self> {
        serde_json::from_value(card.inputs.clone()).map_err(|source| {
            let act = "understanding the inputs of";
            JobError::Json { act, path: path.to_owned(), source }.into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_without_a_prior_is_of_the_natural_one() {
        #[track_caller]
        fn check(text: &str, expected: PriorKind) {
            assert_eq!(serde_json::from_str::<InputCard>(text).unwrap().prior, expected);
        }
        check(r#"{"sources": [], "blend": "crop"}"#, PriorKind::Natural);
        check(r#"{"sources": [], "blend": "crop", "prior": "drawn"}"#, PriorKind::Drawn);
        assert!(
            serde_json::from_str::<InputCard>(r#"{"sources": [], "blend": "crop", "prior": "rare"}"#)
                .is_err()
        );
    }
}
