//! Getting in: who asks which server with what, how addresses are signed, and how secrets stay out of what is said.
//!
//! A credential belongs to a host. It is looked up for each request by the address that is asked, so that another host
//! never gets it, whoever names that: a catalogue's link, an item's href, or a redirect.

mod bucket;
mod credentials;
mod host;
mod in_use;
mod netrc;
mod planetary_computer;
mod secret;
mod unsigned;

pub use bucket::Bucket;
pub use credentials::Credentials;
pub use in_use::use_credentials;
pub use secret::without_secrets;
pub use unsigned::unsigned_address;

pub(crate) use host::is_one_host;
pub(crate) use in_use::{authorization, gdal_name};
pub(crate) use planetary_computer::marked;
