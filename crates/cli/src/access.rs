//! What the environment says of getting in. GDAL reads its own variables (`AWS_…`, `AZURE_…`, `GDAL_…`) itself.

use anyhow::{Context, Result, bail};
use ecotone_jobs::{Bucket, Credentials};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Tokens by the variable that holds one, and the hosts that it is for.
const TOKENS: [(&str, &[&str]); 2] = [
    ("EARTHDATA_TOKEN", &["*.earthdata.nasa.gov", "*.earthdatacloud.nasa.gov"]),
    ("CDSE_TOKEN", &["*.dataspace.copernicus.eu"]),
];

/// Tokens for other hosts, as `host=token`, separated by blanks or commas.
const OTHERS: &str = "ECOTONE_TOKENS";

/// CDSE's files by S3.
const CDSE_BUCKET: &str = "eodata";
const CDSE_STORE: &str = "eodata.dataspace.copernicus.eu";

/// Puts to use what the environment of this process holds.
pub(crate) fn install() -> Result<()> {
    let credentials = credentials(|name| std::env::var_os(name), |path| std::fs::read_to_string(path))?;
    ecotone_jobs::use_credentials(credentials);
    Ok(())
}

/// No value of a variable may come into an error.
fn credentials(
    variable: impl Fn(&str) -> Option<OsString>,
    read: impl Fn(&Path) -> std::io::Result<String>,
) -> Result<Credentials> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let text = |name: &str| match set(name).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(_)) => bail!("{name} holds what is no text"),
    };
    let mut credentials = Credentials::default();
    for (name, hosts) in TOKENS {
        let Some(token) = text(name)? else { continue };
        for host in hosts {
            credentials = credentials.with_token(host, &token).context(name)?;
        }
    }
    for pair in text(OTHERS)?.unwrap_or_default().split([' ', ',', '\n']).filter(|pair| !pair.is_empty()) {
        let Some((host, token)) = pair.split_once('=') else {
            bail!("{OTHERS} holds a word without `=`, expected host=token");
        };
        credentials = credentials.with_token(host, token).context(OTHERS)?;
    }
    if let Some(key) = text("PC_SDK_SUBSCRIPTION_KEY")? {
        credentials = credentials.with_planetary_computer_key(&key).context("PC_SDK_SUBSCRIPTION_KEY")?;
    }
    // Beside keys of Amazon's, which GDAL takes for all other buckets.
    if let (Some(id), Some(secret)) = (text("CDSE_S3_ACCESS_KEY")?, text("CDSE_S3_SECRET_KEY")?) {
        let bucket = Bucket::named(CDSE_BUCKET)?.at(CDSE_STORE).with_keys(&id, &secret);
        credentials = credentials.with_bucket(bucket);
    }
    let home = || set("HOME").or_else(|| set("USERPROFILE")).map(PathBuf::from);
    match (set("NETRC").map(PathBuf::from), home()) {
        (Some(path), _) => {
            let text = read(&path).with_context(|| format!("NETRC: reading {}", path.display()))?;
            Ok(credentials.with_logins(&text))
        }
        // Most people have none.
        (None, Some(home)) => match read(&home.join(".netrc")) {
            Ok(text) => Ok(credentials.with_logins(&text)),
            Err(_) => Ok(credentials),
        },
        (None, None) => Ok(credentials),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], netrc: Option<(&str, &str)>) -> Result<Credentials> {
        credentials(
            |name| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.into()),
            |path| match netrc {
                Some((place, text)) if Path::new(place) == path => Ok(text.to_owned()),
                _ => Err(std::io::ErrorKind::NotFound.into()),
            },
        )
    }

    #[track_caller]
    fn check(variables: &[(&str, &str)], netrc: Option<(&str, &str)>, expected: &Credentials) {
        assert_eq!(&of(variables, netrc).unwrap(), expected);
    }

    #[test]
    fn each_variable_is_for_its_hosts() {
        let none = Credentials::default;
        check(&[], None, &none());
        check(&[("EARTHDATA_TOKEN", "")], None, &none());
        let earthdata = none()
            .with_token("*.earthdata.nasa.gov", "abc")
            .and_then(|c| c.with_token("*.earthdatacloud.nasa.gov", "abc"))
            .unwrap();
        check(&[("EARTHDATA_TOKEN", "abc")], None, &earthdata);
        check(
            &[("CDSE_TOKEN", "abc")],
            None,
            &none().with_token("*.dataspace.copernicus.eu", "abc").unwrap(),
        );
        let others = none().with_token("a.org", "x=").and_then(|c| c.with_token("b.org:8443", "y")).unwrap();
        check(&[("ECOTONE_TOKENS", "a.org=x=, b.org:8443=y")], None, &others);
        let key = none().with_planetary_computer_key("0a1b").unwrap();
        check(&[("PC_SDK_SUBSCRIPTION_KEY", "0a1b")], None, &key);
        let eodata =
            Bucket::named("eodata").unwrap().at("eodata.dataspace.copernicus.eu").with_keys("id", "key");
        let keys = [("CDSE_S3_ACCESS_KEY", "id"), ("CDSE_S3_SECRET_KEY", "key")];
        check(&keys, None, &none().with_bucket(eodata));
        check(&keys[..1], None, &none());
        let netrc = "machine a.org login me password pw";
        check(&[("HOME", "/home/me")], Some(("/home/me/.netrc", netrc)), &none().with_logins(netrc));
        check(&[("HOME", "/home/me"), ("NETRC", "/x")], Some(("/x", netrc)), &none().with_logins(netrc));
        check(&[("HOME", "/home/me")], None, &none());
    }

    #[test]
    fn what_cannot_be_used_is_said_without_itself() {
        for (name, value) in [
            ("EARTHDATA_TOKEN", "HIDDEN HIDDEN"),
            ("ECOTONE_TOKENS", "HIDDEN"),
            ("ECOTONE_TOKENS", "a.org=HIDDEN\u{7}"),
            ("PC_SDK_SUBSCRIPTION_KEY", "HIDDEN&x"),
            ("NETRC", "/none"),
        ] {
            let error = format!("{:#}", of(&[(name, value)], None).unwrap_err());
            assert!(error.contains(name) && !error.contains("HIDDEN"), "{error}");
        }
    }
}
