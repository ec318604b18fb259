#!/usr/bin/env python3
"""A pixel random forest on the presets `amazon`, `roads` and `multiyear`: how hard they are, settled before any network saw them.

    pixel_presets.py amazon CATALOG      a folder written by `ecotone simulate amazon --out CATALOG`
    pixel_presets.py roads CATALOG       likewise of `roads`
    pixel_presets.py amazon --npy FOLDER a folder written by the `dump_amazon` example of ecotone-simulate
    pixel_presets.py roads --npy FOLDER  likewise of `dump_roads`
    pixel_presets.py multiyear ...       likewise, with a folder of `ecotone simulate multiyear` or of `dump_multiyear`

`amazon`: a sample is one pixel of 10 m. Sentinel-2: ten bands, NDVI and NDMI as the median of the valid observations of each of
twelve months (SCL 0, 1, 3, 8, 9, 10 masked), empty months filled linearly in time. Sentinel-1: VV and VH of twelve months in
decibels, each the mean power over 5 x 5 pixels, which takes most of the speckle away. Scores are printed for Sentinel-2 alone and
for both, trained on the truth and on the coarse labels, always against the truth, with the labels' own errors.

`roads`: a sample is one pixel of 10 m, its three dates of red, green and blue; cloudy pixels as they are.

`multiyear`: a sample is one pixel of 10 m in one year: Sentinel-2 as for `amazon`, months of the calendar year. Scores are printed for
a forest of the first year on that year and on every later one, trained on the first year's truth and on the old map's labels, and for
how often the forests of two years (each trained on its own year with the labels) give a pixel the same class.

Square blocks are dealt to training and test at random; training pixels near a test block are left out. Needs numpy,
scikit-learn and, for catalogues, rasterio.
"""

import argparse
import datetime as dt
import json
import sys
from pathlib import Path

import numpy as np
from pixel_forest import asset_of, fill_linear, read_band, scale_of, split_of

BANDS = ["B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"]
MASKED = [0, 1, 3, 8, 9, 10]
MONTHS = 12


def items_of(catalog, key):
    """Every STAC item below a catalogue folder that has an asset, with its folder, in order of time."""
    found = []
    for path in sorted(catalog.rglob("*.json")):
        item = json.loads(path.read_text())
        if item.get("type") == "Feature" and key.upper() in {name.upper() for name in item["assets"]}:
            found.append((item, path.parent))
    return sorted(found, key=lambda pair: pair[0]["properties"]["datetime"])


def raster(path):
    import rasterio

    with rasterio.open(path) as source:
        return source.read().squeeze()


def optical_of(items, shape):
    """Reflectance [scene, 10, row, col] of items at 10 m, NaN where masked."""
    series = np.empty((len(items), len(BANDS), *shape), "f4")
    for scene, (item, folder) in zip(series, items):
        masked = np.isin(read_band(folder / asset_of(item, "SCL")["href"], shape), MASKED)
        for i, band in enumerate(BANDS):
            asset = asset_of(item, band)
            scale, offset = scale_of(asset)
            dn = read_band(folder / asset["href"], shape)
            scene[i] = np.where(masked | (dn == 0), np.nan, dn * scale + offset)
    return series


def read_amazon(args):
    """Reflectance [scene, 10, row, col] with NaN where masked, month of each scene, power [12, 2, row, col], truth, labels."""
    if args.npy:
        load = lambda name: np.load(args.npy / f"{name}.npy")
        optical, scl = load("optical"), load("scl")
        series = np.where((optical == 0) | np.isin(scl, MASKED)[:, None], np.nan, optical.astype("f4") / 1e4)
        return series, load("days"), load("radar"), load("truth"), load("labels")
    truth, labels = raster(args.catalog / "truth.tif"), raster(args.catalog / "labels.tif")
    items = items_of(args.catalog, "SCL")
    when = lambda item: dt.date.fromisoformat(item["properties"]["datetime"][:10])
    days = np.array([(when(item) - when(items[0][0])).days for item, _ in items])
    series = optical_of(items, truth.shape)
    radar = [[raster(folder / item["assets"][p]["href"]) for p in ("vv", "vh")] for item, folder in items_of(args.catalog, "vv")]
    return series, days, np.array(radar), truth, labels


