#!/usr/bin/env python3
"""A pixel random forest on the masked ten-day series: the peer that a spatial-temporal network has to beat.

    pixel_forest.py CATALOG                     a folder written by `ecotone simulate forest --out CATALOG`
    pixel_forest.py --npy FOLDER                a folder written by the `dump_series` example of ecotone-simulate
    pixel_forest.py CATALOG --split split.tif   on the split of a run folder (1 training, 3 test)

A sample is one pixel of 20 m: nine bands and NDVI, NBR, NDMI in 46 steps of ten days. Scenes with less than 30 % cloud
are used, SCL classes 0, 1, 3, 8, 9, 10 are masked, a step is the mean of its valid observations, and empty steps are
filled linearly in time (`--fill zero` for zeros). Without --split, square blocks of 640 m are dealt to training and
test at random, and training pixels nearer than 80 m to a test block are left out. Needs numpy, scikit-learn and, for
catalogues, rasterio.
"""

import argparse
import datetime as dt
import json
import sys
from pathlib import Path

import numpy as np

BANDS = ["B02", "B03", "B04", "B05", "B06", "B07", "B8A", "B11", "B12"]
NAMES = ["non-treed", "tree", "loss", "light", "persistent dist.", "dist. to non-treed", "water"]
MASKED = [0, 1, 3, 8, 9, 10]
STEPS, STEP_DAYS = 46, 10


def read_npy(folder):
    """Series as float32 [step, band, row, col], NaN where nothing is valid, and the truth."""
    dn = np.load(folder / "series.npy")
    series = np.where(dn == 0, np.nan, dn.astype("f4") / 1e4)
    return series, np.load(folder / "truth.npy")


def items_of(catalog):
    """Every STAC item below a catalogue folder, with the folder it lies in."""
    for path in sorted(catalog.rglob("*.json")):
        item = json.loads(path.read_text())
        if item.get("type") == "Feature" and "SCL" in {key.upper() for key in item["assets"]}:
            yield item, path.parent


def asset_of(item, band):
    for key, asset in item["assets"].items():
        names = {key.upper(), asset.get("title", "").upper()}
        names |= {entry.get("name", "").upper() for entry in asset.get("eo:bands", []) + asset.get("bands", [])}
        if band in names:
            return asset
    sys.exit(f"{item['id']}: no asset for {band}")


def scale_of(asset):
    """Scale and offset of an asset, as the STAC raster extension or STAC 1.1 gives them."""
    band = (asset.get("raster:bands") or asset.get("bands") or [{}])[0]
    get = lambda key, other: band.get(key, band.get(f"raster:{key}", asset.get(f"raster:{key}", other)))
    return get("scale", 1.0), get("offset", 0.0)


def read_band(path, shape):
    import rasterio
    from rasterio.enums import Resampling

    with rasterio.open(path) as source:
        resampling = Resampling.average if source.height > shape[0] else Resampling.nearest
        return source.read(1, out_shape=shape, resampling=resampling)


