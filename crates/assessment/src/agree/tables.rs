//! The files of an agreement: CSV for tables of a paper, JSON with everything.

use super::compared::{Compared, same_grid};
use crate::Result;
use ecotone_jobs::{Codes, RunFolder, write_json};
use ecotone_metrics::{ConfusionMatrix, FuzzyAgreement, PairAgreement};
use serde_json::{Value, json};

/// Writes agreement.csv, transitions.csv, changes.csv and agreement.json.
pub(super) fn write(folder: &RunFolder, all: &Compared, maps: &[Codes]) -> Result<()> {
    write_agreement(folder, all)?;
    write_transitions(folder, all)?;
    write_changes(folder, all)?;
    Ok(write_json(&folder.file("agreement.json"), &everything(all, maps))?)
}

fn header(names: &str) -> Vec<String> {
    names.split(',').map(str::to_owned).collect()
}

fn text(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.6}"))
}

/// The area of so many parts; empty where the maps lie nowhere.
fn hectares(all: &Compared, parts: u64) -> String {
    all.counted.hectares.map_or_else(String::new, |ha| format!("{:.4}", parts as f64 * ha))
}

/// A line a class and a last line for all, a column a pair of maps: each with the next, then the others.
fn write_agreement(folder: &RunFolder, all: &Compared) -> Result<()> {
    let pairs: Vec<(String, PairAgreement)> = (all.pairs().into_iter())
        .map(|(first, second, matrix)| {
            (format!("{}-{}", all.names[first], all.names[second]), PairAgreement::of(matrix))
        })
        .collect();
    let header: Vec<String> = ["code", "class"]
        .map(str::to_owned)
        .into_iter()
        .chain(pairs.iter().map(|(name, _)| name.clone()))
        .collect();
    let line = |code: String, class: &str, value: &dyn Fn(&PairAgreement) -> Option<f64>| {
        let values = pairs.iter().map(|(_, pair)| text(value(pair)));
        [code, class.to_owned()].into_iter().chain(values).collect::<Vec<String>>()
    };
    let mut rows: Vec<Vec<String>> = (all.legend.entries().iter().enumerate())
        .map(|(class, entry)| {
            line(entry.code.0.to_string(), &entry.name, &|pair| pair.classes[class].agreement)
        })
        .collect();
    rows.push(line(String::new(), "Overall", &|pair| pair.overall_agreement));
    Ok(ecotone_io::write_csv(folder.file("agreement.csv"), &header, rows)?)
}

fn write_transitions(folder: &RunFolder, all: &Compared) -> Result<()> {
    let header = header("from_map,to_map,from_code,from_class,to_code,to_class,pixels,area_ha,share_of_from");
    let entries = all.legend.entries();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let steps = all.counted.series.consecutive().zip(all.areas().consecutive());
    for (step, (matrix, parts)) in steps.enumerate() {
        for (from, to) in (0..entries.len()).flat_map(|from| (0..entries.len()).map(move |to| (from, to))) {
            let pixels = matrix.count(from, to);
            if pixels == 0 {
                continue;
            }
            let area = hectares(all, parts.count(from, to));
            rows.push(vec![
                all.names[step].clone(),
                all.names[step + 1].clone(),
                entries[from].code.0.to_string(),
                entries[from].name.clone(),
                entries[to].code.0.to_string(),
                entries[to].name.clone(),
                pixels.to_string(),
                area,
                text(Some(pixels as f64 / matrix.row_sum(from) as f64)),
            ]);
        }
    }
    Ok(ecotone_io::write_csv(folder.file("transitions.csv"), &header, rows)?)
}

fn write_changes(folder: &RunFolder, all: &Compared) -> Result<()> {
    let complete = all.counted.series.complete();
    let parts = all.areas().changes();
    let rows = all.counted.series.changes().iter().enumerate().map(|(changes, pixels)| {
        let share = (complete > 0).then(|| *pixels as f64 / complete as f64);
        let area = hectares(all, parts[changes]);
        vec![changes.to_string(), pixels.to_string(), text(share), area]
    });
    Ok(ecotone_io::write_csv(folder.file("changes.csv"), &header("changes,pixels,share,area_ha"), rows)?)
}

