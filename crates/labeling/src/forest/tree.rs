//! A grown tree: flat arrays of nodes, and the way down them.

/// One node. A leaf leads to itself, whatever the value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    /// `x[feature] <= threshold` goes to `child`, else to the node after it.
    pub(super) threshold: f32,
    pub(super) feature: u32,
    pub(super) child: u32,
}

/// A classification tree. Children come after their parent, the left one right before the right one.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Of a leaf: its class where it has but one, else the number of classes + its place in `shares`. 0 elsewhere.
    pub(super) leaves: Vec<u32>,
    /// Class shares of mixed leaves, one row each.
    pub(super) shares: Vec<f32>,
}

/// Rows that go down a tree side by side, so that one waits for memory while another compares.
const LANES: usize = 16;

impl Tree {
    /// Adds a node to be filled, and gives its number.
    pub(super) fn push(&mut self) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { threshold: f32::INFINITY, feature: 0, child: node as u32 });
        self.leaves.push(0);
        node
    }

    /// Makes a node a leaf with these class weights.
    pub(super) fn set_leaf(&mut self, node: usize, totals: &[f64], weight: f64) {
        let mut occurring = totals.iter().enumerate().filter(|(_, total)| **total > 0.0);
        self.leaves[node] = match (occurring.next(), occurring.next()) {
            (Some((class, _)), None) => class as u32,
            _ => {
                let row = self.shares.len() / totals.len();
                self.shares.extend(totals.iter().map(|total| (total / weight) as f32));
                (totals.len() + row) as u32
            }
        };
    }

    /// Adds to `sums`, `[row, class]`, the class shares that each of `rows` of `values`, `[row, feature]`, ends at.
    pub(super) fn add_shares(
        &self,
        values: &[f32],
        features: usize,
        rows: &[u32],
        classes: usize,
        sums: &mut [f64],
    ) {
        for some in rows.chunks(LANES) {
            let mut starts = [0usize; LANES];
            for (start, &row) in starts.iter_mut().zip(some) {
                *start = row as usize * features;
            }
            let ends = self.descend(values, &starts);
            for (&row, end) in some.iter().zip(ends) {
                let leaf = self.leaves[end as usize] as usize;
                let sums = &mut sums[row as usize * classes..][..classes];
                match leaf.checked_sub(classes) {
                    None => sums[leaf] += 1.0,
                    Some(place) => {
                        let shares = &self.shares[place * classes..][..classes];
                        sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += f64::from(*share));
                    }
                }
            }
        }
    }

    /// The leaf that each row, starting there in `values`, ends at.
    fn descend(&self, values: &[f32], starts: &[usize; LANES]) -> [u32; LANES] {
        let mut at = [0u32; LANES];
        loop {
            let mut moved = 0;
            for (at, start) in at.iter_mut().zip(starts) {
                let node = self.nodes[*at as usize];
                let goes_right = values[start + node.feature as usize] > node.threshold;
                let next = node.child + u32::from(goes_right);
                moved |= next ^ *at;
                *at = next;
            }
            if moved == 0 {
                return at;
            }
        }
    }
}
