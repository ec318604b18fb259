#!/usr/bin/env python3
"""Loading a cube, beside GDAL's bare decoding and beside rasterio with numpy doing the same work on two threads.

    cargo build --release -p ecotone-cubes --example cube_loading
    cube_loading.py CATALOG target/release/examples/cube_loading

CATALOG is a folder written by `ecotone simulate forest`. Prints one figure a line, each side the best of five rounds; all
sides take turns in one call. The files do not say how their overviews were made, so ecotone reads full resolution; the
peer does the same here, and once more with the overviews that rasterio picks by itself, which is less work.
"""

import argparse
import datetime as dt
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling

BANDS = ["B02", "B03", "B04", "B05", "B06", "B07", "B8A", "B11", "B12"]
MASKED = [0, 1, 3, 8, 9, 10]
START, STEPS, STEP_DAYS, CLOUD = dt.date(2021, 5, 16), 46, 10, 30


def scenes_of(catalog):
    for path in sorted(catalog.glob("*/*/*.json")):
        item = json.loads(path.read_text())
        step = (dt.date.fromisoformat(item["properties"]["datetime"][:10]) - START).days // STEP_DAYS
        if 0 <= step < STEPS and item["properties"]["eo:cloud_cover"] <= CLOUD:
            yield step, item["properties"]["eo:cloud_cover"], item, path.parent


def read(path, shape, resampling, options):
    with rasterio.open(path, **options) as source:
        return source.read(1, out_shape=shape, resampling=resampling)


def layer(scene, shape, options):
    """Reflectances and indices of a scene, and where they are valid."""
    _, _, item, folder = scene
    href = lambda key: folder / item["assets"][key]["href"]
    valid = ~np.isin(read(href("SCL"), shape, Resampling.nearest, options), MASKED)
    values = np.empty((len(BANDS) + 3, *shape), "f4")
    for i, band in enumerate(BANDS):
        info = item["assets"][band]["raster:bands"][0]
        counts = read(href(band), shape, Resampling.average, options)
        valid &= counts != info["nodata"]
        values[i] = counts * np.float32(info["scale"]) + np.float32(info["offset"])
    for i, (a, b) in enumerate([(6, 2), (6, 8), (6, 7)]):
        total = values[a] + values[b]
        values[len(BANDS) + i] = np.where(np.abs(total) > 1e-6, (values[a] - values[b]) / np.where(total == 0, 1, total), 0)
    return values, valid


def load(scenes, shape, threads, options):
    """The clear pixel of the least cloudy scene of each step, zero where there is none."""
    cube = np.zeros((STEPS, len(BANDS) + 3, *shape), "f4")
    seen = np.zeros((STEPS, *shape), bool)
    with ThreadPoolExecutor(threads) as pool:
        for scene, (values, valid) in zip(scenes, pool.map(lambda s: layer(s, shape, options), scenes)):
            new = valid & ~seen[scene[0]]
            cube[scene[0]][:, new] = values[:, new]
            seen[scene[0]] |= new
    return cube, seen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("example", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with rasterio.open(args.catalog / "truth.tif") as truth:
        shape = truth.shape
    # Two rounds a call: the first of a process is its warm-up, as this script's first turn is.
    command = [args.example, args.catalog / "catalog.json", str(args.threads), "2"]
    best = {}
    for _ in range(args.rounds):
        for name, options in [("same work", {"OVERVIEW_LEVEL": "NONE"}), ("overviews", {})]:
            begun = time.perf_counter()
            scenes = sorted(scenes_of(args.catalog), key=lambda scene: (scene[0], scene[1]))
            _, seen = load(scenes, shape, args.threads, options)
            best[name] = min(best.get(name, np.inf), time.perf_counter() - begun)
        ours = json.loads(subprocess.check_output(command))
        for name in ["decode", "cube"]:
            best[name] = min(best.get(name, np.inf), ours[name])
    print(f"scenes {len(scenes)}, decoded {ours['megabytes']:.0f} MB, observed {seen.mean():.3f} of all steps")
    print(f"cube loading {ours['megabytes'] / best['cube']:.0f} MB/s, bare decoding {ours['megabytes'] / best['decode']:.0f} MB/s")
    print(f"cube loading / bare decoding rate {best['decode'] / best['cube']:.2f}")
    print(f"rasterio + numpy time / cube loading time {best['same work'] / best['cube']:.2f}")
    print(f"the same where rasterio reads overviews {best['overviews'] / best['cube']:.2f}")


if __name__ == "__main__":
    main()
