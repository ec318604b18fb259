//! Getting in: maps of files that a server opens by tokens, keys or signatures hold the same bytes as those of a folder,
//! nobody else gets a credential, and none is written down.

use crate::harness::{
    Catalogue, Said, bytes, catalogue, ecotone, finish, predict_with, resumed, run, same, scratch, windowed,
};
use crate::killed::kill_when;
use crate::stores::{Azurite, Moto};
use ecotone_test_fixtures::{Fault, Request, Server};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// What a map consists of.
const MAP: [&str; 2] = ["map.tif", "confidence.tif"];

/// A part of all secrets here.
const SECRET: &str = "SECRETSECRET";

/// The map of the small catalogue's own folder.
fn expected() -> &'static Path {
    static MADE: OnceLock<TempDir> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = scratch();
        run(&predict_with(windowed(), catalogue(), folder.path(), &[])).exits(0);
        folder
    })
    .path()
}

/// The scenes of a catalogue, by identifier.
fn scenes(catalogue: &Catalogue) -> Vec<String> {
    let folder = catalogue.path().join("sentinel-2-l2a").read_dir().unwrap().map(|entry| entry.unwrap());
    folder
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

/// A copy of the small catalogue whose files lie at `base`, each item changed further.
fn moved(base: &str, query: &str, more: impl Fn(&mut serde_json::Value)) -> Catalogue {
    let copy = Catalogue::copy();
    for scene in scenes(&copy) {
        copy.edit_item(&scene, |item| {
            for (band, asset) in item["assets"].as_object_mut().unwrap() {
                asset["href"] = format!("{base}/sentinel-2-l2a/{scene}/{band}.tif{query}").into();
            }
            more(item);
        });
    }
    copy
}

/// Sees that neither what a command said nor what it left holds a secret.
#[track_caller]
fn keeps_secrets(said: &Said, out: &Path) {
    assert!(!said.stderr.contains(SECRET) && !said.stdout.contains(SECRET), "{}", said.stderr);
    for entry in out.read_dir().unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let holds = bytes(&entry).windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
        assert!(!holds, "{} holds a secret", entry.display());
    }
}

/// A map by a command in an environment of its own, that tells all it does.
fn mapped(words: &[String], environment: &[(&str, &str)]) -> Said {
    finish(with(words, environment))
}

fn with(words: &[String], environment: &[(&str, &str)]) -> Command {
    let mut command = ecotone(words);
    command.arg("-vv").envs(environment.iter().copied());
    command
}

/// As many of the newest tokens open files as may be on their way at a time; a map needs many more.
const ALIVE: usize = 32;

/// A proxy that stands for Planetary Computer's files.
fn planetary_computer(folder: &Path) -> Server {
    let tokens = AtomicUsize::new(0);
    Server::faulty(folder, move |request, _| {
        if request.path.contains("/token/sentinel-2-l2a") {
            // GDAL is told that it has ended, so that it asks before each request.
            let (number, ended) = (tokens.fetch_add(1, Ordering::SeqCst), "2020-01-01T00:00:00Z");
            return Fault::Body(format!(
                r#"{{"token": "sv=1&sig={SECRET}-{number}", "msft:expiry": "{ended}"}}"#
            ));
        }
        let signed = request.path.split_once(&format!("?sv=1&sig={SECRET}-"));
        match signed.and_then(|(_, number)| number.parse::<usize>().ok()) {
            Some(number) if number + ALIVE >= tokens.load(Ordering::SeqCst) => Fault::Pass,
            _ => Fault::Status(403, &[]),
        }
    })
}

#[test]
#[cfg(unix)]
fn planetary_computers_tokens_end_in_the_middle_of_a_map() {
    const BLOBS: &str = "http://sample.blob.core.windows.net";
    const ITEM: &str =
        "https://planetarycomputer.microsoft.com/api/stac/v1/collections/sentinel-2-l2a/items/x";
    let (served, out) = (scratch(), scratch());
    // What a proxy is asked for is a whole address.
    fs::create_dir(served.path().join("http:")).unwrap();
    std::os::unix::fs::symlink(catalogue(), served.path().join("http:/sample.blob.core.windows.net"))
        .unwrap();
    let server = planetary_computer(served.path());
    let saved = moved(BLOBS, &format!("?se=2020-01-01&sig={SECRET}"), |item| {
        let link = serde_json::json!({ "rel": "via", "href": ITEM });
        item["links"].as_array_mut().unwrap().push(link);
    });
    let (proxy, tokens) = (server.address().trim_start_matches("http://"), server.url("token/"));
    let environment = [("GDAL_HTTP_PROXY", proxy), ("VSICURL_PC_SAS_TOKEN_URL", tokens.as_str())];
    let words = predict_with(windowed(), saved.path(), out.path(), &[]);

    assert!(kill_when(with(&words, &environment), &out.path().join("plan.json")), "killed in the middle");
    // From here on the plan is all there is.
    let plan = String::from_utf8(bytes(&out.path().join("plan.json"))).unwrap();
    assert!(plan.contains("#pc_collection=sentinel-2-l2a") && !plan.contains(SECRET), "{plan}");
    let said = mapped(&resumed(&words), &environment).exits(0);
    same(out.path(), expected(), &MAP);
    keeps_secrets(&said, out.path());
    let tokens = server.seen().iter().filter(|request| request.path.contains("/token/")).count();
    assert!(tokens > 2 * ALIVE, "{tokens} tokens");
}