fn everything(all: &Compared, maps: &[Codes]) -> Value {
    let series = &all.counted.series;
    let map = |(map, name): (&Codes, &String)| {
        let same = same_grid(maps[0].geobox(), map.geobox());
        json!({
            "name": name,
            "path": map.path().display().to_string(),
            "grid": if same { "that of the first map" } else { "warped to the first map's by nearest neighbour" },
            "assumed_nodata": map.assumed_nodata(),
        })
    };
    let two = (maps.len() == 2).then(|| series.pair(0, 1).map(PairAgreement::of)).flatten();
    let parts = two.as_ref().and_then(|pair| pair.disagreement);
    let fuzzy = if maps.len() == 2 { all.counted.fuzzy[0].overall() } else { None };
    json!({
        "overall_agreement": all.overall(),
        "kappa": two.as_ref().and_then(|pair| pair.kappa),
        "quantity_disagreement": parts.map(|parts| parts.quantity),
        "allocation_disagreement": parts.map(|parts| parts.allocation),
        "exchange": parts.map(|parts| parts.exchange),
        "shift": parts.map(|parts| parts.shift),
        "fuzzy_agreement": fuzzy,
        "tolerance_px": all.tolerance,
        "pixel_area_ha": if all.counted.weighed.is_none() { all.counted.hectares } else { None },
        "complete_pixels": series.complete(),
        "incomplete_pixels": series.incomplete(),
        "stable_share": series.stable_share(),
        "mean_changes": series.mean_changes(),
        "changes": series.changes(),
        "maps": maps.iter().zip(&all.names).map(map).collect::<Vec<Value>>(),
        "pairs": all.pairs().into_iter().map(|pair| pair_json(all, pair)).collect::<Vec<Value>>(),
        "meaning": {
            "overall_agreement": "share of pixels that have the same class in both maps, among those with a class in \
                both; for three maps or more, over all steps from a map to the next: same pixels of all steps by \
                valid pixels of all steps",
            "class agreement": "2 both / (first + second), Dice 1945: the same whichever map is first",
            "kappa": "Cohen 1960; compares with maps drawn at random and depends on how common classes are: for \
                comparison with older papers only (Pontius & Millones 2011; Olofsson et al. 2014)",
            "quantity, allocation": "Pontius & Millones 2011; exchange and shift: Pontius & Santacruz 2014",
            "fuzzy_agreement": "the class lies within the tolerance in the other map, both ways (Hagen 2003)",
            "stable_share": "share of pixels with one class in all maps, among those with a class in every map",
            "use": "agreement is consistency, not accuracy, and changes between maps are no estimate of change on \
                the ground: for those, use a probability sample (ecotone sample, ecotone assess)",
        },
    })
}

fn pair_json(all: &Compared, (first, second, matrix): (usize, usize, &ConfusionMatrix)) -> Value {
    let pair = PairAgreement::of(matrix);
    let fuzzy: Option<&FuzzyAgreement> = (second - first == 1).then(|| &all.counted.fuzzy[first]);
    let class = |(i, entry): (usize, &ecotone_core::LegendEntry)| {
        let line = &pair.classes[i];
        let parts = line.disagreement;
        json!({
            "code": entry.code.0,
            "class": entry.name,
            "first_pixels": line.first_pixels,
            "second_pixels": line.second_pixels,
            "both_pixels": line.both_pixels,
            "agreement": line.agreement,
            "iou": line.iou,
            "share_of_first": line.share_of_first,
            "share_of_second": line.share_of_second,
            "fuzzy_agreement": fuzzy.and_then(|fuzzy| fuzzy.class(i)),
            "quantity_disagreement": parts.map(|parts| parts.quantity),
            "allocation_disagreement": parts.map(|parts| parts.allocation),
        })
    };
    let parts = pair.disagreement;
    json!({
        "first": all.names[first],
        "second": all.names[second],
        "consecutive": second - first == 1,
        "pixels": pair.pixels,
        "overall_agreement": pair.overall_agreement,
        "kappa": pair.kappa,
        "quantity_disagreement": parts.map(|parts| parts.quantity),
        "allocation_disagreement": parts.map(|parts| parts.allocation),
        "exchange": parts.map(|parts| parts.exchange),
        "shift": parts.map(|parts| parts.shift),
        "fuzzy_agreement": fuzzy.and_then(FuzzyAgreement::overall),
        "classes": all.legend.entries().iter().enumerate().map(class).collect::<Vec<Value>>(),
    })
}
