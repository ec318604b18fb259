//! Files that appear under their names only when whole: of any kind, and cloud-optimised GeoTIFFs.

mod atomic;
mod cog;
mod sidecar;

pub use atomic::{Staged, write_atomic};
pub(crate) use atomic::{folder_of, partial_name, sync_file, sync_folder};
pub use cog::{CogOptions, CogWriter, Content, write_cog};
