//! What is known of one provider.

use super::collection::ProviderCollection;
use super::files::ProviderFiles;

/// A public catalogue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Provider {
    /// Its name in recipes and on the command line.
    pub name: &'static str,
    /// The address of its STAC API.
    pub url: &'static str,
    /// Where the files lie that its items name.
    pub files: &'static [ProviderFiles],
    /// Items that a page of its search may have without failing.
    pub page_size: usize,
    /// Its collections.
    pub collections: &'static [ProviderCollection],
}
