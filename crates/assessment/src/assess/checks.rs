//! Whether what is asked of an assessment goes together.

use super::job::{AssessJob, Design};
use super::years::{YEAR, years};
use crate::{Error, Result};
use ecotone_jobs::Error as JobError;
use std::path::Path;

impl AssessJob {
    /// Sees that the flags go together.
    pub(super) fn check(&self, points: bool) -> Result<()> {
        check_confidence(self.confidence)?;
        check_years(self)?;
        if let Some(alpha) = self.probabilities.as_ref().map(|asked| asked.alpha)
            && !(alpha > 0.0 && alpha < 1.0)
        {
            let expected = "a share between 0 and 1, such as 0.1".to_owned();
            return Err(JobError::Value { key: "--alpha", found: alpha.to_string(), expected }.into());
        }
        let refuse = |flag, needs| Err(Error::Flag { flag, needs });
        if !points && self.layer.is_some() {
            return refuse("--layer", "a reference of points (GPKG, GeoJSON): a raster has no layers");
        }
        if points && self.lines.is_some() {
            return refuse("--edge-class", "a reference raster: points do not show how far off a line is");
        }
        if points && self.probabilities.as_ref().is_some_and(|asked| asked.block.is_some()) {
            return refuse(
                "--block",
                "a reference raster: of points, halves of them or of their clusters are drawn",
            );
        }
        let columns = &self.columns;
        if !points && self.design.is_some() {
            return refuse("--design", "a reference of points (CSV, GPKG, GeoJSON): a raster covers the map");
        }
        if points && !self.by.is_empty() {
            return refuse(
                "--by",
                "a reference raster; for points, --design with --region gives estimates of parts",
            );
        }
        if self.against.is_some() && (!points || self.design.is_none_or(|design| design == Design::Cluster)) {
            return refuse(
                "--against",
                "a sample of points and its --design: simple, stratified, poststratified or systematic",
            );
        }
        let strata = self.design.is_some_and(Design::has_strata);
        let cluster = self.design == Some(Design::Cluster);
        if self.strata.is_some() && !strata {
            return refuse("--strata", "--design stratified or poststratified");
        }
        if columns.stratum.is_some() && !strata {
            return refuse("--stratum-column", "--design stratified or poststratified");
        }
        if self.region.is_some() && self.design.is_none() {
            return refuse("--region", "--design; with a reference raster, --by region=RASTER");
        }
        if self.areas.is_some() && self.design.is_none() {
            return refuse("--areas", "--design, which says how the areas are used");
        }
        if columns.weight.is_some() && self.design.is_none() {
            return refuse("--weight-column", "--design");
        }
        match (cluster, columns.cluster.is_some()) {
            (true, false) => {
                refuse("--design cluster", "--cluster-column NAME: which cluster a point lies in")
            }
            (false, true) => refuse("--cluster-column", "--design cluster"),
            _ => Ok(()),
        }
    }
}

/// Sees that years and the names of the files go together.
pub(super) fn check_years(job: &AssessJob) -> Result<()> {
    let refuse = |flag, needs| Err(Error::Flag { flag, needs });
    let named = |path: &Path| path.to_string_lossy().contains(YEAR);
    match years(job) {
        None if named(&job.map) => refuse("MAP with {year} in its name", "--by year=2018,2019,…"),
        None => Ok(()),
        Some(_) if !named(&job.map) => {
            refuse("--by year", "a MAP with {year} in its name, such as map-{year}.tif")
        }
        Some(_) if job.by.len() > 1 => {
            refuse("--by year", "to be the only --by; assess one year for the others")
        }
        Some(_) if job.probabilities.is_some() || job.lines.is_some() => {
            refuse("--by year", "no --probabilities and no --edge-class; assess one year for those")
        }
        Some(_) => Ok(()),
    }
}

pub(super) fn check_confidence(confidence: f64) -> Result<()> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    let expected = "a share between 0 and 1, such as 0.95".to_owned();
    Err(JobError::Value { key: "--confidence", found: confidence.to_string(), expected }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProbabilityJob;

    #[test]
    fn points_have_no_blocks() {
        let mut job = AssessJob::new("map.tif", "points.csv", "legend.csv", "out");
        let asked = |block| ProbabilityJob { path: "percents.tif".into(), alpha: 0.1, block, seed: 1 };
        job.probabilities = Some(asked(Some(640.0)));
        assert!(job.check(false).is_ok());
        let told = job.check(true).unwrap_err().to_string();
        assert!(told.contains("--block") && told.contains("reference raster"), "{told}");
        job.probabilities = Some(asked(None));
        assert!(job.check(true).is_ok());
    }
}
