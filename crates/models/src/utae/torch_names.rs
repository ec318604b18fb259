//! The names of the tensors in the published module, as ours.

/// The name here of a tensor of the published module, if it is one.
pub(super) fn ours(name: &str) -> Option<String> {
    let (module, tensor) = name.rsplit_once('.')?;
    let parts: Vec<&str> = module.split('.').collect();
    Some(match parts.as_slice() {
        ["in_conv", "conv", "conv", place] => format!("input.{}", conv(place, tensor)?),
        ["out_conv", "conv", "conv", place] => format!("head.{}", conv(place, tensor)?),
        ["down_blocks", level, block, "conv", place] => {
            format!("down.{level}.{}", member(block, place, tensor)?)
        }
        ["up_blocks", level, "skip_conv", place] => format!("up.{level}.{}", member("skip", place, tensor)?),
        ["up_blocks", level, "up", "0"] => format!("up.{level}.double.{tensor}"),
        ["up_blocks", level, "up", "1"] => format!("up.{level}.double_norm.{}", normalisation(tensor)),
        ["up_blocks", level, block, "conv", place] => {
            format!("up.{level}.{}", member(block, place, tensor)?)
        }
        ["temporal_encoder", rest @ ..] => format!("attention.{}", attention(rest, tensor)?),
        _ => return None,
    })
}

/// Convolutions in a row, each followed by normalisation and rectifier.
fn conv(place: &str, tensor: &str) -> Option<String> {
    let place: usize = place.parse().ok()?;
    Some(match place % 3 {
        0 => format!("{}.conv.{tensor}", place / 3),
        _ => format!("{}.norm.{}", place / 3, normalisation(tensor)),
    })
}

/// A convolution of a block.
fn member(block: &str, place: &str, tensor: &str) -> Option<String> {
    let block = match block {
        "down" => "halve",
        "conv1" => "first",
        "conv2" => "second",
        "skip" => "skip",
        _ => return None,
    };
    Some(match place {
        "0" => format!("{block}.conv.{tensor}"),
        _ => format!("{block}.norm.{}", normalisation(tensor)),
    })
}

fn attention(module: &[&str], tensor: &str) -> Option<String> {
    Some(match (module, tensor) {
        (["attention_heads"], "Q") => "query".to_owned(),
        (["attention_heads", "fc1_k"], _) => format!("keys.{tensor}"),
        (["inconv"], _) => format!("project.{tensor}"),
        (["in_norm"], _) => format!("input_norm.{}", normalisation(tensor)),
        (["out_norm"], _) => format!("output_norm.{}", normalisation(tensor)),
        (["mlp", "0"], _) => format!("mix.{tensor}"),
        (["mlp", "1"], _) => format!("mix_norm.{}", normalisation(tensor)),
        _ => return None,
    })
}

fn normalisation(tensor: &str) -> &str {
    match tensor {
        "weight" => "gamma",
        "bias" => "beta",
        other => other,
    }
}
