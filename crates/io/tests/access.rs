//! A credential goes to its own host alone and into no text; signed files stay open while their tokens end. Against
//! servers on this machine, in a process of their own, since credentials are put to use once a process.
#![expect(clippy::unwrap_used, reason = "all of it is a test, helpers too")]

use ecotone_core::{Crs, GeoBox, GeoTransform, Raster, Shape2d, Window, XY};
use ecotone_io::{
    CogOptions, Credentials, RasterDataset, open_catalog, scene_of_item, unsigned_address, use_credentials,
    write_cog,
};
use ecotone_test_fixtures::{Fault, Request, Server};
use serde_json::json;
use std::error::Error;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

const TOKEN: &str = "eyJ0eXAiOiJKV1Q.SECRETSECRET-1";

/// A host that wants the token, and one that has no business with it.
struct World {
    _folder: TempDir,
    own: Server,
    other: Server,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    noise(&folder.path().join("one.tif"));
    let catalog = json!({ "type": "FeatureCollection", "features": [item("x", "one.tif")] });
    std::fs::write(folder.path().join("items.json"), catalog.to_string()).unwrap();
    let other = Server::of(folder.path());
    let elsewhere = other.address().to_owned();
    let own = Server::faulty(folder.path(), move |request, _| guarded(request, &elsewhere));
    let host = own.address().trim_start_matches("http://");
    assert!(use_credentials(Credentials::default().with_token(host, TOKEN).unwrap()));
    assert!(!use_credentials(Credentials::default()), "the first ones stay");
    World { _folder: folder, own, other }
});

/// What the host that wants the token makes of a request.
fn guarded(request: &Request, elsewhere: &str) -> Fault {
    if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return Fault::Status(401, &[]);
    }
    let (_, name) = request.path.rsplit_once('/').unwrap();
    match request.path.split('/').nth(1).unwrap() {
        "moved" => Fault::Redirect(format!("/{name}")),
        "port" => Fault::Redirect(format!("{elsewhere}/{name}")),
        "host" => Fault::Redirect(format!("{}/{name}", elsewhere.replace("127.0.0.1", "localhost"))),
        // As stores sign: GDAL remembers such an address.
        "store" => {
            Fault::Redirect(format!("{elsewhere}/{name}?Expires=4102444800&Signature=STORED&Key-Pair-Id=K"))
        }
        "echo" => Fault::Answer(403, &[], format!("no, {TOKEN}, you sent {:?}", request.headers)),
        _ => Fault::Pass,
    }
}

/// Writes a file that does not come whole with its header.
fn noise(path: &Path) {
    let shape = Shape2d::new(256, 256);
    let grid =
        GeoBox::new(shape, GeoTransform::north_up(XY::new(600_000.0, 5_100_000.0), 10.0), Crs::epsg(32633));
    let values = (0..65_536_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 16) as u16).collect();
    write_cog(path, &Raster::new(grid, 1, values, None).unwrap(), &CogOptions::default()).unwrap();
}

fn item(id: &str, href: &str) -> serde_json::Value {
    json!({
        "type": "Feature", "stac_version": "1.0.0", "id": id, "collection": "sentinel-2-l2a",
        "properties": { "datetime": "2021-06-01T00:00:00Z" }, "bbox": [16.2, 45.9, 16.4, 46.1], "geometry": null,
        "links": [{ "rel": "self", "href": "https://planetarycomputer.microsoft.com/api/stac/v1/collections/c/items/x" }],
        "assets": { "B04": { "href": href } },
    })
}

fn read(address: &str) -> Result<Vec<u16>, ecotone_io::Error> {
    let window = Window::new(0, 0, 256, 256);
    Ok(RasterDataset::open(address)?.read_window::<u16>(&[1], window)?.data().to_vec())
}

