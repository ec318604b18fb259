//! Small OpenStreetMap extracts as `.osm.pbf`, since no tool at hand writes them: protocol buffers by hand, with plain
//! nodes and without compression (wiki.openstreetmap.org/wiki/PBF_Format).

use std::fs;
use std::path::{Path, PathBuf};

/// A way: places as longitude and latitude, and tags.
pub(crate) struct Way<'a> {
    pub(crate) places: &'a [(f64, f64)],
    pub(crate) tags: &'a [(&'a str, &'a str)],
}

/// Writes ways; gives their path.
pub(crate) fn osm_file(folder: &Path, name: &str, ways: &[Way<'_>]) -> PathBuf {
    let mut words = vec![String::new()];
    let mut word = |text: &str| -> u64 {
        let place = words.iter().position(|known| known == text).unwrap_or_else(|| {
            words.push(text.to_owned());
            words.len() - 1
        });
        place as u64
    };
    let (mut nodes, mut lines, mut next) = (Vec::new(), Vec::new(), 1);
    for (number, way) in ways.iter().enumerate() {
        let (mut refs, first, mut before) = (Vec::new(), next, 0);
        for (place, (lon, lat)) in way.places.iter().enumerate() {
            // A way that ends where it began is closed by the same node: only then can it be an area.
            if place > 0 && way.places[place] == way.places[0] {
                refs.extend(varint(zigzag(first - before)));
                continue;
            }
            // In units of 1e-7 degrees: the default granularity of 100 nanodegrees.
            let degrees = |value: f64| zigzag((value * 1e7).round() as i64);
            let node = [
                number_field(1, zigzag(next)),
                number_field(8, degrees(*lat)),
                number_field(9, degrees(*lon)),
            ];
            nodes.extend(bytes_field(1, &node.concat()));
            refs.extend(varint(zigzag(next - before)));
            before = next;
            next += 1;
        }
        let keys: Vec<u8> = way.tags.iter().flat_map(|(key, _)| varint(word(key))).collect();
        let values: Vec<u8> = way.tags.iter().flat_map(|(_, value)| varint(word(value))).collect();
        let fields = [
            number_field(1, number as u64 + 1),
            bytes_field(2, &keys),
            bytes_field(3, &values),
            bytes_field(8, &refs),
        ];
        lines.extend(bytes_field(3, &fields.concat()));
    }
    let words: Vec<u8> = words.iter().flat_map(|text| bytes_field(1, text.as_bytes())).collect();
    let data = [bytes_field(1, &words), bytes_field(2, &nodes), bytes_field(2, &lines)].concat();
    let header = bytes_field(4, b"OsmSchema-V0.6");
    let path = folder.join(name);
    fs::write(&path, [block("OSMHeader", &header), block("OSMData", &data)].concat()).unwrap();
    path
}

fn block(kind: &str, data: &[u8]) -> Vec<u8> {
    let blob = bytes_field(1, data);
    let header = [bytes_field(1, kind.as_bytes()), number_field(3, blob.len() as u64)].concat();
    [&(header.len() as u32).to_be_bytes()[..], &header, &blob].concat()
}

fn number_field(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes_field(field: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}
