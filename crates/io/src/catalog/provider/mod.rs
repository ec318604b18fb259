//! What is known of the great public catalogues, as data: where they are, how their items are known, and what their masks
//! and numbers mean.

mod collection;
mod entry;
mod files;
mod known;
mod mask;
mod offset;
mod pattern;
mod table;

pub use collection::ProviderCollection;
pub use entry::Provider;
pub use known::KnownScene;
pub use mask::{ProviderMask, ProviderMaskKind};
pub use offset::OffsetSource;
pub(super) use table::page_size_at;
pub use table::{provider_named, providers};
