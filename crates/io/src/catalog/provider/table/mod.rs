//! The table itself, a file for each of those who provide.

mod copernicus;
mod digital_earth;
mod earth_search;
mod earthdata;
mod planetary_computer;
mod usgs;

use super::entry::Provider;

const PROVIDERS: [Provider; 9] = [
    earth_search::V1,
    earth_search::V0,
    planetary_computer::PROVIDER,
    copernicus::PROVIDER,
    earthdata::HLS,
    earthdata::OPERA,
    usgs::PROVIDER,
    digital_earth::AFRICA,
    digital_earth::AUSTRALIA,
];

/// All that are known.
pub fn providers() -> &'static [Provider] {
    static TABLE: [Provider; PROVIDERS.len()] = PROVIDERS;
    &TABLE
}

/// The one of a name, in upper or lower case.
pub fn provider_named(name: &str) -> Option<&'static Provider> {
    providers().iter().find(|provider| provider.name.eq_ignore_ascii_case(name))
}

/// Items that a page of the search at an address may have; `None` where nothing is known of it.
pub(in crate::catalog) fn page_size_at(address: &str) -> Option<usize> {
    providers().iter().find(|provider| address.starts_with(provider.url)).map(|provider| provider.page_size)
}
