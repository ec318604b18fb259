//! Which scenes of which catalogues a job uses.

use crate::calendar::Calendar;
use crate::dates::Dates;
use crate::margin::grown;
use crate::source_spec::SourceSpec;
use crate::{Error, Result};
use chrono::{Days, NaiveDate, NaiveTime};
use ecotone_core::BoundingBox;
use ecotone_io::{Catalog, Found, Query, Scene, open_catalog, search_all};
use ecotone_jobs::Failure;
use std::collections::BTreeSet;

/// How many scenes are counted to say how many a catalogue has.
pub const COUNTED: usize = 1000;

/// The catalogues of a job, opened once.
pub struct Catalogs {
    addresses: Vec<String>,
    opened: Vec<Box<dyn Catalog>>,
}

impl Catalogs {
    /// Opens them all.
    ///
    /// # Errors
    /// When one cannot be read as a whole.
    pub fn open(addresses: &[String]) -> Result<Self> {
        let opened = addresses.iter().map(|location| Ok(open_catalog(location)?)).collect::<Result<_>>()?;
        Ok(Self { addresses: addresses.to_vec(), opened })
    }
}

/// Where a job takes place.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The catalogues.
    pub catalogs: &'a Catalogs,
    /// Areas in degrees; none for everywhere.
    pub areas: &'a [BoundingBox],
    /// What the areas are those of.
    pub area_of: &'a str,
    /// How far around the areas scenes are wanted, too, in metres: what is read around a map.
    pub margin: f64,
}

impl<'a> Place<'a> {
    /// What a source asks the catalogues for, from its first day; `None` where the first scene decides.
    pub fn wanted(self, spec: &'a SourceSpec, start: Option<NaiveDate>) -> Wanted<'a> {
        let start = match spec.calendar {
            // Days that are told wait for no scene.
            Some(Calendar::Dates(_)) => Some(spec.start),
            _ => start,
        };
        let period = |start: NaiveDate| match spec.timeline_from(start) {
            Ok(timeline) => (timeline.start(), timeline.end()),
            // Planning says what is wrong with them.
            Err(_) => (start, NaiveDate::MAX),
        };
        Wanted {
            place: self,
            collections: &spec.collections,
            max_cloud_cover: spec.max_cloud_cover,
            period: start.map(period),
            dates: &spec.dates,
        }
    }

    /// The first of some scenes that meets an area itself, or of all where there is none.
    pub(crate) fn first_of(self, scenes: &[Scene]) -> Option<&Scene> {
        let here = |area: &BoundingBox| Query { area: Some(*area), ..Query::default() };
        let here: Vec<Query> = self.areas.iter().map(here).collect();
        let any = here.is_empty() || self.margin <= 0.0;
        scenes.iter().find(|scene| any || here.iter().any(|query| query.accepts(scene)))
    }
}

/// What a job asks its catalogues for.
pub struct Wanted<'a> {
    place: Place<'a>,
    /// Collections; none means any.
    collections: &'a [String],
    /// Most clouds, percent.
    max_cloud_cover: f64,
    /// First day and the day after the last; `None` where the first scene decides.
    period: Option<(NaiveDate, NaiveDate)>,
    /// Days that scenes are taken from; none means any.
    dates: &'a [Dates],
}

