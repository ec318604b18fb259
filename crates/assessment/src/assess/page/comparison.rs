//! Two maps on one sample: what each scores, and the difference with its interval.

use crate::assess::{Comparison, FigurePair, percent};
use ecotone_report::{ABSENT, Swatch, chip, count, escape, number, row, table};

/// The section of an assessment against another map.
pub(super) fn comparison(classes: &[Swatch], found: &Comparison) -> String {
    let mut rows = row("total", "Overall accuracy", &cells(&found.overall_accuracy));
    for (swatch, class) in classes.iter().zip(&found.classes) {
        rows += &row("", &format!("{}, user’s", chip(swatch)), &cells(&class.users_accuracy));
        rows += &row("", &format!("{}, producer’s", chip(swatch)), &cells(&class.producers_accuracy));
    }
    let header = ["Accuracy", "First", "Second", "Difference", "Standard error", "Lower", "Upper"];
    format!(
        "<p>First: {}. Second: {}. Both at the same {} sample units, so that the difference is known better than either \
         accuracy (Stehman and Foody 2019). An interval of {} % without 0 in it is a difference that chance explains \
         badly; of many classes, some have one by chance. Strata, where the design has them, are those of the \
         first.</p>\n{}{}",
        escape(&found.first),
        escape(&found.second),
        count(found.sample_units as u64),
        percent(found.confidence),
        table("Two maps on one sample", "numbers", &header, &rows),
        mcnemar(found)
    )
}

fn cells(compared: &FigurePair) -> [String; 6] {
    let difference = compared.difference;
    [
        number(compared.first, 3),
        number(compared.second, 3),
        difference.map_or(ABSENT.to_owned(), |difference| format!("{:+.3}", difference.value)),
        number(difference.and_then(|difference| difference.standard_error), 3),
        number(difference.and_then(|difference| difference.lower), 3),
        number(difference.and_then(|difference| difference.upper), 3),
    ]
}

fn mcnemar(found: &Comparison) -> String {
    let test = &found.mcnemar;
    let fits = if test.fits_the_design {
        "It fits this design."
    } else {
        "It takes no account of strata and weights: here it tests the sample, not the maps. Go by the difference above."
    };
    format!(
        "<p>McNemar’s test: {} units only the first map has right, {} only the second; exact p {}, with the corrected \
         χ² p {}. {fits}</p>\n",
        count(test.only_first_right),
        count(test.only_second_right),
        p_value(Some(test.exact_p_value)),
        p_value(test.chi_squared_p_value),
    )
}

/// Four digits; a smaller probability is not none.
fn p_value(p: Option<f64>) -> String {
    if p.is_some_and(|p| p < 1e-4) { "&lt; 0.0001".to_owned() } else { format!("= {}", number(p, 4)) }
}