fn told(error: &(dyn Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| (*error).source())
        .map(|error| format!("{error} {error:?}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn files_and_catalogues_are_opened_by_the_hosts_token() {
    let World { own, other, .. } = &*WORLD;
    let plain = read(&other.url("one.tif")).unwrap();
    assert_eq!(read(&own.url("one.tif")).unwrap(), plain);
    for path in ["items.json", "moved/items.json"] {
        assert_eq!(
            open_catalog(&own.url(path)).unwrap().search(&Default::default()).unwrap().scenes.len(),
            1
        );
    }
}

#[test]
fn a_redirect_takes_no_credential_along() {
    let World { own, other, .. } = &*WORLD;
    let plain = read(&other.url("one.tif")).unwrap();
    for way in ["port", "host", "store"] {
        assert_eq!(read(&own.url(&format!("{way}/one.tif"))).unwrap(), plain, "{way}");
        open_catalog(&own.url(&format!("{way}/items.json"))).map(|_| ()).unwrap();
    }
    let seen = other.seen();
    assert!(seen.iter().any(|request| request.path.contains("Signature=STORED")));
    assert!(seen.iter().any(|request| request.path == "/items.json"));
    for request in seen {
        assert_eq!(request.header("authorization"), None, "{request:?}");
        assert!(!format!("{request:?}").contains(TOKEN));
    }
}

#[test]
fn no_error_shows_a_secret() {
    let World { own, .. } = &*WORLD;
    let signed = own.url("echo/one.tif?sv=1&sig=SECRETSECRET-2");
    let file = read(&signed).unwrap_err();
    let catalog = open_catalog(&own.url("echo/items.json?token=SECRETSECRET-2")).err().unwrap();
    for (text, kept) in [(told(&file), "echo/one.tif"), (told(&catalog), "no, …, you sent")] {
        assert!(!text.contains("SECRETSECRET") && text.contains(kept), "{text}");
    }
}

/// A stand-in for Planetary Computer: a proxy that answers for its blobs, and hands out tokens that end at once.
fn planetary_computer(folder: &Path) -> Server {
    let tokens = AtomicUsize::new(0);
    Server::faulty(folder, move |request, _| {
        if request.path.contains("/token/sentinel-2-l2a") {
            let token = tokens.fetch_add(1, Ordering::SeqCst) + 1;
            return Fault::Body(format!(
                r#"{{"token": "sv=1&sig=SECRET{token}", "msft:expiry": "2020-01-01T00:00:00Z"}}"#
            ));
        }
        // The newest token alone opens anything.
        match request.path.split_once('?') {
            Some((_, query)) if query == format!("sv=1&sig=SECRET{}", tokens.load(Ordering::SeqCst)) => {
                Fault::Pass
            }
            _ => Fault::Status(403, &[]),
        }
    })
}

#[test]
fn a_file_of_planetary_computer_is_read_on_when_its_token_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    // What a proxy is asked for is a whole address.
    let blobs = folder.path().join("http:/sentinel2l2a01.blob.core.windows.net/s2");
    std::fs::create_dir_all(&blobs).unwrap();
    noise(&blobs.join("B04.tif"));
    noise(&blobs.join("B03.tif"));
    let server = planetary_computer(folder.path());
    let option = |key: &str, value: &str| gdal::config::set_thread_local_config_option(key, value).unwrap();
    option("GDAL_HTTP_PROXY", server.address().trim_start_matches("http://"));
    option("VSICURL_PC_SAS_TOKEN_URL", &server.url("token/"));

    // Saved with a signature that has ended.
    let blob = "http://sentinel2l2a01.blob.core.windows.net/s2/B04.tif";
    let saved = item("x", &format!("{blob}?se=2020-01-01&sig=SECRET-OLD"));
    let scene = scene_of_item(&saved, "/data/saved.json", None).unwrap();
    let href = &scene.assets["B04"].href;
    assert!(!href.contains("SECRET") && href.starts_with(blob), "{href}");
    assert_eq!(&unsigned_address(href), href, "a plan holds it as it is");

    assert_eq!(read(href).unwrap(), read(blobs.join("B04.tif").to_str().unwrap()).unwrap());
    let tokens = server.seen().iter().filter(|request| request.path.contains("/token/")).count();
    assert!(tokens >= 2, "another token for what is read later, found {tokens}");
    let error = read(&href.replace("B04.tif", "none.tif")).unwrap_err();
    assert!(!told(&error).contains("SECRET"), "{}", told(&error));
    // Of another file, since GDAL keeps what it has read.
    assert!(read(&blob.replace("B04", "B03")).is_err(), "the server lets nobody in without a token");
}
