//! From pixels that know what they are a piece of to numbered pieces.

use std::collections::BTreeMap;

/// Numbers the pieces in the order in which they are met: one unit a key, and the number of each pixel's unit.
pub(crate) fn collect<K: Copy + Ord, U>(keys: &[K], mut make: impl FnMut(K) -> U) -> (Vec<U>, Vec<u32>) {
    let mut numbers = BTreeMap::new();
    let mut units = Vec::new();
    let mut last = None;
    let number_of = keys.iter().map(|key| {
        if let Some((known, number)) = last
            && known == *key
        {
            return number;
        }
        let number = *numbers.entry(*key).or_insert_with(|| {
            units.push(make(*key));
            units.len() as u32 - 1
        });
        last = Some((*key, number));
        number
    });
    let numbers = number_of.collect();
    (units, numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_share_a_unit() {
        let (units, numbers) = collect(&[7, 7, 3, 7, 5], |key| key * 10);
        assert_eq!((units, numbers), (vec![70, 30, 50], vec![0, 0, 1, 0, 2]));
    }
}
