#!/usr/bin/env python3
"""UNet3D prediction with reading and writing, beside rasterio and PyTorch doing the same work on two threads.

    predict_unet3d.py CATALOG RUN ECOTONE

CATALOG is a folder written by `ecotone simulate forest`, RUN a run folder whose model was trained on such scenes with
`--set predict.blend=crop`, ECOTONE the release binary with the backend tch. Both sides read the same scenes onto the same
grid, use the same weights, windows and halo, and write class codes and confidence; best of five, taken in turn. Prints the
ratio of times, the largest difference of confidence, and the share of differing classes. ecotone writes whole percents, so
half a percent of a difference may be rounding and is taken off. rasterio rounds the means of 10 m pixels to whole counts,
ecotone does not: the maps are compared after one more run of the peer, not timed, with exact means. Needs torch 2.9, numpy,
rasterio.
"""

import argparse
import datetime as dt
import importlib.util
import json
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import rasterio
import torch
from rasterio.enums import Resampling
from rasterio.windows import Window

MASKED = [0, 1, 3, 8, 9, 10]


def twin_of(root):
    """The PyTorch UNet3D that made the reference vectors of ecotone-models."""
    path = root / "crates/models/tests/vectors/make_unet3d.py"
    spec = importlib.util.spec_from_file_location("make_unet3d", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_model(path, twin):
    """The card, and the network with the file's weights."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    card = json.loads(next(text for text in header.pop("__metadata__").values() if text.startswith("{")))
    tensors = {}
    for name, info in header.items():
        begin, end = info["data_offsets"]
        tensors[name] = np.frombuffer(data[8 + length + begin : 8 + length + end], "<f4").reshape(info["shape"])
    config = card["network"]
    net = twin.UNet3d(config["channels"], config["classes"], config["width"], config["depth"])
    state = net.state_dict()
    for name in state:
        if "num_b" in name or name.startswith("attention"):
            continue
        matches = [key for key in tensors if key.endswith(twin.rust_name(name))]
        assert len(matches) == 1, (name, matches)
        state[name] = torch.from_numpy(tensors[matches[0]].copy())
    net.load_state_dict(state)
    return card, net.eval()


def scenes_of(catalog, card):
    series = card["inputs"]["series"]
    start = dt.date.fromisoformat(series["start"])
    for path in sorted(catalog.glob("*/*/*.json")):
        item = json.loads(path.read_text())
        step = (dt.date.fromisoformat(item["properties"]["datetime"][:10]) - start).days // series["step_days"]
        cloud = item["properties"]["eo:cloud_cover"]
        if 0 <= step < series["steps"] and cloud <= series["max_cloud_cover"]:
            yield step, cloud, item, path.parent


def read(path, window, side, fill, exact=False):
    """A window of the 20 m grid from a file of 10 or 20 m at full resolution; `fill` outside."""
    with rasterio.open(path, OVERVIEW_LEVEL="NONE") as source:
        factor = round(20 / source.res[0])
        part = Window(*(value * factor for value in window.flatten()))
        options = dict(window=part, boundless=True, fill_value=fill)
        if factor == 1 or not exact:
            resampling = Resampling.average if factor > 1 else Resampling.nearest
            return source.read(1, out_shape=(side, side), resampling=resampling, **options)
        counts = source.read(1, **options).reshape(side, factor, side, factor)
        number = (counts != fill).sum((1, 3))
        return np.where(number > 0, counts.sum((1, 3), dtype="f4") / np.maximum(number, 1), fill).astype("f4")


def layer(scene, window, side, bands, exact):
    _, _, item, folder = scene
    href = lambda key: folder / item["assets"][key]["href"]
    valid = ~np.isin(read(href("SCL"), window, side, 0), MASKED)
    values = np.zeros((len(bands) + 3, side, side), "f4")
    if valid.any():
        for i, band in enumerate(bands):
            info = item["assets"][band]["raster:bands"][0]
            counts = read(href(band), window, side, 0, exact)
            valid &= counts != info["nodata"]
            values[i] = counts * np.float32(info["scale"]) + np.float32(info["offset"])
        for i, (a, b) in enumerate([("B8A", "B04"), ("B8A", "B12"), ("B8A", "B11")]):
            a, b = values[bands.index(a)], values[bands.index(b)]
            total = np.where(np.abs(a + b) < 1e-6, np.inf, a + b)
            values[len(bands) + i] = np.clip((a - b) / total, -1, 1)
    return values, valid


def predict(scenes, card, net, grid, out, pool, exact=False):
    series, window = card["inputs"]["series"], card["window"]
    side, halo = window["size"], window["halo"]
    core, bands = side - 2 * halo, series["bands"]
    mean = np.array([c["mean"] for c in card["normalisation"]], "f4")[:, None, None]
    std = np.array([c["std"] for c in card["normalisation"]], "f4")[:, None, None]
    codes = np.array([entry["code"] for entry in card["legend"]], "u1")
    highest = np.empty((grid.height, grid.width), "f4")
    profile = dict(driver="GTiff", height=grid.height, width=grid.width, count=1, dtype="uint8", crs=grid.crs,
                   transform=grid.transform, compress="deflate", tiled=True)
    with rasterio.open(out / "map.tif", "w", **profile) as classes, rasterio.open(out / "c.tif", "w", **profile) as sure:
        for row in range(0, grid.height, core):
            for col in range(0, grid.width, core):
                part = Window(col - halo, row - halo, side, side)
                cube = np.zeros((series["steps"], len(mean), side, side), "f4")
                seen = np.zeros((series["steps"], side, side), bool)
                for scene, (values, valid) in zip(scenes, pool.map(lambda s: layer(s, part, side, bands, exact), scenes)):
                    new = valid & ~seen[scene[0]]
                    cube[scene[0]][:, new] = ((values - mean) / std)[:, new]
                    seen[scene[0]] |= new
                with torch.inference_mode():
                    tensor = torch.from_numpy(cube.transpose(1, 0, 2, 3)[None])
                    logits = net(tensor, torch.from_numpy(seen.any((1, 2))[None]), "masked_mean")
                    found = logits.softmax(1)[0, :, halo : halo + core, halo : halo + core].numpy()
                rows, cols = min(core, grid.height - row), min(core, grid.width - col)
                best, place = found.argmax(0)[:rows, :cols], Window(col, row, cols, rows)
                classes.write(codes[best], 1, window=place)
                most = found.max(0)[:rows, :cols]
                sure.write(np.rint(100 * most).astype("u1"), 1, window=place)
                highest[row : row + rows, col : col + cols] = most
    return highest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("ecotone", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    card, net = read_model(args.run / "model.safetensors", twin_of(Path(__file__).parents[2]))
    assert card["inputs"]["blend"] == "crop", "the peer cuts the halo off; train with --set predict.blend=crop"
    scenes = sorted(scenes_of(args.catalog, card), key=lambda scene: (scene[0], scene[1]))
    ours = peer = float("inf")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(args.threads) as pool:
        out = Path(folder)
        command = [args.ecotone, "predict", args.run / "model.safetensors", "--catalog", args.catalog / "catalog.json",
                   "--grid", args.catalog / "truth.tif", "--backend", "tch", "--threads", str(args.threads),
                   "--out", out / "ours", "--force", "--quiet"]
        for _ in range(args.rounds):
            begun = time.perf_counter()
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            ours = min(ours, time.perf_counter() - begun)
            with rasterio.open(args.catalog / "truth.tif") as grid:
                begun = time.perf_counter()
                predict(scenes, card, net, grid, out, pool)
                peer = min(peer, time.perf_counter() - begun)
        with rasterio.open(args.catalog / "truth.tif") as grid:
            highest = predict(scenes, card, net, grid, out, pool, exact=True)
        codes, percents, other = (rasterio.open(out / name).read(1) for name in
                                  ("ours/map.tif", "ours/confidence.tif", "map.tif"))
    print(told.strip())
    print(f"rasterio + PyTorch time / ecotone time {peer / ours:.2f}  ({peer:.1f} s / {ours:.1f} s)")
    seen = percents != 255
    beyond = np.abs(percents[seen] / 100 - highest[seen]).max() - 0.005
    print(f"largest difference of confidence, rounding aside {max(beyond, 0):.6f}")
    print(f"share of pixels with another class {np.mean(codes[seen] != other[seen]):.6f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
