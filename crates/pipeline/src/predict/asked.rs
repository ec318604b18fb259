//! The arguments that a map follows from, as a run that goes on compares them.

use super::job::PredictJob;
use crate::recipe::PriorKind;
use std::path::Path;

/// What stands where an argument was not given.
const NOTHING: &str = "not given";

impl PredictJob {
    /// Each argument by its name; the model by its hash, the prior as it was understood, files by where they really lie. The backend, threads and readers
    /// are none of them: a run may go on with others.
    pub(super) fn asked(&self, model: &str, prior: PriorKind) -> Vec<(&'static str, String)> {
        let several = |texts: &[String]| match texts {
            [] => NOTHING.to_owned(),
            texts => texts.iter().map(|text| real(text)).collect::<Vec<_>>().join(" "),
        };
        let one = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
        vec![
            ("MODEL", model.to_owned()),
            ("--catalog", several(&self.catalogs)),
            ("--collection", several(&self.collections)),
            ("--mask-asset", one(self.mask_asset.clone())),
            ("--offset", one(self.offset.clone())),
            ("--grid", one(self.grid.as_deref().map(real))),
            ("--aoi", several(&self.aoi)),
            ("--dem", one(self.dem.as_ref().map(|path| real(&path.to_string_lossy())))),
            ("--start", one(self.start.clone())),
            ("--prior", prior.name().to_owned()),
            ("--majority", self.majority.to_string()),
            ("--probabilities", self.probabilities.to_string()),
        ]
    }
}

/// A file by any path to it; what is no file here, such as an address or a box of coordinates, as it was typed.
fn real(text: &str) -> String {
    Path::new(text).canonicalize().map_or_else(|_| text.to_owned(), |path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ecotone_jobs::Existing;

    #[test]
    fn files_are_told_by_where_they_lie_and_all_else_as_typed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().canonicalize().unwrap().join("catalog.json");
        std::fs::write(&file, "").unwrap();
        let job = |catalog: String, grid: Option<&str>| PredictJob {
            model: "model.safetensors".into(),
            catalogs: vec![catalog, "https://a.org/stac".to_owned()],
            collections: Vec::new(),
            mask_asset: None,
            offset: None,
            grid: grid.map(str::to_owned),
            aoi: vec!["1,2,3,4".to_owned()],
            dem: None,
            start: None,
            prior: None,
            majority: 3,
            probabilities: false,
            out: dir.path().join("out"),
            existing: Existing::Resume,
        };
        let asked = |job: &PredictJob, model: &str| job.asked(model, PriorKind::Natural);
        let plain = job(file.display().to_string(), None);
        let other_way = job(dir.path().join("./catalog.json").display().to_string(), None);
        assert_eq!(asked(&plain, "0a"), asked(&other_way, "0a"));
        let words: Vec<String> = asked(&plain, "0a").into_iter().map(|(_, value)| value).collect();
        let catalogs = format!("{} https://a.org/stac", file.display());
        let others =
            [NOTHING, NOTHING, NOTHING, NOTHING, "1,2,3,4", NOTHING, NOTHING, "natural", "3", "false"];
        assert_eq!(words, [&["0a", &catalogs][..], &others].concat());
        assert_ne!(asked(&plain, "0a"), asked(&plain, "0b"));
        assert_ne!(asked(&plain, "0a"), plain.asked("0a", PriorKind::Drawn));
        for elsewhere in [
            PredictJob { collections: vec!["hls2-s30".to_owned()], ..plain.clone() },
            PredictJob { mask_asset: Some("SCL_20m".to_owned()), ..plain.clone() },
            PredictJob { offset: Some("none".to_owned()), ..plain.clone() },
        ] {
            assert_ne!(asked(&plain, "0a"), asked(&elsewhere, "0a"));
        }
        assert_ne!(asked(&plain, "0a"), asked(&job(file.display().to_string(), Some("EPSG:3035")), "0a"));
    }
}
