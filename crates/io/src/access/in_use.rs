//! The credentials of this process.

use super::bucket::Bucket;
use super::credentials::Credentials;
use super::planetary_computer::{escaped, signing};
use crate::ffi;
use std::sync::OnceLock;

static IN_USE: OnceLock<Credentials> = OnceLock::new();

/// Where GDAL finds the header of a host: in memory, under the host's place among all.
const HEADERS: &str = "/vsimem/ecotone/access/";

/// Puts credentials to use for all requests of this process, to catalogues and to files, from now on. Gives false where
/// some are in use already: those stay.
pub fn use_credentials(credentials: Credentials) -> bool {
    credentials.watch();
    let mut is_first = false;
    let used = IN_USE.get_or_init(|| {
        is_first = true;
        credentials
    });
    if is_first {
        ffi::init();
        keep_headers(used);
        keep_buckets(used);
        keep_cookies(used);
    }
    is_first
}

/// Gives GDAL the headers of hosts.
fn keep_headers(credentials: &Credentials) {
    for (place, header) in credentials.headers().enumerate() {
        let file = format!("Authorization: {}\n", header.open()).into_bytes();
        if let Err(error) = gdal::vsi::create_mem_file(format!("{HEADERS}{place}"), file) {
            tracing::warn!("gdal: keeping a credential: {error}");
        }
    }
    // Where a server redirects to a signed address of a store, GDAL remembers that address and asks it the next time, with
    // the header that is meant for the server (measured with 3.6.2). Following each time, libcurl leaves it out.
    if credentials.headers().next().is_some()
        && let Err(error) = gdal::config::set_config_option("CPL_VSIL_CURL_USE_S3_REDIRECT", "NO")
    {
        tracing::warn!("gdal: option: {error}");
    }
}

/// Lets GDAL keep cookies while it follows redirects, where there is a login for Earthdata, whose servers send on to the login
/// and back and know by a cookie who comes back. In memory: there is no such file.
fn keep_cookies(credentials: &Credentials) {
    const FILE: &str = "GDAL_HTTP_COOKIEFILE";
    let login = credentials.header("https://urs.earthdata.nasa.gov/");
    let is_login = login.is_some_and(|(_, header)| header.open().starts_with("Basic "));
    let is_set = gdal::config::get_config_option(FILE, "").is_ok_and(|found| !found.is_empty());
    if is_login
        && !is_set
        && let Err(error) = gdal::config::set_config_option(FILE, "/no/such/file/of/cookies")
    {
        tracing::warn!("gdal: option: {error}");
    }
}

/// Gives GDAL what opens buckets. Where all of them are asked of another server than Amazon's, those that are open there are
/// like others.
fn keep_buckets(credentials: &Credentials) {
    let elsewhere = gdal::config::get_config_option("AWS_S3_ENDPOINT", "").is_ok_and(|host| !host.is_empty());
    let open = Bucket::open_ones().filter(|_| !elsewhere).collect::<Vec<_>>();
    for bucket in open.iter().chain(credentials.buckets()) {
        for (key, value) in bucket.options() {
            ffi::set_path_option(&format!("/vsis3/{}/", bucket.name()), key, value.open());
        }
    }
}

/// The `Authorization` header for a request to an address.
pub(crate) fn authorization(address: &str) -> Option<&'static str> {
    Some(IN_USE.get()?.header(address)?.1.open())
}

/// GDAL's name for an `http` or `https` address, with what opens it.
pub(crate) fn gdal_name(address: &str) -> String {
    let used = IN_USE.get();
    let key = used.and_then(Credentials::planetary_computer).map(|key| key.open());
    if let Some(signed) = signing(address, key) {
        return signed;
    }
    match used.and_then(|used| used.header(address)) {
        Some((place, _)) => format!("/vsicurl?header_file={HEADERS}{place}&url={}", escaped(address)),
        None => format!("/vsicurl/{address}"),
    }
}
