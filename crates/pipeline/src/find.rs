//! Which scenes of which catalogues a job uses.

use crate::summary::Failure;
use crate::{Error, Result};
use chrono::{Days, NaiveDate, NaiveTime};
use ecotone_core::BoundingBox;
use ecotone_io::{Catalog, Found, Query, Scene, open_catalog, search_all};

/// How many scenes are counted to say how many a catalogue has.
const COUNTED: usize = 1000;

/// What a job asks its catalogues for.
pub(crate) struct Wanted<'a> {
    /// Addresses of the catalogues.
    pub(crate) catalogs: &'a [String],
    /// Collections; none means any.
    pub(crate) collections: &'a [String],
    /// Most clouds, percent.
    pub(crate) max_cloud_cover: f64,
    /// Area in degrees; `None` for everywhere.
    pub(crate) area: Option<BoundingBox>,
    /// What the area is that of.
    pub(crate) area_of: String,
    /// First day and number of days; `None` where the first scene decides.
    pub(crate) period: Option<(NaiveDate, u64)>,
}

impl Wanted<'_> {
    /// The scenes in order of time, and the records that could not be read.
    ///
    /// # Errors
    /// When a catalogue cannot be read as a whole, or none has a scene that fits.
    pub(crate) fn find(&self) -> Result<(Vec<Scene>, Vec<Failure>)> {
        let catalogs: Vec<Box<dyn Catalog>> =
            self.catalogs.iter().map(|location| Ok(open_catalog(location)?)).collect::<Result<_>>()?;
        let instant = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let end = self.period.map(|(start, days)| start + Days::new(days));
        let query = Query {
            area: self.area,
            from: self.period.map(|(start, _)| instant(start)),
            to: end.map(instant),
            max_cloud_cover: Some(self.max_cloud_cover),
            collections: self.collections.to_vec(),
            limit: None,
        };
        let found = search_all(&catalogs, &[query])?;
        if found.scenes.is_empty() {
            return Err(self.why_nothing(&catalogs, &found, end)?);
        }
        let failures =
            found.failures.into_iter().map(|failure| Failure { scene: failure.href, reason: failure.reason });
        Ok((found.scenes, failures.collect()))
    }

    /// Why no scene fits: records that cannot be read, another place, or time and clouds.
    fn why_nothing(
        &self,
        catalogs: &[Box<dyn Catalog>],
        found: &Found,
        end: Option<NaiveDate>,
    ) -> Result<Error> {
        let all = search_all(catalogs, &[Query { limit: Some(COUNTED), ..Query::default() }])?;
        let catalog = self.catalogs.join(", ");
        if let Some(first) = found.failures.first().filter(|_| all.scenes.is_empty()) {
            let (scene, reason) = (first.href.clone(), first.reason.clone());
            return Ok(Error::AllScenesFailed { count: found.failures.len(), scene, reason });
        }
        let here = Query { area: self.area, limit: Some(1), ..Query::default() };
        if let Some(bounds) = self.area.filter(|_| !all.scenes.is_empty())
            && search_all(catalogs, &[here])?.scenes.is_empty()
        {
            return Ok(Error::NoOverlap {
                area: self.area_of.clone(),
                bounds,
                catalog,
                found: all.scenes.len(),
            });
        }
        let day = |day: Option<NaiveDate>| day.map_or_else(|| "any day".to_owned(), |day| day.to_string());
        Ok(Error::NoScenes {
            catalog,
            from: day(self.period.map(|(start, _)| start)),
            to: day(end),
            cloud: self.max_cloud_cover,
            found: all.scenes.len(),
        })
    }
}
