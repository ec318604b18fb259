//! The list of known providers, for people and scripts.

use ecotone_io::{Provider, ProviderCollection};
use serde::Serialize;

/// Collections of a provider that are masked and counted alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderLine {
    /// The provider's name, as `inputs.catalog` takes it.
    pub name: &'static str,
    /// The address of its STAC API.
    pub url: &'static str,
    /// Identifiers of the collections.
    pub collections: Vec<&'static str>,
    /// The kind of mask as `inputs.mask.kind` takes it; `none` where there is none.
    pub mask_kind: &'static str,
    /// Names of the asset that holds it: items have one of them.
    pub mask_assets: Vec<&'static str>,
    /// How numbers become reflectance.
    pub offset_rule: String,
}

/// What is known of the public catalogues, provider by provider.
pub fn providers() -> Vec<ProviderLine> {
    ecotone_io::providers().iter().flat_map(lines).collect()
}

fn lines(provider: &Provider) -> Vec<ProviderLine> {
    let mut lines: Vec<ProviderLine> = Vec::new();
    for collection in provider.collections {
        let line = line(provider, collection);
        let alike = |known: &&mut ProviderLine| {
            (known.mask_kind, &known.mask_assets, &known.offset_rule)
                == (line.mask_kind, &line.mask_assets, &line.offset_rule)
        };
        match lines.iter_mut().find(alike) {
            Some(known) => known.collections.extend(&line.collections),
            None => lines.push(line),
        }
    }
    lines
}

fn line(provider: &Provider, collection: &ProviderCollection) -> ProviderLine {
    ProviderLine {
        name: provider.name,
        url: provider.url,
        collections: vec![collection.id],
        mask_kind: collection.mask.map_or("none", |mask| mask.kind.name()),
        mask_assets: collection.mask.map(|mask| mask.assets.to_vec()).unwrap_or_default(),
        offset_rule: collection.offset.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_that_are_alike_share_a_line() {
        let lines = providers();
        let hls: Vec<_> = lines.iter().filter(|line| line.name == "lpdaac").collect();
        assert_eq!((hls.len(), &hls[0].collections[..]), (1, &["HLSS30_2.0", "HLSL30_2.0"][..]));
        assert_eq!((hls[0].mask_kind, &hls[0].mask_assets[..]), ("fmask", &["Fmask"][..]));
        let kinds = lines.iter().filter(|line| line.name == "planetary-computer").map(|line| line.mask_kind);
        assert_eq!(kinds.collect::<Vec<_>>(), ["scl", "bits", "fmask", "none"]);
        let json = serde_json::to_value(&lines[0]).unwrap();
        let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["name", "url", "collections", "mask_kind", "mask_assets", "offset_rule"]);
    }
}
