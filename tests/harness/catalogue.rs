//! A copy of the small catalogue for one story to spoil.

use super::{catalogue, json, scratch};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const COLLECTION: &str = "sentinel-2-l2a";

/// What the tiny recipe reads of a scene of the small catalogue: band, type and side in pixels.
pub(crate) const BANDS: [(&str, &str, usize); 5] = [
    ("B02", "UInt16", 128),
    ("B03", "UInt16", 128),
    ("B04", "UInt16", 128),
    ("B8A", "UInt16", 64),
    ("SCL", "Byte", 64),
];

/// A catalogue of its own.
pub(crate) struct Catalogue(TempDir);

impl Catalogue {
    /// A copy of the small catalogue.
    pub(crate) fn copy() -> Self {
        let folder = scratch();
        copy(catalogue(), folder.path());
        Self(folder)
    }

    /// Its folder.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Its scenes, in order of time.
    pub(crate) fn scenes(&self) -> Vec<String> {
        let folders = self.path().join(COLLECTION).read_dir().unwrap().map(|entry| entry.unwrap().path());
        let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let mut names: Vec<String> = folders.filter(|path| path.is_dir()).map(name).collect();
        let day = |name: &str| name.split('_').nth(2).unwrap().to_owned();
        names.sort_by_key(|name| day(name));
        names
    }

    /// The file of a band of a scene.
    pub(crate) fn asset(&self, scene: &str, band: &str) -> PathBuf {
        self.path().join(COLLECTION).join(scene).join(format!("{band}.tif"))
    }

    /// Changes the record of a scene.
    pub(crate) fn edit_item(&self, scene: &str, edit: impl FnOnce(&mut Value)) {
        edit_json(&self.item(scene), edit);
    }

    /// Adds a scene like `scene` under another name, the new one listed first.
    pub(crate) fn add_twin(&self, scene: &str, twin: &str) {
        let folder = self.path().join(COLLECTION).join(twin);
        copy(&self.path().join(COLLECTION).join(scene), &folder);
        fs::rename(folder.join(format!("{scene}.json")), self.item(twin)).unwrap();
        self.edit_item(twin, |item| item["id"] = twin.into());
        self.edit_links(|links| {
            let place = links.iter().position(|link| link["rel"] == "item").unwrap();
            let mut link = links[place].clone();
            link["href"] = format!("./{twin}/{twin}.json").into();
            links.insert(place, link);
        });
    }

    /// Changes the collection's links.
    pub(crate) fn edit_links(&self, edit: impl FnOnce(&mut Vec<Value>)) {
        let path = self.path().join(COLLECTION).join("collection.json");
        edit_json(&path, |collection| edit(collection["links"].as_array_mut().unwrap()));
    }

    fn item(&self, scene: &str) -> PathBuf {
        self.path().join(COLLECTION).join(scene).join(format!("{scene}.json"))
    }
}

/// A raster of 64 x 64 pixels of 20 m over the small catalogue's area that holds nothing but nodata, as a VRT (which
/// GDAL knows by its text, whatever its name).
pub(crate) fn empty_raster() -> String {
    raster_at("EPSG:32633", 499_980.0, 64, 20.0, "UInt16", "")
}

impl Catalogue {
    /// Tells the same scene on the same ground in another coordinate reference system: UTM with its origin moved by
    /// 100 km.
    pub(crate) fn move_origin(&self, scene: &str, bands: &[(&str, &str, usize)]) {
        const MOVED: &str =
            "+proj=tmerc +lat_0=0 +lon_0=15 +k=0.9996 +x_0=600000 +y_0=0 +datum=WGS84 +units=m";
        for (band, pixel_type, side) in bands {
            let path = self.asset(scene, band);
            let kept = path.with_extension("utm.tif");
            fs::rename(&path, &kept).unwrap();
            let resolution = 1280.0 / *side as f64;
            let text = raster_at(MOVED, 599_980.0, *side, resolution, pixel_type, &source_of(&kept));
            fs::write(&path, text).unwrap();
        }
    }

    /// Tells a band to lie in the next UTM zone, six degrees further east.
    pub(crate) fn put_elsewhere(&self, scene: &str, band: &str) {
        let path = self.asset(scene, band);
        let kept = path.with_extension("utm.tif");
        fs::rename(&path, &kept).unwrap();
        fs::write(&path, raster_at("EPSG:32634", 499_980.0, 128, 10.0, "UInt16", &source_of(&kept))).unwrap();
    }