impl Wanted<'_> {
    /// The scenes in order of time, and the records that could not be read.
    ///
    /// # Errors
    /// When a catalogue cannot be asked, is an API although there is no area, or none has a scene that fits.
    pub fn find(&self) -> Result<(Vec<Scene>, Vec<Failure>)> {
        let catalogs = &self.place.catalogs.opened;
        if let Some(api) = catalogs.iter().find(|catalog| catalog.needs_area() && self.place.areas.is_empty())
        {
            return Err(Error::NoArea { catalog: api.location().to_owned() });
        }
        let found = search_all(catalogs, &self.queries())?;
        // Scenes that lie beside the areas alone make no map.
        if self.place.first_of(&found.scenes).is_none() {
            return Err(self.why_nothing(&found));
        }
        let failures =
            found.failures.into_iter().map(|failure| Failure { scene: failure.href, reason: failure.reason });
        Ok((found.scenes, failures.collect()))
    }

    /// The day after the period's last.
    fn end(&self) -> Option<NaiveDate> {
        self.period.map(|(_, end)| end)
    }

    /// One query an area for the whole period, or for each stretch of days in it.
    fn queries(&self) -> Vec<Query> {
        let of_area = |area: &BoundingBox| {
            let area = Some(grown(*area, self.place.margin));
            self.stretches().into_iter().map(|query| Query { area, ..query }).collect::<Vec<_>>()
        };
        if self.place.areas.is_empty() {
            self.stretches()
        } else {
            self.place.areas.iter().flat_map(of_area).collect()
        }
    }

    fn stretches(&self) -> Vec<Query> {
        let instant = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let whole = Query {
            area: None,
            from: self.period.map(|(start, _)| instant(start)),
            to: self.end().map(instant),
            max_cloud_cover: Some(self.max_cloud_cover),
            collections: self.collections.to_vec(),
            limit: None,
        };
        if self.dates.is_empty() {
            return vec![whole];
        }
        let stretch = |dates: &Dates| {
            let (first, after) = (instant(dates.first), instant(dates.last + Days::new(1)));
            let from = whole.from.map_or(first, |from| from.max(first));
            let to = whole.to.map_or(after, |to| to.min(after));
            (from < to).then(|| Query { from: Some(from), to: Some(to), ..whole.clone() })
        };
        self.dates.iter().filter_map(stretch).collect()
    }

    /// Why no scene fits: records that cannot be read, another place, or time and clouds.
    fn why_nothing(&self, found: &Found) -> Error {
        // Asked for to explain only: an API that does not answer this has not failed the job.
        let ask = |queries: &[Query]| match search_all(&self.place.catalogs.opened, queries) {
            Ok(found) => found.scenes,
            Err(error) => {
                tracing::debug!(%error, "the catalogue does not say how many scenes it has");
                Vec::new()
            }
        };
        let any = ask(&[Query { limit: Some(COUNTED), ..Query::default() }]);
        let all = any.len();
        let mut catalog = self.place.catalogs.addresses.join(", ");
        let asked = Query { collections: self.collections.to_vec(), limit: Some(1), ..Query::default() };
        if !(self.collections.is_empty() || any.is_empty()) && ask(&[asked]).is_empty() {
            let (asked, known) = (self.collections.join(", "), collections_of(&any));
            return Error::NoCollection { catalog, asked, known };
        }
        if !self.collections.is_empty() {
            catalog = format!("{catalog} in {}", self.collections.join(", "));
        }
        if let Some(first) = found.failures.first().filter(|_| all == 0) {
            let (scene, reason) = (first.href.clone(), first.reason.clone());
            return Error::AllScenesFailed { count: found.failures.len(), scene, reason };
        }
        let here = |area: &BoundingBox| Query { area: Some(*area), limit: Some(1), ..Query::default() };
        let here: Vec<Query> = self.place.areas.iter().map(here).collect();
        if let Some(bounds) = self.place.areas.first().copied().filter(|_| all > 0)
            && ask(&here).is_empty()
        {
            return Error::NoOverlap { area: self.place.area_of.to_owned(), bounds, catalog, found: all };
        }
        let found = if all < COUNTED { all.to_string() } else { format!("{COUNTED} or more") };
        let (period, cloud) = (self.period_in_words(), self.max_cloud_cover);
        Error::NoScenes { catalog, period, cloud, found }
    }

    fn period_in_words(&self) -> String {
        let day = |day: Option<NaiveDate>| day.map_or_else(|| "any day".to_owned(), |day| day.to_string());
        let (from, to) = (day(self.period.map(|(start, _)| start)), day(self.end()));
        let dates: Vec<String> = self.dates.iter().map(ToString::to_string).collect();
        let dates = if dates.is_empty() { String::new() } else { format!(" on {}", dates.join(", ")) };
        format!("between {from} and {to}{dates}")
    }
}

