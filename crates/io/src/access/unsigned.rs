//! Addresses without the signatures that open them for an hour or so.

/// Names that only signatures have, of Amazon (version 4) and Google.
const PREFIXES: [&str; 2] = ["x-amz-", "x-goog-"];

/// What a shared access signature of Azure consists of, besides `sig`.
const AZURE: [&str; 17] = [
    "se", "sp", "sv", "sr", "st", "spr", "sip", "si", "ss", "srt", "sdd", "skoid", "sktid", "skt", "ske",
    "sks", "skv",
];

/// What older signatures of Amazon and Google and those of CloudFront consist of, besides `Signature`.
const OTHERS: [&str; 5] = ["expires", "awsaccesskeyid", "googleaccessid", "key-pair-id", "policy"];

/// An address without the parts of its query that are a signature; paths are no addresses and stay as they are.
pub fn unsigned_address(text: &str) -> String {
    let Some((place, rest)) = text.split_once('?').filter(|(place, _)| place.contains("://")) else {
        return text.to_owned();
    };
    let (query, fragment) = rest.split_at(rest.find('#').unwrap_or(rest.len()));
    let name = |part: &str| part.split('=').next().unwrap_or(part).to_ascii_lowercase();
    let has = |wanted: &str| query.split('&').any(|part| name(part) == wanted);
    let (azure, other) = (has("sig"), has("signature"));
    let is_of_signature = |part: &&str| {
        let name = name(part);
        PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            || (azure && (name == "sig" || AZURE.contains(&name.as_str())))
            || (other && (name == "signature" || OTHERS.contains(&name.as_str())))
    };
    let kept: Vec<&str> = query.split('&').filter(|part| !is_of_signature(part)).collect();
    match kept.is_empty() {
        true => format!("{place}{fragment}"),
        false => format!("{place}?{}{fragment}", kept.join("&")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(signed: &str, expected: &str) {
        assert_eq!(unsigned_address(signed), expected);
        assert_eq!(unsigned_address(expected), expected);
    }

    #[test]
    fn signatures_are_left_out_and_nothing_else() {
        let azure = "st=2024-05-01T00%3A00%3A00Z&se=2024-05-02&sp=rl&sv=2021-06-08&sr=c&skoid=1&sktid=2&skt=3&ske=4&sks=b&skv=5&spr=https&sig=SECRET%3D";
        check(
            &format!("https://a.blob.core.windows.net/c/B04.tif?{azure}"),
            "https://a.blob.core.windows.net/c/B04.tif",
        );
        check(
            &format!("https://a.blob.core.windows.net/c/B04.tif?v=2&{azure}&w=3#x"),
            "https://a.blob.core.windows.net/c/B04.tif?v=2&w=3#x",
        );
        check(
            "https://b.s3.amazonaws.com/B04.tif?X-Amz-Algorithm=AWS4&X-Amz-Credential=SECRET&X-Amz-Expires=60&x-amz-signature=SECRET&versionId=7",
            "https://b.s3.amazonaws.com/B04.tif?versionId=7",
        );
        check(
            "https://storage.googleapis.com/b/B04.tif?X-Goog-Signature=SECRET&X-Goog-Date=1",
            "https://storage.googleapis.com/b/B04.tif",
        );
        check(
            "https://c.cloudfront.net/a.tif?Expires=1&Policy=p&Signature=SECRET&Key-Pair-Id=K",
            "https://c.cloudfront.net/a.tif",
        );
        check("/vsicurl/https://a.org/a.tif?sig=SECRET", "/vsicurl/https://a.org/a.tif");
        // Without a signature these are names like others; a question mark in a path is part of it.
        check("https://a.org/a.tif?st=1&sp=2&expires=never", "https://a.org/a.tif?st=1&sp=2&expires=never");
        check("https://a.org/a.tif?", "https://a.org/a.tif?");
        check("/data/what?sig=1.tif", "/data/what?sig=1.tif");
        check("s3://bucket/a.tif", "s3://bucket/a.tif");
    }

    proptest! {
        #[test]
        fn what_is_unsigned_stays_so(parts in proptest::collection::vec("(sig|se|sp|Signature|Expires|X-Amz-Date|id|v)=[a-z0-9]{0,4}", 0..6)) {
            let text = format!("https://a.org/a.tif?{}", parts.join("&"));
            let unsigned = unsigned_address(&text);
            prop_assert_eq!(&unsigned_address(&unsigned), &unsigned);
            for part in parts.iter().filter(|part| part.starts_with("id=") || part.starts_with("v=")) {
                prop_assert!(unsigned.contains(part.as_str()));
            }
            prop_assert!(!unsigned.contains("sig=") && !unsigned.contains("X-Amz"));
        }
    }
}
