//! The roads on the ground: a motorway, roads from town to town, streets, tracks.

use super::towns::Town;
use super::way::{Highway, Place, STEP, Way, bent, length};
use crate::noise::{Purpose, mix, seed_for, uniform};

/// Tracks for each square kilometre.
const TRACKS: f32 = 2.6;
/// Length in metres after which a road becomes another way, as in OpenStreetMap.
const WAY_LENGTH: f32 = 600.0;

/// All ways of an area of `side` metres, the widest last, so that it lies on top.
pub(crate) fn network(seed: u64, side: f32, towns: &[Town], wet: impl Fn(Place) -> bool) -> Vec<Way> {
    let seed = seed_for(seed, Purpose::Streets);
    let mut through = Vec::new();
    motorway(seed, side, &mut through);
    between_towns(seed, side, towns, &mut through);
    let mut ways = Vec::new();
    towns.iter().for_each(|town| town.streets(&mut ways));
    tracks(seed, side, &through, towns, wet, &mut ways);
    through.iter().for_each(|way| cut(way, &mut ways));
    ways.sort_by_key(|way| std::cmp::Reverse(way.highway));
    ways
}

/// Cuts a long road into ways.
fn cut(way: &Way, out: &mut Vec<Way>) {
    let points = (WAY_LENGTH / STEP) as usize;
    let mut first = 0;
    while first + 1 < way.points.len() {
        let last = (first + points).min(way.points.len() - 1);
        let key = mix(way.key ^ mix(first as u64));
        out.push(Way { highway: way.highway, points: way.points[first..=last].to_vec(), key });
        first = last;
    }
}

/// From edge to edge.
fn motorway(seed: u64, side: f32, out: &mut Vec<Way>) {
    let pick = |n: u64| uniform(mix(seed ^ n));
    let (a, b) = (side * (0.15 + 0.7 * pick(1)), side * (0.15 + 0.7 * pick(2)));
    let (from, to) = if pick(3) < 0.5 { ((0.0, a), (side, b)) } else { ((a, 0.0), (b, side)) };
    out.push(Way {
        highway: Highway::Motorway,
        points: bent(from, to, 0.06, mix(seed ^ 4)),
        key: mix(seed ^ 5),
    });
}

/// The shortest tree over all towns (Prim), some loops, and ways out of the area.
fn between_towns(seed: u64, side: f32, towns: &[Town], out: &mut Vec<Way>) {
    let apart = |a: usize, b: usize| {
        (towns[a].centre.0 - towns[b].centre.0).hypot(towns[a].centre.1 - towns[b].centre.1)
    };
    let mut joined = vec![0usize];
    let mut pairs = Vec::new();
    while joined.len() < towns.len() {
        let open = (0..towns.len()).filter(|town| !joined.contains(town));
        let reach = open.flat_map(|b| joined.iter().map(move |a| (*a, b)));
        let Some((a, b)) = reach.min_by(|x, y| apart(x.0, x.1).total_cmp(&apart(y.0, y.1))) else { break };
        joined.push(b);
        pairs.push((a, b));
    }
    for a in 0..towns.len() {
        for b in a + 1..towns.len() {
            let luck = uniform(mix(towns[a].key ^ mix(towns[b].key)));
            if !pairs.contains(&(a, b))
                && !pairs.contains(&(b, a))
                && apart(a, b) < 0.45 * side
                && luck < 0.22
            {
                pairs.push((a, b));
            }
        }
    }
    for (number, (a, b)) in pairs.into_iter().enumerate() {
        let key = mix(seed ^ (100 + number as u64));
        let highway = if a.min(b) < 2 && uniform(key) < 0.7 { Highway::Primary } else { Highway::Secondary };
        out.push(Way { highway, points: bent(towns[a].centre, towns[b].centre, 0.10, key), key });
    }
    for (number, town) in towns.iter().enumerate() {
        let (x, y) = town.centre;
        let gates = [(x, (0.0, y)), (side - x, (side, y)), (y, (x, 0.0)), (side - y, (x, side))];
        let Some((distance, gate)) = gates.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        if distance < 0.28 * side {
            let key = mix(town.key ^ 77);
            let highway = if number < 2 { Highway::Primary } else { Highway::Secondary };
            out.push(Way { highway, points: bent(town.centre, gate, 0.10, key), key });
        }
    }
}

/// From a road into the fields and woods, ending at water, at a town or after some hundred metres.
fn tracks(
    seed: u64,
    side: f32,
    roads: &[Way],
    towns: &[Town],
    wet: impl Fn(Place) -> bool,
    out: &mut Vec<Way>,
) {
    let roads: Vec<&Way> =
        roads.iter().filter(|way| way.highway != Highway::Motorway && way.points.len() > 4).collect();
    if roads.is_empty() {
        return;
    }
    let mut ends: Vec<(Place, f32)> = Vec::new();
    for number in 0..(TRACKS * side * side / 1e6).ceil() as u64 {
        let key = mix(seed ^ (10_000 + number));
        let pick = |n: u64| uniform(mix(key ^ n));
        // A third starts where another track ends.
        let (from, along) = if pick(1) < 0.33 && !ends.is_empty() {
            ends.swap_remove((pick(2) * ends.len() as f32) as usize)
        } else {
            let road = roads[(pick(3) * roads.len() as f32) as usize];
            let at = 1 + (pick(4) * (road.points.len() - 2) as f32) as usize;
            let (a, b) = (road.points[at - 1], road.points[at]);
            (b, libm::atan2f(b.1 - a.1, b.0 - a.0))
        };
        let turn =
            if pick(5) < 0.5 { 1.0 } else { -1.0 } * (0.5 + 0.3 * (pick(6) - 0.5)) * std::f32::consts::PI;
        let (angle, reach) = (along + turn, 250.0 + 1100.0 * pick(7) * pick(8) + 300.0 * pick(9));
        let to = (from.0 + reach * libm::cosf(angle), from.1 + reach * libm::sinf(angle));
        let inside = |p: &Place| p.0 >= 0.0 && p.1 >= 0.0 && p.0 <= side && p.1 <= side;
        let free = |p: &Place| inside(p) && !wet(*p) && towns.iter().all(|town| town.outside(*p) > -30.0);
        let points: Vec<Place> = bent(from, to, 0.12, key).into_iter().take_while(free).collect();
        if length(&points) > 120.0 {
            ends.extend(points.last().map(|end| (*end, angle)));
            out.push(Way { highway: Highway::Track, points, key });
        }
    }
}
