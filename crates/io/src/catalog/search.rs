//! Asking one or several catalogues for the scenes of a job.

use crate::access::without_secrets;
use crate::{Error, Result, Scene};
use chrono::{DateTime, Utc};
use ecotone_core::BoundingBox;

/// Something that can be asked for scenes.
pub trait Catalog: Send + Sync {
    /// Where it lies: a path or URL.
    fn location(&self) -> &str;

    /// Whether only searches in an area come to an end: true for an API, whose archive is the whole Earth's.
    fn needs_area(&self) -> bool {
        false
    }

    /// The scenes that match, in order of (time, identifier, collection), and the records that could not be read.
    ///
    /// # Errors
    /// When the catalogue as a whole cannot be asked. A record that cannot be read is no error but a failure in the
    /// result; nothing found is an empty result.
    fn search(&self, query: &Query) -> Result<Found>;
}

/// What to look for; the default is everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Rectangle in degrees of longitude and latitude; `min.x > max.x` where it crosses the antimeridian.
    pub area: Option<BoundingBox>,
    /// Earliest time, included.
    pub from: Option<DateTime<Utc>>,
    /// Latest time, excluded.
    pub to: Option<DateTime<Utc>>,
    /// Most clouds, in percent; a scene that does not say is kept.
    pub max_cloud_cover: Option<f64>,
    /// Collections; none means any.
    pub collections: Vec<String>,
    /// At most so many scenes: the earliest ones, of those that an API gave before it had given so many.
    pub limit: Option<usize>,
}

/// The answer to a [`Query`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Scenes in order of (time, identifier, collection), each once.
    pub scenes: Vec<Scene>,
    /// What could not be read, in order of place.
    pub failures: Vec<CatalogFailure>,
}

/// A record of a catalogue that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CatalogFailure {
    /// Which: a path or URL.
    pub href: String,
    /// Why, from the act to its cause.
    pub reason: String,
}

impl CatalogFailure {
    pub(crate) fn new(href: &str, error: &Error) -> Self {
        let causes = std::iter::successors(Some(error as &dyn std::error::Error), |e| e.source());
        let reason = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        // A page of an API may be asked for with a token.
        let href = without_secrets(href);
        tracing::warn!(href, reason, "a record of the catalogue cannot be read");
        Self { href, reason }
    }
}

impl Query {
    /// True where a scene matches; the limit is not looked at.
    pub fn accepts(&self, scene: &Scene) -> bool {
        self.from.is_none_or(|from| from <= scene.datetime)
            && self.to.is_none_or(|to| scene.datetime < to)
            && scene.cloud_cover.is_none_or(|cover| self.max_cloud_cover.is_none_or(|most| cover <= most))
            && (self.collections.is_empty()
                || scene.collection.as_ref().is_some_and(|own| self.collections.contains(own)))
            && self.area.is_none_or(|area| scene.meets(area))
    }
}

impl Found {
    /// Scenes that match, ordered, each once.
    ///
    /// Of records of one take ([`Scene::is_twin`]) the one with the latest processing baseline stays, then the one whose
    /// files sort first, so that the order in which they came never matters.
    pub(crate) fn select(query: &Query, mut scenes: Vec<Scene>, mut failures: Vec<CatalogFailure>) -> Self {
        scenes.retain(|scene| query.accepts(scene));
        let hrefs = |scene: &Scene| scene.assets.values().map(|a| a.href.clone()).collect::<Vec<_>>();
        scenes.sort_by(|a, b| {
            let twin = (&a.collection, &a.id).cmp(&(&b.collection, &b.id));
            twin.then_with(|| b.processing_baseline.cmp(&a.processing_baseline))
                .then_with(|| hrefs(a).cmp(&hrefs(b)))
        });
        let mut kept: Vec<Scene> = Vec::with_capacity(scenes.len());
        for scene in scenes {
            let namesakes = kept.iter().rev().take_while(|other| other.has_name_of(&scene));
            if !namesakes.into_iter().any(|other| other.is_twin(&scene)) {
                kept.push(scene);
            }
        }
        // The sort is stable: scenes of one name and time stay in the order of the first sort.
        kept.sort_by(|a, b| (a.datetime, &a.id, &a.collection).cmp(&(b.datetime, &b.id, &b.collection)));
        kept.truncate(query.limit.unwrap_or(usize::MAX));
        failures.sort();
        failures.dedup();
        Self { scenes: kept, failures }
    }
}

/// A catalogue that was read as a whole: a static STAC catalogue or a folder of SAFE products.
#[derive(Debug, Clone)]
pub struct SceneList {
    location: String,
    scenes: Vec<Scene>,
    failures: Vec<CatalogFailure>,
}

impl SceneList {
    /// From what was read.
    ///
    /// # Errors
    /// When there is neither a scene nor a failure.
    pub fn new(location: &str, scenes: Vec<Scene>, failures: Vec<CatalogFailure>) -> Result<Self> {
        if scenes.is_empty() && failures.is_empty() {
            return Err(Error::EmptyCatalog { location: location.to_owned() });
        }
        Ok(Self { location: location.to_owned(), scenes, failures })
    }
}

impl Catalog for SceneList {
    fn location(&self) -> &str {
        &self.location
    }

    fn search(&self, query: &Query) -> Result<Found> {
        let scenes = self.scenes.iter().filter(|scene| query.accepts(scene)).cloned().collect();
        Ok(Found::select(query, scenes, self.failures.clone()))
    }
}

