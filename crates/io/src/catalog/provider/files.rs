//! Where the files of a provider lie.

use super::access::Access;

/// A place with files of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderFiles {
    /// A host such as `sentinel-cogs.s3.us-west-2.amazonaws.com`, or a bucket as `s3://usgs-landsat`.
    pub place: &'static str,
    /// How one gets in.
    pub access: Access,
}

impl ProviderFiles {
    /// Files that anybody may read.
    pub(super) const fn open(place: &'static str) -> Self {
        Self { place, access: Access::Open }
    }

    /// True for a file in this place.
    pub fn hold(&self, href: &str) -> bool {
        place_of(href).is_some_and(|place| place.eq_ignore_ascii_case(self.place))
    }
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
        let files = ProviderFiles::open("s3://eodata");
        assert!(files.hold("s3://eodata/a.jp2") && !files.hold("s3://eodata-2/a.jp2"));
        assert!(!ProviderFiles::open("usgs.gov").hold("https://landsatlook.usgs.gov/a.tif"));
    }
}
