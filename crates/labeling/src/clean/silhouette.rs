//! How well clusters are set apart.

use ndarray::{ArrayView1, ArrayView2};

/// The mean silhouette of rows `[row, feature]` in clusters numbered from 0 (Rousseeuw 1987): of each row (b - a) / max(a, b),
/// a its mean Euclidean distance to the others of its cluster, b that to the nearest other cluster; 0 where it is alone.
/// From -1 to 1; `None` where there are not two clusters with rows.
///
/// Takes time and memory of rows squared.
pub fn silhouette(rows: ArrayView2<'_, f64>, clusters: &[usize]) -> Option<f64> {
    mean(&distances(rows), clusters)
}

/// Distances of all pairs, row after row.
pub(super) fn distances(rows: ArrayView2<'_, f64>) -> Vec<f64> {
    let count = rows.nrows();
    let mut distances = vec![0.0; count * count];
    for first in 0..count {
        for second in 0..first {
            let distance = distance(rows.row(first), rows.row(second));
            distances[first * count + second] = distance;
            distances[second * count + first] = distance;
        }
    }
    distances
}

fn distance(first: ArrayView1<'_, f64>, second: ArrayView1<'_, f64>) -> f64 {
    first.iter().zip(second).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// The mean silhouette from the distances of all pairs.
pub(super) fn mean(distances: &[f64], clusters: &[usize]) -> Option<f64> {
    let count = clusters.len();
    let mut sizes = vec![0usize; clusters.iter().max().map_or(0, |largest| largest + 1)];
    clusters.iter().for_each(|cluster| sizes[*cluster] += 1);
    if sizes.iter().filter(|size| **size > 0).count() < 2 {
        return None;
    }
    let mut sums = vec![0.0; sizes.len()];
    let mut total = 0.0;
    for (row, &own) in clusters.iter().enumerate() {
        sums.fill(0.0);
        for (distance, &cluster) in distances[row * count..][..count].iter().zip(clusters) {
            sums[cluster] += distance;
        }
        if sizes[own] == 1 {
            continue;
        }
        let within = sums[own] / (sizes[own] - 1) as f64;
        let others = (0..sizes.len()).filter(|cluster| *cluster != own && sizes[*cluster] > 0);
        let nearest =
            others.map(|cluster| sums[cluster] / sizes[cluster] as f64).fold(f64::INFINITY, f64::min);
        let largest = within.max(nearest);
        total += if largest > 0.0 { (nearest - within) / largest } else { 0.0 };
    }
    Some(total / count as f64)
}
