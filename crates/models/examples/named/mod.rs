//! A network by its name, or by its settings.

use ecotone_models::NetworkConfig;

/// `word` is a name of `ecotone networks`, for the network as published, or JSON such as
/// `{"kind": "unet", "channels": 12, "classes": 4, "width": 8}`.
pub(crate) fn network(
    word: &str,
    channels: usize,
    classes: usize,
) -> Result<NetworkConfig, Box<dyn std::error::Error>> {
    if word.starts_with('{') {
        return Ok(serde_json::from_str(word)?);
    }
    let named = |network: &NetworkConfig| network.clone().check().is_ok_and(|network| network.name() == word);
    let found = NetworkConfig::all(channels, classes).into_iter().find(named);
    Ok(found.ok_or_else(|| format!("no network `{word}`"))?)
}