#[test]
fn a_bearer_token_is_for_its_own_host_alone() {
    const TOKEN: &str = "SECRETSECRET.bearer-1";
    let other = Server::of(catalogue());
    let elsewhere = other.address().replace("127.0.0.1", "localhost");
    let own = Server::faulty(catalogue(), move |request: &Request, _| {
        if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return Fault::Status(401, &[]);
        }
        // As LP DAAC does: the files lie signed in a store.
        match request.path.ends_with(".tif") {
            true => {
                Fault::Redirect(format!("{elsewhere}{}?Expires=4102444800&Signature={SECRET}", request.path))
            }
            false => Fault::Pass,
        }
    });
    let out = scratch();
    let tokens = format!("{}={TOKEN}", own.address().trim_start_matches("http://"));
    let words = predict_with(windowed(), Path::new(own.address()), out.path(), &[]);
    let said = mapped(&words, &[("ECOTONE_TOKENS", &tokens)]).exits(0);
    same(out.path(), expected(), &MAP);
    keeps_secrets(&said, out.path());
    let seen = other.seen();
    assert!(!seen.is_empty() && seen.iter().all(|request| request.header("authorization").is_none()));

    let nothing = scratch();
    let words = predict_with(windowed(), Path::new(own.address()), nothing.path(), &[]);
    let refused = mapped(&words, &[("ECOTONE_TOKENS", "example.org=SECRETSECRET-2")]).exits(1);
    assert!(refused.stderr.contains("status 401"), "{}", refused.stderr);
}

#[test]
fn a_login_is_read_from_a_netrc_file() {
    let own = Server::faulty(catalogue(), |request: &Request, _| match request.header("authorization") {
        // me:SECRETSECRET
        Some("Basic bWU6U0VDUkVUU0VDUkVU") => Fault::Pass,
        _ => Fault::Status(401, &[]),
    });
    let folder = scratch();
    let netrc = folder.path().join("logins");
    fs::write(&netrc, format!("default login x password y\nmachine 127.0.0.1 login me password {SECRET}\n"))
        .unwrap();
    let words = ["info", &own.url("catalog.json")].map(str::to_owned);
    let said = mapped(&words, &[("NETRC", netrc.to_str().unwrap())]).exits(0);
    assert!(!said.stderr.contains(SECRET) && !said.stderr.contains("bWU6"), "{}", said.stderr);
    mapped(&words, &[("NETRC", ""), ("HOME", "/none")]).exits(1).names(&["status 401"]);
}

#[test]
fn a_map_of_files_in_a_store_that_speaks_s3() {
    let Some(store) = Moto::start("ecotone") else { return };
    store.upload(catalogue());
    let out = scratch();
    let copy = moved("s3://ecotone", "", |_| ());
    let words = predict_with(windowed(), copy.path(), out.path(), &[]);
    let said = mapped(
        &words,
        &[
            ("AWS_S3_ENDPOINT", store.host()),
            ("AWS_HTTPS", "NO"),
            ("AWS_VIRTUAL_HOSTING", "FALSE"),
            ("AWS_ACCESS_KEY_ID", "SECRETSECRETID"),
            ("AWS_SECRET_ACCESS_KEY", "SECRETSECRETKEY"),
        ],
    )
    .exits(0);
    same(out.path(), expected(), &MAP);
    keeps_secrets(&said, out.path());
}

#[test]
fn a_map_of_files_in_azure_blob() {
    let Some(store) = Azurite::start("ecotone") else { return };
    store.upload(catalogue());
    let out = scratch();
    let copy = moved("az://ecotone", "", |_| ());
    let words = predict_with(windowed(), copy.path(), out.path(), &[]);
    let said = mapped(&words, &[("AZURE_STORAGE_CONNECTION_STRING", &store.connection())]).exits(0);
    same(out.path(), expected(), &MAP);
    assert!(!said.stderr.contains(Azurite::KEY));
}
