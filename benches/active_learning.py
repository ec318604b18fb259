#!/usr/bin/env python3
"""Plays the operator of `ecotone label forest` and `ecotone label queue` and prints a table of docs/validation.md.

    active_learning.py ECOTONE RECIPE CATALOG TRUTH OUT [--set KEY=VALUE]… [--start 20] [--step 20] [--rounds 10]
                       [--seeds 1,2,3] [--by entropy,margin,random] [--spread 0] [--block 8]

TRUTH is a raster of class codes on the grid of the map: CATALOG/truth.tif of a simulated sample, CATALOG/labels.tif of
flanders-2018. Square blocks of BLOCK pixels are drawn (seed 0) to be held out, a third of them; the operator answers from the
rest only, and every map is scored on the held-out blocks. The first samples are drawn at random, the same for every strategy
of a seed; every later round asks about STEP places, by a score of `label queue`, with +diverse behind it with --diverse. What is finished is not done again.
"""

import argparse
import csv
import os
import statistics
import subprocess
from pathlib import Path

import numpy as np
import rasterio


def split(truth, block):
    """1 where the operator may be asked, 2 in held-out blocks, 0 where nothing is known."""
    rows, cols = truth.shape
    down, across = -(-rows // block), -(-cols // block)
    order = np.random.default_rng(0).permutation(down * across)
    held = np.zeros(down * across, bool)
    held[order[: down * across // 3]] = True
    held = np.kron(held.reshape(down, across), np.ones((block, block), bool))[:rows, :cols]
    return np.where(held, 2, 1).astype("uint8")


def scores(truth, found, where):
    """Accuracy and macro-F1 over the classes that the truth has there."""
    truth, found = truth[where], found[where]
    f1 = []
    for code in np.unique(truth):
        both = ((truth == code) & (found == code)).sum()
        f1.append(2 * both / ((truth == code).sum() + (found == code).sum()))
    return (truth == found).mean(), float(np.mean(f1))


def run(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode not in (0, 2):
        raise SystemExit(f"{' '.join(map(str, words))}\n{done.stderr}")


def write_points(path, transform, truth, places):
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["id", "x", "y", "code"])
        for number, (row, col) in enumerate(places):
            x, y = transform * (col + 0.5, row + 0.5)
            lines.writerow([number + 1, x, y, truth[row, col]])


def answer(queue, answered, transform, truth):
    """Fills in the codes of a queue from the truth."""
    with queue.open() as file:
        points = [(float(line["x"]), float(line["y"])) for line in csv.DictReader(file)]
    places = [(int(row), int(col)) for col, row in (~transform * point for point in points)]
    write_points(answered, transform, truth, places)


def series(args, base, truth, transform, parts, known, by, seed):
    """Accuracy and macro-F1 of every round of one strategy and seed."""
    folder = args.out / f"{by}-{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    places = np.argwhere(known & (parts == 1))
    places = places[np.random.default_rng(seed).permutation(len(places))[: args.start]]
    first = folder / "first.csv"
    write_points(first, transform, truth, places)
    samples, found = [first], []
    for number in range(args.rounds):
        out = folder / f"round-{number}"
        if not (out / "report.html").exists():
            words = [args.ecotone, "label", "forest", args.recipe, *base, "--seed", seed, "--out", out, "--force", "--quiet"]
            run(words + [word for path in samples for word in ("--samples", path)])
        with rasterio.open(out / "map.tif") as file:
            found.append(scores(truth, file.read(1), known & (parts == 2)))
        queue, answered = folder / f"queue-{number}.csv", folder / f"answered-{number}.csv"
        if number + 1 < args.rounds and not answered.exists():
            mask = ["--mask", f"{args.out / 'ask.tif'}=1"]
            score, _, diverse = by.partition("+")
            more = ["--diverse"] if diverse else []
            words = [args.ecotone, "label", "queue", out, "--count", args.step, "--by", score, "--spread", args.spread]
            run(words + [*mask, *more, "--seed", seed, "--out", queue, "--force", "--quiet"])
            answer(queue, answered, transform, truth)
        samples = [out / "samples.csv", answered]
        print(f"{by} seed {seed} round {number}: accuracy {found[-1][0]:.3f}, macro-F1 {found[-1][1]:.3f}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["ecotone", "recipe", "catalog", "truth", "out"]:
        parser.add_argument(name, type=Path)
    parser.add_argument("--set", action="append", default=[])
    for name, default in [("start", 20), ("step", 20), ("rounds", 10), ("block", 8)]:
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--spread", type=float, default=0)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--by", default="entropy,margin,random")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with rasterio.open(args.truth) as file:
        truth, transform, profile = file.read(1), file.transform, file.profile
        known = file.read_masks(1) > 0
    parts = split(truth, args.block)
    profile.update(driver="GTiff", dtype="uint8", count=1, nodata=0)
    with rasterio.open(args.out / "ask.tif", "w", **profile) as file:
        file.write(np.where(known, parts, 0).astype("uint8"), 1)
    base = [word for pair in [f"inputs.catalog={os.path.abspath(args.catalog)}", *args.set] for word in ("--set", pair)]
    strategies, seeds = args.by.split(","), [int(seed) for seed in args.seeds.split(",")]
    found = {
        by: [series(args, base, truth, transform, parts, known, by, seed) for seed in seeds] for by in strategies
    }
    print("\n| labels | " + " | ".join(f"{by}: accuracy | {by}: macro-F1" for by in strategies) + " |")
    print("|--:|" + "--:|" * (2 * len(strategies)))
    for number in range(args.rounds):
        cells = []
        for by in strategies:
            for measure in (0, 1):
                values = [rounds[number][measure] for rounds in found[by]]
                spread = statistics.stdev(values) if len(values) > 1 else 0
                cells.append(f"{statistics.mean(values):.3f} ± {spread:.3f}")
        print(f"| {args.start + number * args.step} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