/// The collections that scenes are of, comma-separated.
fn collections_of(scenes: &[Scene]) -> String {
    let names: BTreeSet<&str> =
        scenes.iter().map(|scene| scene.collection.as_deref().unwrap_or("no collection")).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene_open::tests::{grid, scene};
    use ecotone_core::{Crs, Window, XY};
    use ecotone_io::transform_bounds;

    #[test]
    fn dates_are_cut_to_the_period() {
        let dates = ["2020-11-01/2021-02-28", "2021-06-01/2021-06-30", "2023-01-01"];
        let dates: Vec<Dates> = dates.iter().map(|text| Dates::parse(text).unwrap()).collect();
        let catalogs = Catalogs::open(&[]).unwrap();
        let mut wanted = Wanted {
            place: Place { catalogs: &catalogs, areas: &[], area_of: "", margin: 0.0 },
            collections: &[],
            max_cloud_cover: 100.0,
            period: NaiveDate::from_ymd_opt(2021, 1, 1).map(|start| (start, start + Days::new(365))),
            dates: &dates,
        };
        let days = |wanted: &Wanted<'_>| -> Vec<String> {
            let day = |time: Option<chrono::DateTime<chrono::Utc>>| time.unwrap().date_naive().to_string();
            wanted
                .queries()
                .into_iter()
                .map(|query| format!("{} {}", day(query.from), day(query.to)))
                .collect()
        };
        assert_eq!(days(&wanted), ["2021-01-01 2021-03-01", "2021-06-01 2021-07-01"]);
        wanted.period = None;
        assert_eq!(days(&wanted).len(), 3);
        wanted.dates = &[];
        assert_eq!(wanted.queries(), [Query { max_cloud_cover: Some(100.0), ..Query::default() }]);
    }

    /// An archive that never ends, and has nothing in any area.
    struct Api;

    impl Catalog for Api {
        fn location(&self) -> &str {
            "https://a.org/stac"
        }

        fn needs_area(&self) -> bool {
            true
        }

        fn search(&self, query: &Query) -> ecotone_io::Result<Found> {
            assert!(
                query.area.is_some() || query.limit.is_some(),
                "this would not come to an end: {query:?}"
            );
            Ok(Found::default())
        }
    }

    #[test]
    fn an_api_is_asked_in_an_area_or_for_a_few() {
        let catalogs =
            Catalogs { addresses: vec!["https://a.org/stac".to_owned()], opened: vec![Box::new(Api)] };
        let area = BoundingBox::around([XY::new(15.0, 49.0), XY::new(15.1, 49.1)]).unwrap();
        let message = |areas: &[BoundingBox]| {
            let wanted = Wanted {
                place: Place { catalogs: &catalogs, areas, area_of: "--aoi 15,49,15.1,49.1", margin: 500.0 },
                collections: &[],
                max_cloud_cover: 100.0,
                period: None,
                dates: &[],
            };
            wanted.find().unwrap_err().to_string()
        };
        let refused = message(&[]);
        assert!(
            refused.starts_with("https://a.org/stac is an API") && refused.contains("--aoi"),
            "{refused}"
        );
        assert!(message(&[area]).starts_with("no scene in https://a.org/stac lies in the area"));
    }

    /// Two scenes side by side.
    struct Pair([Scene; 2]);

    impl Catalog for Pair {
        fn location(&self) -> &str {
            "catalog.json"
        }

        fn search(&self, query: &Query) -> ecotone_io::Result<Found> {
            let scenes = self.0.iter().filter(|scene| query.accepts(scene)).cloned().collect();
            Ok(Found { scenes, ..Found::default() })
        }
    }

    #[test]
    fn a_collection_that_is_not_there_is_told_with_what_there_is() {
        let mut other = scene("b");
        other.collection = None;
        let opened: Vec<Box<dyn Catalog>> = vec![Box::new(Pair([scene("a"), other]))];
        let catalogs = Catalogs { addresses: vec!["catalog.json".to_owned()], opened };
        let message = |collections: &[&str], max_cloud_cover: f64| {
            let collections: Vec<String> = collections.iter().map(|name| (*name).to_owned()).collect();
            let place = Place { catalogs: &catalogs, areas: &[], area_of: "", margin: 0.0 };
            let wanted =
                Wanted { place, collections: &collections, max_cloud_cover, period: None, dates: &[] };
            wanted.find().map(|(scenes, _)| scenes.len()).map_err(|error| error.to_string())
        };
        assert_eq!(message(&["sentinel-2-l2a"], 100.0), Ok(1));
        assert_eq!(
            message(&["sentinel-2-c1-l2a", "mine"], 100.0).unwrap_err(),
            "catalog.json has no scene of sentinel-2-c1-l2a, mine, but of no collection, sentinel-2-l2a: name what to use \
             with --collection, in a recipe with inputs.collections (of radar inputs.sar.collections)"
        );
        assert!(
            message(&["mine", "sentinel-2-l2a"], 0.5).unwrap_err().starts_with("no scene in catalog.json in")
        );
    }

    /// Issue 15: what a window's halo or the filter sees beyond the map counts.
    #[test]
    fn scenes_around_an_area_are_found_where_a_map_reads_them() {
        let (west, mut east) = (scene("west"), scene("east"));
        let beside = grid().crop(Window::new(0, 64, 64, 64));
        east.footprint = ecotone_io::footprint(&beside).unwrap();
        let catalogs = Catalogs { addresses: Vec::new(), opened: vec![Box::new(Pair([west, east]))] };
        let found = |cols: Window, margin: f64| {
            let area = transform_bounds(grid().crop(cols).bounds(), grid().crs(), &Crs::epsg(4326)).unwrap();
            let wanted = Wanted {
                place: Place { catalogs: &catalogs, areas: &[area], area_of: "--grid", margin },
                collections: &[],
                max_cloud_cover: 100.0,
                period: None,
                dates: &[],
            };
            wanted.find().map(|(scenes, _)| scenes.len()).map_err(|error| error.to_string())
        };
        let inside = Window::new(20, 20, 8, 24);
        assert_eq!((found(inside, 0.0), found(inside, 100.0), found(inside, 600.0)), (Ok(1), Ok(1), Ok(2)));
        let outside = Window::new(20, -30, 8, 24);
        assert_eq!(found(outside, 600.0), found(outside, 0.0), "a margin makes no map");
        assert!(found(outside, 600.0).is_err());
    }
}
