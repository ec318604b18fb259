//! Words and tables of a design as typed: the design, the allocation, the accuracies that are expected.

use super::coded::read_coded;
use crate::{Error, Result};
use ecotone_jobs::Error as JobError;
use ecotone_metrics::Allocation;
use std::path::Path;

/// How units are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Design {
    Simple,
    Stratified,
    Systematic,
    Cluster,
    TwoStage,
}

impl Design {
    pub(super) fn parse(text: &str) -> Result<Self> {
        const WORDS: [&str; 5] = ["simple", "stratified", "systematic", "cluster", "two-stage"];
        match text {
            "simple" => Ok(Self::Simple),
            "stratified" => Ok(Self::Stratified),
            "systematic" => Ok(Self::Systematic),
            "cluster" => Ok(Self::Cluster),
            "two-stage" => Ok(Self::TwoStage),
            other => Err(JobError::word("--design", other, &WORDS).into()),
        }
    }

    /// Whether units come in clusters.
    pub(super) const fn is_clustered(self) -> bool {
        matches!(self, Self::Cluster | Self::TwoStage)
    }
}

/// `equal`, `proportional`, `optimal` or `minimum:50`; `expected` are the strata's user's accuracies.
pub(super) fn allocation(text: &str, expected: Option<&[f64]>) -> Result<Allocation> {
    match (text.split_once(':'), text) {
        (Some(("minimum", units)), _) => match units.parse() {
            Ok(units) => Ok(Allocation::ProportionalWithMinimum(units)),
            Err(_) => Err(JobError::Value {
                key: "--allocation",
                found: text.to_owned(),
                expected: "minimum:N, such as minimum:50".to_owned(),
            }
            .into()),
        },
        (_, "equal") => Ok(Allocation::Equal),
        (_, "proportional") => Ok(Allocation::Proportional),
        (_, "optimal") => match expected {
            Some(expected) => Ok(Allocation::Optimal(expected.to_vec())),
            None => {
                Err(missing("--expected", "a user's accuracy or a CSV of them, for --allocation optimal"))
            }
        },
        _ => {
            Err(JobError::word("--allocation", text, &["equal", "proportional", "optimal", "minimum:50"])
                .into())
        }
    }
}

/// A flag that is needed.
pub(super) fn missing(key: &'static str, expected: &str) -> Error {
    JobError::Value { key, found: "missing".to_owned(), expected: expected.to_owned() }.into()
}

/// The user's accuracies expected of the strata with these codes: one value for all, or a table `code,users_accuracy`.
pub(super) fn expected(text: &str, codes: &[u8]) -> Result<Vec<f64>> {
    if let Ok(value) = text.parse::<f64>() {
        return Ok(vec![value; codes.len()]);
    }
    let lines = read_coded(Path::new(text), "users_accuracy", "an accuracy from 0 to 1")?;
    codes
        .iter()
        .map(|code| {
            let line = lines.iter().find(|line| line.code == *code);
            line.map(|line| line.number).ok_or_else(|| {
                let expected = format!("a line for every stratum; {code} has none");
                JobError::Value { key: "--expected", found: text.to_owned(), expected }.into()
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_understood_or_named() {
        assert_eq!(Design::parse("two-stage").unwrap(), Design::TwoStage);
        let message = Design::parse("stratifed").unwrap_err().to_string();
        assert!(message.contains("did you mean `stratified`?"), "{message}");
        assert_eq!(allocation("minimum:50", None).unwrap(), Allocation::ProportionalWithMinimum(50));
        assert!(allocation("minimum:x", None).is_err());
        assert!(allocation("minimum", None).unwrap_err().to_string().contains("minimum:50"));
        assert!(allocation("optimal", None).unwrap_err().to_string().contains("--expected"));
        assert_eq!(expected("0.9", &[1, 7]).unwrap(), [0.9, 0.9]);
    }
}