/// Asks every catalogue every query and puts the answers together, as if they were one catalogue; neither the order
/// of the catalogues nor that of the queries matters.
///
/// # Errors
/// When a catalogue cannot be asked.
pub fn search_all(catalogs: &[Box<dyn Catalog>], queries: &[Query]) -> Result<Found> {
    let (mut scenes, mut failures) = (Vec::new(), Vec::new());
    for catalog in catalogs {
        for query in queries {
            let found = catalog.search(query)?;
            scenes.extend(found.scenes);
            failures.extend(found.failures);
        }
    }
    Ok(Found::select(&Query::default(), scenes, failures))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Asset;
    use crate::catalog::scene::tests::bare_scene;
    use ecotone_core::XY;

    fn list(location: &str, scenes: Vec<Scene>) -> Box<dyn Catalog> {
        Box::new(SceneList::new(location, scenes, Vec::new()).unwrap())
    }

    fn ids(found: &Found) -> Vec<&str> {
        found.scenes.iter().map(|scene| scene.id.as_str()).collect()
    }

    #[test]
    fn each_condition_acts() {
        let mut scene = bare_scene("a", "2020-03-01T10:00:00Z");
        scene.cloud_cover = Some(40.0);
        let time = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        let area = |x| Some(BoundingBox { min: XY::new(x, 45.2), max: XY::new(x + 0.1, 45.3) });
        let all = Query::default;
        assert!(all().accepts(&scene));
        for (query, expected) in [
            (Query { from: time("2020-03-01T10:00:00Z"), ..all() }, true),
            (Query { from: time("2020-03-01T10:00:01Z"), ..all() }, false),
            (Query { to: time("2020-03-01T10:00:00Z"), ..all() }, false),
            (Query { to: time("2020-03-01T10:00:01Z"), ..all() }, true),
            (Query { max_cloud_cover: Some(40.0), ..all() }, true),
            (Query { max_cloud_cover: Some(39.0), ..all() }, false),
            (Query { collections: vec!["sentinel-2-l2a".to_owned()], ..all() }, true),
            (Query { collections: vec!["sentinel-2-l1c".to_owned()], ..all() }, false),
            (Query { area: area(12.5), ..all() }, true),
            (Query { area: area(13.5), ..all() }, false),
        ] {
            assert_eq!(query.accepts(&scene), expected, "{query:?}");
        }
        scene.cloud_cover = None;
        assert!(
            Query { max_cloud_cover: Some(0.0), ..all() }.accepts(&scene),
            "radar says nothing of clouds"
        );
    }

    #[test]
    fn order_of_catalogues_does_not_matter() {
        let with_href = |mut scene: Scene, href: &str, baseline: &str| {
            scene.processing_baseline = Some(baseline.to_owned());
            let asset = Asset { key: "B04".to_owned(), href: href.to_owned(), ..Asset::default() };
            scene.assets.insert("B04".to_owned(), asset);
            scene
        };
        let twin = || bare_scene("twin", "2020-03-02T00:00:00Z");
        let old = vec![with_href(twin(), "/a/old.tif", "02.14"), bare_scene("z", "2020-03-01T00:00:00Z")];
        let new = vec![with_href(twin(), "/b/new.tif", "05.00"), bare_scene("a", "2020-03-02T00:00:00Z")];
        let there =
            search_all(&[list("old", old.clone()), list("new", new.clone())], &[Query::default()]).unwrap();
        let back = search_all(&[list("new", new), list("old", old)], &[Query::default()]).unwrap();
        assert_eq!(there, back);
        assert_eq!(ids(&there), ["z", "a", "twin"]);
        assert_eq!(there.scenes[2].assets["B04"].href, "/b/new.tif", "the later baseline stays");
    }

    #[test]
    fn scenes_of_one_name_at_two_places_are_two() {
        let tile = |west: f64, href: &str| {
            let mut scene = bare_scene("2020-03-01", "2020-03-01T00:00:00Z");
            let footprint = geo_types::Rect::new((west, 45.0), (west + 1.0, 46.0)).to_polygon();
            scene.footprint = geo_types::MultiPolygon(vec![footprint]);
            let asset = Asset { key: "B04".to_owned(), href: href.to_owned(), ..Asset::default() };
            scene.assets.insert("B04".to_owned(), asset);
            scene
        };
        let lists = [
            list("west", vec![tile(12.0, "/west.tif")]),
            list("east", vec![tile(12.95, "/east.tif"), tile(12.95, "/east.tif")]),
        ];
        let found = search_all(&lists, &[Query::default(), Query::default()]).unwrap();
        let hrefs: Vec<&str> = found.scenes.iter().map(|scene| scene.assets["B04"].href.as_str()).collect();
        assert_eq!(hrefs, ["/east.tif", "/west.tif"]);
        assert_ne!(found.scenes[0].key(), found.scenes[1].key());
    }

    #[test]
    fn several_periods_in_one_job() {
        let scenes = (1..=6).map(|m| bare_scene(&format!("m{m}"), &format!("2020-{m:02}-01T00:00:00Z")));
        let catalog = [list("x", scenes.collect())];
        let month = |m: u32| Query {
            from: format!("2020-{m:02}-01T00:00:00Z").parse().ok(),
            to: format!("2020-{:02}-01T00:00:00Z", m + 1).parse().ok(),
            ..Query::default()
        };
        assert_eq!(ids(&search_all(&catalog, &[month(4), month(2), month(4)]).unwrap()), ["m2", "m4"]);
        let two = Query { limit: Some(2), ..Query::default() };
        assert_eq!(ids(&search_all(&catalog, &[two]).unwrap()), ["m1", "m2"]);
    }

    #[test]
    fn nothing_at_all_is_an_error() {
        assert!(matches!(SceneList::new("x", Vec::new(), Vec::new()), Err(Error::EmptyCatalog { .. })));
    }
}
