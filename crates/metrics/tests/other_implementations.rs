//! Estimators, intervals and tests against statsmodels and samplics, on values written by
//! `vectors/make_estimates.py`.

use ecotone_metrics::{
    Assessment, ClusterUnit, Estimate, Estimator, McNemar, SampleUnit, Strata, wilson_interval,
};

const VALUES: &str = include_str!("vectors/estimates.csv");

type Tested = Result<(), Box<dyn std::error::Error>>;

fn lines(kind: &str) -> Vec<Vec<&'static str>> {
    VALUES.lines().map(|line| line.split(',').collect()).filter(|line: &Vec<&str>| line[0] == kind).collect()
}

#[track_caller]
fn same(found: Option<f64>, expected: &str) {
    let close = |found: f64, expected: f64| (found - expected).abs() < 1e-12;
    let pair = found.zip(expected.parse().ok());
    assert!(pair.is_some_and(|(found, expected)| close(found, expected)), "{found:?} is not {expected}");
}

#[test]
fn wilson_is_statsmodels() -> Tested {
    let lines = lines("wilson");
    assert_eq!(lines.len(), 5);
    for line in lines {
        let (right, units): (f64, f64) = (line[1].parse()?, line[2].parse()?);
        let found = wilson_interval(right / units, units, line[3].parse()?)?;
        same(Some(found.lower), line[4]);
        same(Some(found.upper), line[5]);
    }
    Ok(())
}

#[test]
fn mcnemar_is_statsmodels() -> Tested {
    let lines = lines("mcnemar");
    assert_eq!(lines.len(), 6);
    for line in lines {
        let found = McNemar::new(line[1].parse()?, line[2].parse()?);
        same(Some(found.exact_p_value), line[3]);
        same(found.chi_squared, line[4]);
        same(found.chi_squared_p_value, line[5]);
    }
    Ok(())
}

fn check(assessment: &Assessment, design: &str) -> Tested {
    let lines = lines(design);
    assert_eq!(lines.len(), 13);
    for line in lines {
        let class = line[2].parse()?;
        let found: Option<Estimate> = match line[1] {
            "overall_accuracy" => assessment.overall_accuracy(),
            "users_accuracy" => assessment.users_accuracy(class),
            "producers_accuracy" => assessment.producers_accuracy(class),
            "f1" => assessment.f1(class),
            "area_proportion" => assessment.area_proportion(class),
            other => return Err(format!("no figure `{other}`").into()),
        };
        same(found.map(|found| found.value), line[3]);
        same(found.and_then(|found| found.standard_error), line[4]);
    }
    Ok(())
}

#[test]
fn taylor_variances_are_samplics() -> Tested {
    let mut units = vec![];
    for line in lines("unit") {
        let unit = SampleUnit::new(line[4].parse()?, line[5].parse()?).in_stratum(line[1].parse()?);
        units.push(ClusterUnit { unit, cluster: line[2].parse()?, weight: line[3].parse()? });
    }
    let strata = Strata::new(&[100.0, 300.0, 50.0])?;
    check(&Assessment::from_clusters(3, &units, &strata)?, "clusters")?;

    let units: Vec<SampleUnit> = units.iter().map(|unit| unit.unit).collect();
    check(&Assessment::new(3, &units, &strata, Estimator::Stratified)?, "stratified")
}
