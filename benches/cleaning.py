"""How good cleaning of labels is where the truth is known.

    cleaning.py ECOTONE RECIPE CATALOG [CATALOG…] [--count N] [--distance M] [--set key=value]… [--clusters N|auto]

Each CATALOG is a folder as `ecotone simulate` writes it, with labels.tif and truth.tif. Samples are drawn from the labels,
cleaned by each method, and looked up in the truth. Prints one line a catalogue and method, their means, and of the means
what became of each class, as Markdown:

- accuracy of the labels before and after cleaning: share of samples whose label is the truth;
- precision: of the samples that were dropped, the share that was wrong (their share before is what dropping at random
  would reach);
- recall: of the samples that were wrong, the share that was dropped;
- right lost: of the samples that were right, the share that was dropped.

Needs numpy and rasterio.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import rasterio

METHODS = ["clusters", "confident", "both"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ecotone", help="the binary")
    parser.add_argument("recipe", type=Path)
    parser.add_argument("catalogs", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--distance", type=float, default=0)
    parser.add_argument("--clusters", default="auto")
    parser.add_argument("--scale", default="standard")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    return parser.parse_args()


def run(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")


def samples(path):
    """Place and code of each sample, by its id."""
    with open(path, newline="") as file:
        return {row["id"]: (float(row["x"]), float(row["y"]), int(row["code"])) for row in csv.DictReader(file)}


def truth_at(path, places):
    with rasterio.open(path) as raster:
        return [int(value[0]) for value in raster.sample(places)]


def score(right, kept):
    """Counts of one cleaning: samples, right ones, kept ones, right ones kept."""
    return np.array([len(right), right.sum(), kept.sum(), (right & kept).sum()], dtype=float)


def ratios(counts):
    every, right, kept, right_kept = counts
    wrong, dropped = every - right, every - kept
    wrong_dropped = dropped - (right - right_kept)
    of = lambda part, whole: part / whole if whole else float("nan")
    return [
        of(right, every),
        of(right_kept, kept),
        of(kept, every),
        of(wrong, every),
        of(wrong_dropped, dropped),
        of(wrong_dropped, wrong),
        of(right - right_kept, right),
    ]


def line(*cells):
    print("| " + " | ".join(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |")


def main():
    args = arguments()
    names, by_class, by_method = {}, defaultdict(lambda: np.zeros(4)), defaultdict(list)
    header = ["Catalogue", "Method", "Accuracy before", "After", "Kept", "Wrong before", "Precision", "Recall", "Right lost"]
    line(*header)
    line(*["---"] * len(header))
    for catalog in args.catalogs:
        with open(catalog / "legend.csv", newline="") as file:
            names |= {int(row["code"]): row["name"] for row in csv.DictReader(file)}
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            table = folder / "samples.csv"
            settings = [f"inputs.catalog={catalog / 'catalog.json'}", *args.set]
            settings = [word for setting in settings for word in ("--set", setting)]
            run([args.ecotone, "label", "samples", args.recipe, *settings, "--count", args.count, "--distance",
                 args.distance, "--seed", args.seed, "--out", table])
            rows = samples(table)
            codes = np.array([row[2] for row in rows.values()])
            right = codes == np.array(truth_at(catalog / "truth.tif", [row[:2] for row in rows.values()]))
            for method in METHODS:
                out = folder / method
                run([args.ecotone, "label", "clean", table, "--legend", catalog / "legend.csv", "--method", method,
                     "--clusters", args.clusters, "--scale", args.scale, "--seed", args.seed, "--out", out])
                left = samples(out / "kept.csv")
                kept = np.array([name in left for name in rows])
                found = score(right, kept)
                by_method[method].append(ratios(found))
                line(catalog.name, method, *ratios(found))
                for code in np.unique(codes):
                    by_class[method, code] += score(right[codes == code], kept[codes == code])
    for method in METHODS:
        line("**mean**", method, *np.mean(by_method[method], axis=0).tolist())
    for method in METHODS:
        print(f"\nEach class, all catalogues, {method}\n")
        line("Class", "Samples", *header[2:])
        line(*["---"] * len(header))
        for (of, code), counts in sorted(by_class.items()):
            if of == method:
                line(names.get(int(code), code), int(counts[0]), *ratios(counts))


if __name__ == "__main__":
    main()
