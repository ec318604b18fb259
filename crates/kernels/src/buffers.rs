//! Memory that is used again: fresh pages of hundreds of megabytes cost more than what is computed into them.

use std::sync::{Mutex, PoisonError};

/// Buffers below this many numbers are left to the allocator, which keeps them itself.
const SMALL: usize = 1 << 15;
/// So many numbers are kept at most (1 GiB), in so many buffers.
const KEPT: usize = 1 << 28;
const BUFFERS: usize = 32;

static FREE: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// `length` numbers of any value, to be written before they are read.
pub fn buffer(length: usize) -> Vec<f32> {
    if length >= SMALL {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |buffer: &Vec<f32>| buffer.len() >= length && buffer.len() / 2 <= length;
        let best = (0..free.len()).filter(|place| fits(&free[*place])).min_by_key(|place| free[*place].len());
        if let Some(place) = best {
            let mut buffer = free.remove(place);
            buffer.truncate(length);
            return buffer;
        }
        // As much goes as comes, first what has lain longest: sizes change, and the memory of all stays what is needed at once.
        let mut left = length;
        while left > 0 && !free.is_empty() {
            left = left.saturating_sub(free.remove(0).capacity());
        }
    }
    vec![0.0; length]
}

/// Keeps the memory of numbers that nobody needs any more for another [`buffer`], up to 1 GiB in all.
pub fn reuse(values: Vec<f32>) {
    if values.len() < SMALL {
        return;
    }
    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    free.push(values);
    while free.len() > BUFFERS || free.iter().map(Vec::capacity).sum::<usize>() > KEPT {
        free.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_where_it_fits() {
        let length = 3 * SMALL + 11;
        let values = vec![1.0; length];
        let place = values.as_ptr();
        reuse(values);
        let again = buffer(length - 5);
        assert_eq!((again.as_ptr(), again.len()), (place, length - 5));
        reuse(again);
        let [small, large] = [length / 3, 2 * length].map(buffer);
        assert!(small.as_ptr() != place && large.len() == 2 * length);
    }
}