    /// Tells every scene to lie one width of the small catalogue further east, under the same name.
    pub(crate) fn put_beside(&self) {
        const WIDTH: f64 = 1280.0;
        // The same in degrees of longitude, as far as a footprint needs it.
        const DEGREES: f64 = 0.017_73;
        for scene in self.scenes() {
            for (band, pixel_type, side) in BANDS {
                let path = self.asset(&scene, band);
                let kept = path.with_extension("west.tif");
                fs::rename(&path, &kept).unwrap();
                let (east, gsd) = (499_980.0 + WIDTH, WIDTH / side as f64);
                fs::write(&path, raster_at("EPSG:32633", east, side, gsd, pixel_type, &source_of(&kept)))
                    .unwrap();
            }
            self.edit_item(&scene, |item| {
                for corner in [0, 2] {
                    item["bbox"][corner] = (item["bbox"][corner].as_f64().unwrap() + DEGREES).into();
                }
                for point in item["geometry"]["coordinates"][0].as_array_mut().unwrap() {
                    point[0] = (point[0].as_f64().unwrap() + DEGREES).into();
                }
                for asset in item["assets"].as_object_mut().unwrap().values_mut() {
                    let asset = asset.as_object_mut().unwrap();
                    asset.retain(|key, _| !["proj:transform", "proj:bbox"].contains(&key.as_str()));
                }
            });
        }
    }

    /// The truth, told to lie `metres` further east.
    pub(crate) fn truth_moved_east(&self, metres: f64) -> PathBuf {
        let path = self.path().join("moved.vrt");
        let source = source_of(&self.path().join("truth.tif"));
        fs::write(&path, raster_at("EPSG:32633", 499_980.0 + metres, 64, 20.0, "Byte", &source)).unwrap();
        path
    }
}

fn source_of(file: &Path) -> String {
    let name = file.display();
    format!("<SimpleSource><SourceFilename>{name}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>")
}

/// A VRT of one band with nodata 0 whose upper left corner lies `east` metres from its origin.
fn raster_at(crs: &str, east: f64, side: usize, resolution: f64, pixel_type: &str, source: &str) -> String {
    format!(
        "<VRTDataset rasterXSize=\"{side}\" rasterYSize=\"{side}\"><SRS>{crs}</SRS>\
         <GeoTransform>{east}, {resolution}, 0, 5500020, 0, -{resolution}</GeoTransform>\
         <VRTRasterBand dataType=\"{pixel_type}\" band=\"1\"><NoDataValue>0</NoDataValue>{source}</VRTRasterBand>\
         </VRTDataset>"
    )
}

/// Writes the north-western and the south-eastern quarter of the small catalogue's ground as two files of one polygon each;
/// gives their paths.
pub(crate) fn corners(folder: &Path) -> [String; 2] {
    const SIDE: f64 = 32.0 * 20.0;
    [("north-west", 499_980.0, 5_500_020.0), ("south-east", 499_980.0 + SIDE, 5_500_020.0 - SIDE)].map(
        |(name, west, north)| {
            let (east, south) = (west + SIDE, north - SIDE);
            let ring = [[west, north], [east, north], [east, south], [west, south], [west, north]];
            let text = serde_json::json!({
                "type": "FeatureCollection",
                "crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::32633" } },
                "features": [{ "type": "Feature", "properties": {}, "geometry": { "type": "Polygon", "coordinates": [ring] } }],
            });
            let path = folder.join(format!("{name}.geojson"));
            fs::write(&path, text.to_string()).unwrap();
            path.display().to_string()
        },
    )
}

/// Writes the west and the east of the small catalogue's ground, and a little around it, as two polygons in degrees, classes 1 and 7,
/// as GeoJSON.
pub(crate) fn halves(path: &Path, attribute: &str) {
    const EDGES: [f64; 3] = [14.999, 15.0088, 15.0188];
    const SOUTH_NORTH: [f64; 2] = [49.63, 49.66];
    let half = |code: u8, west: f64, east: f64| {
        let [south, north] = SOUTH_NORTH;
        let ring = [[west, north], [east, north], [east, south], [west, south], [west, north]];
        serde_json::json!({
            "type": "Feature",
            "properties": { attribute: code, "owner": "nobody" },
            "geometry": { "type": "Polygon", "coordinates": [ring] },
        })
    };
    let [west, middle, east] = EDGES;
    let features = [half(1, west, middle), half(7, middle, east)];
    let collection = serde_json::json!({ "type": "FeatureCollection", "features": features });
    fs::write(path, collection.to_string()).unwrap();
}

fn edit_json(path: &Path, edit: impl FnOnce(&mut Value)) {
    let mut value = json(path);
    edit(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
