//! Names of datatakes: of what a satellite took in one go.

/// Sentinel-2's name of a datatake without the baseline that it was processed with, so that all processings of one have the
/// same; any other name as it is.
pub(crate) fn unversioned(name: &str) -> &str {
    match name.rsplit_once("_N") {
        Some((take, baseline)) if baseline.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => take,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_baseline_is_no_part_of_the_name() {
        assert_eq!(unversioned("GS2A_20220501T100031_035800_N04.00"), "GS2A_20220501T100031_035800");
        assert_eq!(unversioned("GS2A_20220501T100031_035800"), "GS2A_20220501T100031_035800");
        assert_eq!(unversioned("A_NORTH"), "A_NORTH");
        assert_eq!(unversioned("328245"), "328245");
    }
}
