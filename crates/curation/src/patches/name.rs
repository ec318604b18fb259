//! What a patch is called.

use ecotone_core::Window;

/// The name of a patch: its first row and column on the grid of the labels.
pub(super) fn name(window: Window) -> String {
    format!("{:06}_{:06}.tif", window.row, window.col)
}
