//! Buckets of stores that speak S3, each with what opens it.

use super::secret::Secret;
use crate::{Error, Result};

/// A bucket, such as `eodata` of `s3://eodata/…`, and how it is asked. What is not said of it is taken from GDAL's own
/// options, `AWS_ACCESS_KEY_ID` and the like.
#[derive(Clone, PartialEq, Eq)]
pub struct Bucket {
    name: String,
    options: Vec<(&'static str, Secret)>,
}

/// Buckets that anyone may read without a key, and the region of each.
const OPEN: [(&str, &str); 8] = [
    ("copernicus-dem-30m", "eu-central-1"),
    ("dea-public-data", "ap-southeast-2"),
    ("deafrica-landsat", "af-south-1"),
    ("deafrica-sentinel-1", "af-south-1"),
    ("deafrica-sentinel-2", "af-south-1"),
    ("deafrica-services", "af-south-1"),
    ("esa-worldcover", "eu-central-1"),
    ("sentinel-cogs", "us-west-2"),
];

impl Bucket {
    /// A bucket of which nothing is said yet.
    ///
    /// # Errors
    /// When no bucket can be called so.
    pub fn named(name: &str) -> Result<Self> {
        let is_name = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
        match is_name {
            true => Ok(Self { name: name.to_owned(), options: Vec::new() }),
            false => {
                Err(Error::Credential { host: format!("s3://{name}"), expected: "the name of a bucket" })
            }
        }
    }

    /// Of another server than Amazon's: its host, and port where that is not the usual one. It is asked as
    /// `https://host/bucket/…`.
    #[must_use]
    pub fn at(self, host: &str) -> Self {
        self.with("AWS_S3_ENDPOINT", host).with("AWS_VIRTUAL_HOSTING", "FALSE")
    }

    /// In a region of Amazon's.
    #[must_use]
    pub fn in_region(self, region: &str) -> Self {
        self.with("AWS_REGION", region)
    }

    /// Asked without a key.
    #[must_use]
    pub fn open(self) -> Self {
        self.with("AWS_NO_SIGN_REQUEST", "YES")
    }

    /// With keys of its own.
    #[must_use]
    pub fn with_keys(self, id: &str, secret: &str) -> Self {
        // A session belongs to other keys.
        self.with("AWS_ACCESS_KEY_ID", id)
            .with("AWS_SECRET_ACCESS_KEY", secret)
            .with("AWS_SESSION_TOKEN", "")
            .with("AWS_NO_SIGN_REQUEST", "NO")
    }

    fn with(mut self, key: &'static str, value: &str) -> Self {
        self.options.push((key, Secret::new(value.trim())));
        self
    }

    /// Those that anyone may read.
    pub(super) fn open_ones() -> impl Iterator<Item = Self> {
        OPEN.iter().filter_map(|(name, region)| Some(Self::named(name).ok()?.in_region(region).open()))
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// GDAL's options for its files.
    pub(super) fn options(&self) -> impl Iterator<Item = (&'static str, &Secret)> {
        self.options.iter().map(|(key, value)| (*key, value))
    }

    /// Sees that no text shows what is secret of it.
    pub(super) fn watch(&self) {
        for (key, value) in &self.options {
            if matches!(*key, "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY") {
                value.watch();
            }
        }
    }
}

/// Its name.
impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Bucket").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_prints_its_name_alone() {
        let bucket = Bucket::named("eodata").unwrap().at("a.org").with_keys("KEYKEYKEY", "HIDDENHIDDEN");
        assert_eq!(format!("{bucket:?}"), "Bucket(\"eodata\")");
        assert_eq!(bucket.options().find(|(key, _)| *key == "AWS_S3_ENDPOINT").unwrap().1.open(), "a.org");
    }

    #[test]
    fn names_are_those_of_buckets() {
        assert!(["", "a/b", "s3://a", "a b"].iter().all(|name| Bucket::named(name).is_err()));
        assert_eq!(Bucket::open_ones().count(), OPEN.len());
    }
}