def monthly(series, days):
    """[12, band, row, col]: the median of each month's valid observations."""
    month = np.minimum(days * MONTHS // 365, MONTHS - 1)
    steps = [median(series[month == m]) if (month == m).any() else np.full(series.shape[1:], np.nan) for m in range(MONTHS)]
    return np.stack(steps).astype("f4")


def median(scenes):
    """As `np.nanmedian` along the first axis, ten times as fast for few scenes: sorting puts NaN last."""
    order, valid = np.sort(scenes, axis=0), np.sum(~np.isnan(scenes), axis=0)
    middle = lambda at: np.take_along_axis(order, np.maximum(at, 0)[None], axis=0)[0]
    return (middle((valid - 1) // 2) + middle(valid // 2 - (valid == 0))) / 2


def box_mean(image, radius=2):
    """Mean over a square, the edges mirrored."""
    padded = np.pad(image, radius, mode="reflect")
    side = 2 * radius + 1
    rows, cols = image.shape
    return sum(padded[r : r + rows, c : c + cols] for r in range(side) for c in range(side)) / side**2


def columns(cube):
    return cube.reshape(-1, cube.shape[-2] * cube.shape[-1]).T.astype("f4")


def forest(args, weights="balanced"):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        args.trees, min_samples_leaf=args.leaf, class_weight=weights, n_jobs=args.jobs, random_state=args.seed
    )


def fitted(args, features, labels, split):
    rng = np.random.default_rng(args.seed)
    train = np.flatnonzero((split == 1) & (labels > 0))
    if args.samples and len(train) > args.samples:
        train = np.sort(rng.choice(train, args.samples, replace=False))
    codes, counts = np.unique(labels[train], return_counts=True)
    weights = {code: (len(train) / count) ** args.balance for code, count in zip(codes, counts)}
    return forest(args, weights).fit(features[train], labels[train])


def mapped_by(model, features, pixels):
    return np.concatenate([model.predict(features[part]) for part in np.array_split(pixels, 16)])


def fit_and_map(args, features, labels, split):
    test = np.flatnonzero(split == 3)
    return test, mapped_by(fitted(args, features, labels, split), features, test)


def f1_of(mapped, truth, code):
    both = np.sum((mapped == code) & (truth == code))
    return 2 * both / max(np.sum(mapped == code) + np.sum(truth == code), 1)


def amazon(args):
    series, days, radar, truth, labels = read_amazon(args)
    optical = fill_linear(monthly(series, days))
    ratio = lambda a, b: (optical[:, a] - optical[:, b]) / np.maximum(optical[:, a] + optical[:, b], 1e-4)
    s2 = columns(np.concatenate([optical, np.stack([ratio(7, 2), ratio(7, 8)], 1)], 1))
    power = np.array([[box_mean(band) for band in scene] for scene in radar])
    s1 = columns(10 * np.log10(power))
    split = split_of(truth.shape, args, gsd=10).ravel()
    wrong, truth, labels = labels != truth, truth.ravel(), labels.ravel()
    codes = np.unique(truth)
    runs = {"S2": (s2, truth), "S2+S1": (np.hstack([s2, s1]), truth)}
    if not args.quick:
        runs |= {"S1": (s1, truth), "S2 weak": (s2, labels), "S2+S1 weak": (runs["S2+S1"][0], labels)}
    table = {}
    for name, (features, target) in runs.items():
        test, mapped = fit_and_map(args, features, target, split)
        f1 = [f1_of(mapped, truth[test], code) for code in codes]
        table[name] = f1
        print(f"{name:11s} overall accuracy {np.mean(mapped == truth[test]):.3f}  macro-F1 {np.mean(f1):.3f}")
    print("code  share  label wrong  " + "  ".join(f"{name:>10s}" for name in table))
    for i, code in enumerate(codes):
        here = truth == code
        cells = "  ".join(f"{f1[i]:10.3f}" for f1 in table.values())
        print(f"{code:4d}  {here.mean():.3f}  {wrong.ravel()[here].mean():11.3f}  {cells}")
    print(f"labels wrong {wrong.mean():.3f}")


def read_roads(args):
    """Pictures [date, 3, row, col], truth and labels (1 background, 2 road)."""
    if args.npy:
        load = lambda name: np.load(args.npy / f"{name}.npy")
        return load("visual"), load("truth"), load("labels")
    visual = [raster(folder / item["assets"]["visual"]["href"]) for item, folder in items_of(args.catalog, "visual")]
    return np.array(visual), raster(args.catalog / "truth.tif"), raster(args.catalog / "labels.tif")


def roads(args):
    visual, truth, labels = read_roads(args)
    split = split_of(truth.shape, args, gsd=10).ravel()
    truth, labels = truth.ravel(), labels.ravel()
    scores = lambda mapped, truth: (f1_of(mapped, truth, 2), np.sum((mapped == 2) & (truth == 2)) / max(np.sum((mapped == 2) | (truth == 2)), 1))
    print(f"road share {np.mean(truth == 2):.3f}, of the labels {np.mean(labels == 2):.3f}")
    print("labels against truth: F1 %.3f IoU %.3f, pixel accuracy %.3f" % (*scores(labels, truth), np.mean(labels == truth)))
    for name, dates, target in [("three dates", visual, truth), ("first date", visual[:1], truth), ("three dates, on labels", visual, labels)]:
        test, mapped = fit_and_map(args, columns(dates), target, split)
        f1, iou = scores(mapped, truth[test])
        print(f"{name:24s} road F1 {f1:.3f}  IoU {iou:.3f}  pixel accuracy {np.mean(mapped == truth[test]):.3f}")


def read_year(args, year):
    """Reflectance [scene, 10, row, col] with NaN where masked, day of each scene since the first of January, truth."""
    if args.npy:
        load = lambda name: np.load(args.npy / f"{name}-{year}.npy")
        optical, scl = load("optical"), load("scl")
        series = np.where((optical == 0) | np.isin(scl, MASKED)[:, None], np.nan, optical.astype("f4") / 1e4)
        return series, load("days"), load("truth")
    truth = raster(args.catalog / f"truth-{year}.tif")
    items = [pair for pair in items_of(args.catalog, "SCL") if pair[0]["properties"]["datetime"].startswith(str(year))]
    days = [(dt.date.fromisoformat(item["properties"]["datetime"][:10]) - dt.date(year, 1, 1)).days for item, _ in items]
    return optical_of(items, truth.shape), np.array(days), truth


def multiyear(args):
    folder, pattern = (args.npy, "truth-*.npy") if args.npy else (args.catalog, "truth-*.tif")
    years = sorted(int(path.stem[6:]) for path in folder.glob(pattern))
    labels = np.load(args.npy / "labels.npy") if args.npy else raster(args.catalog / "labels.tif")
    features, truths = {}, {}
    for year in years[:2] if args.quick else years:
        series, days, truth = read_year(args, year)
        optical = fill_linear(monthly(series, days))
        ratio = lambda a, b: (optical[:, a] - optical[:, b]) / np.maximum(optical[:, a] + optical[:, b], 1e-4)
        features[year] = columns(np.concatenate([optical, np.stack([ratio(7, 2), ratio(7, 8)], 1)], 1))
        truths[year] = truth.ravel()
    split = split_of(labels.shape, args, gsd=10).ravel()
    first, labels = years[0], labels.ravel()
    test = np.flatnonzero(split == 3)
    codes = np.unique(truths[first])
    table, maps = {}, {}

    def score(name, mapped, truth):
        table[name] = [f1_of(mapped, truth[test], code) for code in codes]
        print(f"{name:16s} overall accuracy {np.mean(mapped == truth[test]):.3f}  macro-F1 {np.mean(table[name]):.3f}")

    for kind, target in {"truth": truths[first], "labels": labels}.items():
        model = fitted(args, features[first], target, split)
        for year in truths:
            mapped = mapped_by(model, features[year], test)
            score(f"{kind} on {year}", mapped, truths[year])
    for year in truths:
        maps[year] = mapped_by(fitted(args, features[year], labels, split), features[year], test)
    for one, other in zip(list(truths), list(truths)[1:]):
        same, truly = np.mean(maps[one] == maps[other]), np.mean(truths[one][test] == truths[other][test])
        print(f"forests of {one} and of {other} agree on {same:.3f}, truth on {truly:.3f}")
    print("code  share  label wrong  " + "  ".join(f"{name:>14s}" for name in table))
    for i, code in enumerate(codes):
        here = truths[first] == code
        cells = "  ".join(f"{f1[i]:14.3f}" for f1 in table.values())
        print(f"{code:4d}  {here.mean():.3f}  {np.mean(labels[here] != code):11.3f}  {cells}")
    print(f"labels wrong {np.mean(labels != truths[first]):.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=["amazon", "roads", "multiyear"])
    parser.add_argument("catalog", type=Path, nargs="?")
    parser.add_argument("--npy", type=Path)
    parser.add_argument("--split", type=Path, help="split.tif of a run folder")
    parser.add_argument("--quick", action="store_true", help="amazon: only Sentinel-2 and both, on the truth; multiyear: only the first two years")
    parser.add_argument("--trees", type=int, default=60)
    parser.add_argument("--leaf", type=int, default=3, help="min_samples_leaf")
    parser.add_argument("--balance", type=float, default=0.75, help="weight of a class: 1 / frequency to this power, 0 to 1")
    parser.add_argument("--samples", type=int, default=40000, help="training pixels, drawn at random; 0 for all")
    parser.add_argument("--block", type=float, default=640, help="metres")
    parser.add_argument("--gap", type=float, default=80, help="metres")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    if (args.catalog is None) == (args.npy is None):
        parser.error("give a catalogue or --npy")
    {"amazon": amazon, "roads": roads, "multiyear": multiyear}[args.preset](args)


if __name__ == "__main__":
    sys.exit(main())
