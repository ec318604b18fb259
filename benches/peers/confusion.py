#!/usr/bin/env python3
"""The confusion of two large maps, beside GDAL reading the same blocks and doing nothing, and beside rasterio with
numpy on two threads.

    cargo build --release -p ecotone && cargo build --release -p ecotone-io --example read_blocks
    confusion.py FOLDER target/release/ecotone target/release/examples/read_blocks

Makes two pairs of COGs of 10 980 x 10 980 pixels of seven classes in FOLDER on first use: smooth ones, which decode so
fast that little but starting the program is measured, and ones with the single wrong pixels of a pixel classifier.
Prints one figure a line; all sides run in turn in one call, each the best of ROUNDS.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

SIDE, CLASSES, ROUNDS, THREADS = 10980, 7, 5, 2
SALT = {"smooth": 0.0, "salted": 0.03}
# A small process of its own: a fork of this one would count its arrays, too.
PEAK = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"""
LEGEND = "code,name,color\n" + "".join(f"{code},class {code},#{code * 30:02x}8060\n" for code in range(1, CLASSES + 1))


def smooth(rng, cell):
    """Noise that varies over `cell` pixels."""
    coarse = rng.random((SIDE // cell + 2, SIDE // cell + 2), dtype="f4")
    at = np.arange(SIDE, dtype="f4") / cell
    low, part = at.astype(int), (at % 1)[:, None]
    rows = coarse[low] * (1 - part) + coarse[low + 1] * part
    return rows[:, low] * (1 - part.T) + rows[:, low + 1] * part.T


def blobs(seed):
    """Classes 1 to 7 in patches of many sizes; 0 (nodata) in a corner."""
    rng = np.random.default_rng(seed)
    field = smooth(rng, 400) + 0.6 * smooth(rng, 60) + 0.25 * smooth(rng, 9)
    edges = np.quantile(field[::20, ::20], np.linspace(0, 1, CLASSES + 1)[1:-1])
    return (np.digitize(field, edges) + 1).astype("u1")


def make(folder, salt):
    paths = [folder / "map.tif", folder / "reference.tif"]
    if all(path.exists() for path in paths):
        return paths
    folder.mkdir(parents=True, exist_ok=True)
    truth = blobs(1)
    wrong = np.random.default_rng(2).random((SIDE // 20, SIDE // 20)) < 0.15
    mapped = np.where(np.kron(wrong, np.ones((20, 20), bool)), blobs(3), truth)
    if salt:
        rng = np.random.default_rng(4)
        at = rng.integers(0, SIDE * SIDE, int(salt * SIDE * SIDE))
        mapped.ravel()[at] = rng.integers(1, CLASSES + 1, at.size, dtype="u1")
    truth[:800, :800] = 0
    for path, values in zip(paths, (mapped, truth)):
        raw = path.with_suffix(".raw.tif")
        profile = dict(driver="GTiff", width=SIDE, height=SIDE, count=1, dtype="uint8", nodata=0, crs="EPSG:32633",
                       transform=rasterio.transform.from_origin(600000, 5200000, 10, 10))
        with rasterio.open(raw, "w", **profile) as target:
            target.write(values, 1)
        subprocess.run(["gdal_translate", "-q", "-of", "COG", "-co", "COMPRESS=DEFLATE", "-co", "RESAMPLING=NEAREST",
                        str(raw), str(path)], check=True)
        raw.unlink()
    return paths


def corner(paths):
    """The same pair cut to one block: what starting the program and writing its files takes."""
    cut = []
    for path in paths:
        cut.append(path.with_name(f"corner-{path.name}"))
        subprocess.run(["gdal_translate", "-q", "-srcwin", "2000", "2000", "256", "256", str(path), str(cut[-1])], check=True)
    return cut


def with_numpy(paths):
    """np.bincount over rows of blocks on two threads."""
    def part(thread):
        counts = np.zeros(65536, "i8")
        with rasterio.open(paths[0]) as first, rasterio.open(paths[1]) as second:
            for row in range(512 * thread, SIDE, 512 * THREADS):
                window = Window(0, row, SIDE, min(512, SIDE - row))
                pair = first.read(1, window=window).astype("u2") * 256 + second.read(1, window=window)
                counts += np.bincount(pair.ravel(), minlength=65536)
        return counts
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(part, range(THREADS))).reshape(256, 256)


def timed(act):
    begun = time.perf_counter()
    result = act()
    return time.perf_counter() - begun, result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("ecotone")
    parser.add_argument("read_blocks")
    arguments = parser.parse_args()
    for name, salt in SALT.items():
        compare(name, arguments.folder / name, salt, arguments.ecotone, arguments.read_blocks)


def compare(name, folder, salt, ecotone, read_blocks):
    paths = make(folder, salt)
    legend, out = folder / "legend.csv", folder / "assessed"
    legend.write_text(LEGEND)
    assess = lambda pair: [str(word) for word in [
        ecotone, "-q", "assess", pair[0], "--reference", pair[1], "--legend", legend, "--out", out, "--threads", THREADS,
        "--force"]]
    read = lambda pair: [read_blocks, str(THREADS), *map(str, pair)]
    small = corner(paths)
    command, reading = assess(paths), read(paths)
    quietly = lambda words: subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(out, ignore_errors=True)
    best = dict(ours=np.inf, reading=np.inf, numpy=np.inf, ours_small=np.inf, reading_small=np.inf)
    for _ in range(ROUNDS):
        best["ours_small"] = min(best["ours_small"], timed(lambda: quietly(assess(small)))[0])
        best["reading_small"] = min(best["reading_small"], timed(lambda: quietly(read(small)))[0])
        best["reading"] = min(best["reading"], timed(lambda: quietly(reading))[0])
        best["ours"] = min(best["ours"], timed(lambda: quietly(command))[0])
        seconds, counts = timed(lambda: with_numpy(paths))
        best["numpy"] = min(best["numpy"], seconds)
    rows = [line.split(",")[1:] for line in (out / "confusion.csv").read_text().splitlines()[1:]]
    assert (np.array(rows, int) == counts[1:CLASSES + 1, 1:CLASSES + 1]).all(), "the counts differ"
    peak = float(subprocess.run([sys.executable, "-c", PEAK, *command], check=True, capture_output=True).stdout)
    accuracy = json.loads((out / "metrics.json").read_text())["overall_accuracy"]
    print(f"{name}: overall accuracy, the same counts on both sides: {accuracy:.4f}")
    print(f"{name}: ecotone assess: {best['ours']:.2f} s")
    print(f"{name}: GDAL reading the same blocks, nothing else: {best['reading']:.2f} s")
    print(f"{name}: numpy and rasterio, without starting Python: {best['numpy']:.2f} s")
    print(f"{name}: ratio to reading (target at most 1.3): {best['ours'] / best['reading']:.2f}")
    pixels = (best["ours"] - best["ours_small"]) / (best["reading"] - best["reading_small"])
    print(f"{name}: the same, each without starting and writing its files "
          f"({best['ours_small']:.2f} s and {best['reading_small']:.2f} s): {pixels:.2f}")
    print(f"{name}: ratio to numpy: {best['ours'] / best['numpy']:.2f}")
    print(f"{name}: peak memory (target under 500 MiB): {peak:.0f} MiB")


if __name__ == "__main__":
    main()
