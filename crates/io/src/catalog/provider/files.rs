//! Where the files of a provider lie.

/// True for a file in a place: a host such as `landsatlook.usgs.gov`, or a bucket as `s3://usgs-landsat`.
pub(super) fn holds(place: &str, href: &str) -> bool {
    place_of(href).is_some_and(|own| own.eq_ignore_ascii_case(place))
}

/// The host of an address of the web, or the bucket of one of S3 with its scheme; `None` for a path.
fn place_of(href: &str) -> Option<&str> {
    let (scheme, rest) = href.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => {
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            Some(host.split(':').next().unwrap_or(host))
        }
        "s3" => href.get(..scheme.len() + "://".len() + host.len()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_or_a_bucket() {
        #[track_caller]
        fn check(href: &str, place: Option<&str>) {
            assert_eq!(place_of(href), place, "{href}");
        }
        check("https://landsatlook.usgs.gov/data/a.tif", Some("landsatlook.usgs.gov"));
        check("https://landsatlook.usgs.gov:443?x=1", Some("landsatlook.usgs.gov"));
        check("https://landsatlook.usgs.gov@elsewhere.org/a.tif", Some("elsewhere.org"));
        check("s3://eodata/Sentinel-2/a.jp2", Some("s3://eodata"));
        check("/data/a.tif", None);
        check("file:///data/a.tif", None);
        assert!(holds("s3://eodata", "s3://eodata/a.jp2") && !holds("s3://eodata", "s3://eodata-2/a.jp2"));
        assert!(!holds("usgs.gov", "https://landsatlook.usgs.gov/a.tif"));
    }
}
