//! Forests in files.
//!
//! A file is, little-endian throughout: the 16 bytes `ecotone forest\r\n`, then `u32` version, classes, features and trees;
//! `f64` impurity importance of each feature; of each tree `u32` nodes and shares, then its arrays `u32` feature, `f32`
//! threshold, `u32` child, `u32` leaf (of each node) and `f32` shares; at the end the SHA-256 of all that comes before.

use super::model::RandomForest;
use super::tree::{Node, Tree};
use crate::atomic::write_atomic;
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::path::Path;

const MAGIC: &[u8; 16] = b"ecotone forest\r\n";
const VERSION: u32 = 1;
const CHECKSUM: usize = 32;

impl RandomForest {
    /// The bytes of a file. What is known [`out_of_bag`](Self::out_of_bag) is left out: it belongs to the samples.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let counts = [VERSION, self.classes as u32, self.features as u32, self.trees.len() as u32];
        bytes.extend(counts.iter().flat_map(|count| count.to_le_bytes()));
        bytes.extend(self.impurity_importance.iter().flat_map(|share| share.to_le_bytes()));
        for Tree { nodes, leaves, shares } in &self.trees {
            bytes.extend((nodes.len() as u32).to_le_bytes());
            bytes.extend((shares.len() as u32).to_le_bytes());
            bytes.extend(nodes.iter().flat_map(|node| node.feature.to_le_bytes()));
            bytes.extend(nodes.iter().flat_map(|node| node.threshold.to_le_bytes()));
            bytes.extend(nodes.iter().flat_map(|node| node.child.to_le_bytes()));
            bytes.extend(leaves.iter().flat_map(|leaf| leaf.to_le_bytes()));
            bytes.extend(shares.iter().flat_map(|share| share.to_le_bytes()));
        }
        let checksum = Sha256::digest(&bytes);
        bytes.extend(checksum);
        bytes
    }

    /// The forest of a file's bytes.
    ///
    /// # Errors
    /// What is no forest, is of another version, or is not what was written.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Error::NotAForest)?;
        let version = rest.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        if let Some(found) = version.filter(|found| *found != VERSION) {
            return Err(Error::ForestVersion { found, expected: VERSION });
        }
        let damaged = Error::DamagedForest;
        let (content, checksum) =
            bytes.split_at_checked(bytes.len().saturating_sub(CHECKSUM)).ok_or(damaged)?;
        if Sha256::digest(content).as_slice() != checksum {
            return Err(Error::DamagedForest);
        }
        read(&content[MAGIC.len() + size_of::<u32>()..]).ok_or(Error::DamagedForest)
    }

    /// Writes a file, which gets its name when it is whole.
    ///
    /// # Errors
    /// When the folder cannot be written or the disk is full.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        write_atomic(path.as_ref(), &self.to_bytes())
    }

    /// Reads a file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// A file that cannot be read, and those of [`from_bytes`](Self::from_bytes), with the path.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path);
        let bytes = bytes.map_err(|source| Error::Io { act: "reading", path: path.to_owned(), source })?;
        Self::from_bytes(&bytes)
            .map_err(|source| Error::Load { path: path.to_owned(), source: Box::new(source) })
    }
}

/// The content behind the version; nothing where it is not sound.
fn read(content: &[u8]) -> Option<RandomForest> {
    let mut reader = Reader(content);
    let [classes, features, trees] =
        [reader.number()?, reader.number()?, reader.number()?].map(|n| n as usize);
    let impurity_importance = reader.array(features, f64::from_le_bytes)?;
    // Counts of a file decide no allocation: they may be anything.
    let mut grown = Vec::new();
    for _ in 0..trees {
        grown.push(reader.tree(classes, features)?);
    }
    let whole = reader.0.is_empty() && classes > 0 && features > 0 && trees > 0;
    whole.then_some(RandomForest { trees: grown, classes, features, impurity_importance, out_of_bag: None })
}

/// The bytes that are left.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*bytes))
    }

    fn array<const N: usize, T>(&mut self, count: usize, value: impl Fn([u8; N]) -> T) -> Option<Vec<T>> {
        let (bytes, rest) = self.0.split_at_checked(count.checked_mul(N)?)?;
        self.0 = rest;
        let (chunks, _) = bytes.as_chunks::<N>();
        Some(chunks.iter().map(|bytes| value(*bytes)).collect())
    }

    fn tree(&mut self, classes: usize, features: usize) -> Option<Tree> {
        let [nodes, shares] = [self.number()?, self.number()?].map(|count| count as usize);
        let feature = self.array(nodes, u32::from_le_bytes)?;
        let threshold = self.array(nodes, f32::from_le_bytes)?;
        let child = self.array(nodes, u32::from_le_bytes)?;
        let leaves = self.array(nodes, u32::from_le_bytes)?;
        let shares = self.array(shares, f32::from_le_bytes)?;
        let nodes = feature.into_iter().zip(threshold).zip(child);
        let nodes = nodes.map(|((feature, threshold), child)| Node { threshold, feature, child }).collect();
        let tree = Tree { nodes, leaves, shares };
        is_sound(&tree, classes, features).then_some(tree)
    }
}

/// Whether every way down the tree ends, at a leaf that there is.
fn is_sound(tree: &Tree, classes: usize, features: usize) -> bool {
    let Tree { nodes, leaves, shares } = tree;
    let rows = shares.len() / classes.max(1);
    let node = |(place, (node, leaf)): (usize, (&Node, &u32))| {
        let child = node.child as usize;
        if child == place {
            return node.threshold == f32::INFINITY && node.feature == 0 && (*leaf as usize) < classes + rows;
        }
        child > place
            && child + 1 < nodes.len()
            && (node.feature as usize) < features
            && node.threshold.is_finite()
    };
    let sound_shares =
        shares.len() == rows * classes && shares.iter().all(|share| (0.0..=1.0).contains(share));
    !nodes.is_empty() && sound_shares && nodes.iter().zip(leaves).enumerate().all(node)
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