def read_catalog(catalog, start):
    import rasterio

    truth_path = next(iter(sorted(catalog.rglob("truth.tif"))), None)
    if truth_path is None:
        sys.exit(f"{catalog}: no truth.tif")
    with rasterio.open(truth_path) as source:
        truth = source.read(1)
    items = list(items_of(catalog))
    if not items:
        sys.exit(f"{catalog}: no STAC item with an SCL asset")
    when = lambda item: dt.date.fromisoformat(item["properties"]["datetime"][:10])
    if start is None:
        first, last = min(when(item) for item, _ in items), max(when(item) for item, _ in items)
        # The 460 days in the middle of the series, as ForestConfig::timeline_start.
        years = round(((last - first).days + 5) / 365)
        start = first + dt.timedelta(days=max(years - 1, 0) * 365 // 2 - 47)
    total = np.zeros((STEPS, len(BANDS), *truth.shape), "f4")
    count = np.zeros((STEPS, 1, *truth.shape), "f4")
    for item, folder in items:
        step = (when(item) - start).days // STEP_DAYS
        if not 0 <= step < STEPS or item["properties"].get("eo:cloud_cover", 0) >= 30:
            continue
        scl = read_band(folder / asset_of(item, "SCL")["href"], truth.shape)
        valid = ~np.isin(scl, MASKED)
        for i, band in enumerate(BANDS):
            asset = asset_of(item, band)
            scale, offset = scale_of(asset)
            data = read_band(folder / asset["href"], truth.shape)
            total[step, i][valid] += data[valid] * scale + offset
        count[step, 0] += valid
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / np.where(count > 0, count, np.nan), truth


def fill_linear(series):
    """Fills NaN along time (axis 0) between neighbours, and flat at the ends; zeros where a pixel has nothing."""
    steps = np.arange(len(series)).reshape(-1, 1, 1)
    known = ~np.isnan(series[:, 0])
    before = np.maximum.accumulate(np.where(known, steps, -1), axis=0)
    after = np.minimum.accumulate(np.where(known, steps, len(series))[::-1], axis=0)[::-1]
    before, after = np.where(before < 0, after, before), np.where(after >= len(series), before, after)
    never = before >= len(series)
    before, after = np.where(never, 0, before), np.where(never | (after < 0), 0, after)
    share = np.where(after > before, (steps - before) / np.maximum(after - before, 1), 0).astype("f4")
    for band in range(series.shape[1]):
        data = series[:, band]
        low, high = np.take_along_axis(data, before, 0), np.take_along_axis(data, after, 0)
        series[:, band] = low + (high - low) * share
    return np.nan_to_num(series)


def features_of(series, fill):
    """[pixel, 12 * 46] float32."""
    series = fill_linear(series) if fill == "linear" else series
    ratio = lambda a, b: (series[:, a] - series[:, b]) / np.maximum(series[:, a] + series[:, b], 1e-4)
    indices = np.stack([ratio(6, 2), ratio(6, 8), ratio(6, 7)], 1)
    cube = np.nan_to_num(np.concatenate([series, indices], 1))
    return cube.reshape(-1, cube.shape[-2] * cube.shape[-1]).T.copy()


def split_of(shape, args, gsd=20):
    """1 training, 3 test, 0 left out."""
    if args.split:
        return read_band(args.split, shape)
    side, gap = round(args.block / gsd), round(args.gap / gsd)
    rows, cols = -(-shape[0] // side), -(-shape[1] // side)
    deal = np.random.default_rng(args.seed).permutation(rows * cols).reshape(rows, cols) % 2
    test = np.kron(deal, np.ones((side, side), int))[: shape[0], : shape[1]] == 1
    near = test.copy()
    for axis in (0, 1):
        grown = near.copy()
        for step in range(1, gap + 1):
            for way in (step, -step):
                moved = np.roll(near, way, axis)
                edge = [slice(None)] * 2
                edge[axis] = slice(0, step) if way > 0 else slice(-step, None)
                moved[tuple(edge)] = False
                grown |= moved
        near = grown
    return np.where(test, 3, np.where(near, 0, 1))


def scores(truth, mapped):
    confusion = np.zeros((8, 8), "i8")
    np.add.at(confusion, (mapped, truth), 1)
    hits = np.diag(confusion)[1:]
    f1 = 2 * hits / np.maximum(confusion.sum(0)[1:] + confusion.sum(1)[1:], 1)
    return confusion, hits.sum() / confusion.sum(), f1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path, nargs="?")
    parser.add_argument("--npy", type=Path)
    parser.add_argument("--split", type=Path)
    parser.add_argument("--start", type=dt.date.fromisoformat, help="first day of the 46 steps")
    parser.add_argument("--fill", choices=["linear", "zero"], default="linear")
    parser.add_argument("--trees", type=int, default=120)
    parser.add_argument("--leaf", type=int, default=3, help="min_samples_leaf")
    parser.add_argument("--balance", type=float, default=0.75, help="weight of a class: 1 / frequency to this power, 0 to 1")
    parser.add_argument("--samples", type=int, default=60000, help="training pixels, drawn at random; 0 for all")
    parser.add_argument("--block", type=float, default=640, help="metres")
    parser.add_argument("--gap", type=float, default=80, help="metres")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    if (args.catalog is None) == (args.npy is None):
        parser.error("give a catalogue or --npy")
    from sklearn.ensemble import RandomForestClassifier

    series, truth = read_npy(args.npy) if args.npy else read_catalog(args.catalog, args.start)
    split = split_of(truth.shape, args).ravel()
    features, truth = features_of(series, args.fill), truth.ravel()
    rng = np.random.default_rng(args.seed)
    train = np.flatnonzero((split == 1) & (truth > 0))
    if args.samples and len(train) > args.samples:
        train = np.sort(rng.choice(train, args.samples, replace=False))
    test = np.flatnonzero((split == 3) & (truth > 0))
    counts = np.bincount(truth[train], minlength=8)
    weights = {c: (len(train) / n) ** args.balance for c, n in enumerate(counts) if n}
    forest = RandomForestClassifier(
        args.trees, min_samples_leaf=args.leaf, class_weight=weights, n_jobs=args.jobs, random_state=args.seed
    )
    forest.fit(features[train], truth[train])
    mapped = np.concatenate([forest.predict(features[part]) for part in np.array_split(test, 16)])
    confusion, overall, f1 = scores(truth[test], mapped)
    print(f"training {len(train)}, test {len(test)} pixels; trees {args.trees}, leaf {args.leaf}, balance {args.balance}, fill {args.fill}")
    print("confusion, rows = map, columns = reference:")
    print(confusion[1:, 1:])
    for name, value in zip(NAMES, f1):
        print(f"f1 {name:20s} {value:.3f}")
    print(f"overall accuracy {overall:.3f}\nmacro-F1 {f1.mean():.3f}")


if __name__ == "__main__":
    main()
