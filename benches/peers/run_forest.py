#!/usr/bin/env python3
"""A pixel random forest on the very split of a finished run, so that both are scored on the same held-out pixels.

    run_forest.py runs/flanders-2018

Reads recipe.toml and split.tif of the run folder, builds the same masked series with rasterio (mean of the valid
observations of a step, linear in time where there is none), trains on the training blocks, and prints overall accuracy
and macro-F1 on the test blocks beside the majority share and the run's own metrics.json. Band algebra is left to the
forest; built-in indices NDVI, NBR, NDMI and CRSWIR are added where the recipe has them. Needs numpy, scikit-learn and
rasterio.
"""

import argparse
import datetime as dt
import json
import tomllib
from pathlib import Path

import numpy as np
import rasterio
from rasterio.vrt import WarpedVRT
from rasterio.enums import Resampling

INDICES = {"NDVI": ("B8A", "B04"), "NBR": ("B8A", "B12"), "NDMI": ("B8A", "B11")}


def items_of(catalog, collections):
    for path in sorted(catalog.parent.rglob("*.json")):
        item = json.loads(path.read_text())
        if item.get("type") == "Feature" and (not collections or item.get("collection") in collections):
            yield item, path.parent


def read(path, grid, resampling, nodata=None):
    with rasterio.open(path) as source:
        nodata = source.nodata if source.nodata is not None else nodata
        with WarpedVRT(source, crs=grid.crs, transform=grid.transform, width=grid.width, height=grid.height,
                       resampling=resampling, src_nodata=nodata, nodata=nodata) as vrt:
            data = vrt.read(1)
    return data, np.ones(data.shape, bool) if nodata is None else data != nodata


def clear(mask, recipe):
    kind, values = recipe["kind"], recipe["values"]
    if kind == "scl":
        return ~np.isin(mask, values)
    if kind == "fmask":
        return (mask & sum(1 << bit for bit in values)) == 0
    return mask == 0 if kind == "anybit" else np.isin(mask, values)


def series_of(recipe, grid):
    inputs, timeline = recipe["inputs"], recipe["timeline"]
    start, days, steps = dt.date.fromisoformat(timeline["start"]), timeline["step_days"], timeline["steps"]
    bands = inputs["bands"]
    total = np.zeros((steps, len(bands), grid.height, grid.width), "f4")
    count = np.zeros((steps, 1, grid.height, grid.width), "f4")
    for item, folder in items_of(Path(inputs["catalog"][0]), inputs["collections"]):
        step = (dt.date.fromisoformat(item["properties"]["datetime"][:10]) - start).days // days
        if not 0 <= step < steps or item["properties"].get("eo:cloud_cover", 0) > inputs["max_cloud_cover"]:
            continue
        valid = np.ones((grid.height, grid.width), bool)
        if inputs["mask"]["kind"] != "none":
            mask, _ = read(folder / item["assets"][inputs["mask"]["asset"]]["href"], grid, Resampling.nearest)
            valid &= clear(mask, inputs["mask"])
        layers = []
        for name in bands:
            asset = item["assets"][name]
            band = (asset.get("raster:bands") or asset.get("bands") or [{}])[0]
            data, known = read(folder / asset["href"], grid, Resampling.bilinear, band.get("nodata"))
            layers.append(data * band.get("scale", 1.0) + band.get("offset", 0.0))
            valid &= known
        total[step][:, valid] += np.stack(layers)[:, valid]
        count[step, 0] += valid
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def fill(series):
    """Linear in time between neighbours, flat at the ends, 0 where a pixel was never seen."""
    flat = series.reshape(len(series), -1)
    steps = np.arange(len(flat))
    for column in range(flat.shape[1]):
        known = np.isfinite(flat[:, column])
        flat[:, column] = np.interp(steps, steps[known], flat[known, column]) if known.any() else 0
    return flat.reshape(series.shape)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--trees", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import accuracy_score, f1_score

    recipe = tomllib.loads((args.run / "recipe.toml").read_text())
    folder = Path(recipe["inputs"]["catalog"][0]).parent
    with rasterio.open(args.run / "split.tif") as grid:
        split = grid.read(1).ravel()
        truth, known = read(recipe["labels"]["raster"].replace("{catalog}", str(folder)), grid, Resampling.nearest)
        series = fill(series_of(recipe, grid))
    bands = recipe["inputs"]["bands"]
    near_infrared = {"B8A": "B8A" if "B8A" in bands else "B08"}
    layers = [series]
    for name in recipe["inputs"]["indices"]:
        if name in INDICES:
            a, b = (bands.index(near_infrared.get(band, band)) for band in INDICES[name])
            layers.append(((series[:, a] - series[:, b]) / np.maximum(series[:, a] + series[:, b], 1e-4))[:, None])
        elif name == "CRSWIR":
            nir, s1, s2 = (series[:, bands.index(band)] for band in ("B8A", "B11", "B12"))
            line = nir + (s2 - nir) / (2185.7 - 864) * (1610.4 - 864)
            layers.append((s1 / np.maximum(line, 1e-4))[:, None])
    cube = np.concatenate(layers, 1)
    features = cube.reshape(-1, split.size).T
    ignored = np.isin(truth, recipe["labels"]["ignore"]) | ~known
    truth = truth.ravel()
    train, test = ((split == part) & ~ignored.ravel() for part in (1, 3))
    forest = RandomForestClassifier(args.trees, n_jobs=2, random_state=args.seed, class_weight="balanced_subsample")
    forest.fit(features[train], truth[train])
    mapped = forest.predict(features[test])
    majority = np.bincount(truth[train]).argmax()
    print(f"{args.run.name}: {train.sum()} training, {test.sum()} test pixels, {features.shape[1]} features")
    print(f"majority class   accuracy {np.mean(truth[test] == majority):.3f}")
    print(f"random forest    accuracy {accuracy_score(truth[test], mapped):.3f}  "
          f"macro-F1 {f1_score(truth[test], mapped, average='macro', zero_division=0):.3f}")
    metrics = json.loads((args.run / "metrics.json").read_text())
    print(f"this run         accuracy {metrics['overall_accuracy']:.3f}  macro-F1 {metrics['macro_f1']:.3f}")


if __name__ == "__main__":
    main()
