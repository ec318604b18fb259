//! What is known of one provider.

use super::collection::ProviderCollection;

/// A public catalogue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Provider {
    /// Its name in recipes and on the command line.
    pub name: &'static str,
    /// The address of its STAC API.
    pub url: &'static str,
    /// Where the files lie that its items name: hosts, and buckets as `s3://usgs-landsat`.
    pub files: &'static [&'static str],
    /// Items that a page of its search may have without failing.
    pub page_size: usize,
    /// Its collections.
    pub collections: &'static [ProviderCollection],
}
