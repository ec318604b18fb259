//! Manners of a crate: one can take it without the rest, and a stranger can start from what it brings.

use super::breach::Breach;
use cargo_metadata::Package;

/// What the published crates lack.
pub(super) fn check(packages: &[Package]) -> Vec<Breach> {
    packages.iter().filter(|package| package.publish.is_none()).flat_map(check_one).collect()
}

fn check_one(package: &Package) -> Vec<Breach> {
    let folder = package.manifest_path.parent().unwrap_or(&package.manifest_path);
    let is_library = package.targets.iter().any(|target| target.is_lib());
    let has_example = package.targets.iter().any(|target| target.is_example());
    let lacks = [
        (package.description.is_none(), "a published crate has a `description`"),
        (package.license.is_none(), "a published crate has a `license`"),
        (!folder.join("README.md").is_file(), "a published crate has a README.md"),
        (is_library && !has_example, "a library has a runnable example in examples/"),
    ];
    lacks
        .into_iter()
        .filter(|(lacking, _)| *lacking)
        .map(|(_, rule)| Breach::new(&package.name, rule))
        .collect()
}
