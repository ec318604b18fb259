#!/usr/bin/env python3
"""Forest and networks of pixel series on the Formosat-2 series of Toulouse, beside scikit-learn's forest.

    cargo build --release -p ecotone-labeling --example forest_timing
    cargo build --release -p ecotone-models --features tch --example series_table
    toulouse.py FOLDER target/release/examples

FOLDER holds `train_dataset.csv` and `test_dataset.csv`, whose polygons differ: class, polygon, then 149 dates of three bands.
Prints the accuracy on the second table, each of three seeds. Needs numpy and scikit-learn.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier

NETWORKS = {
    "TempCNN of width 64": ({"kind": "tempcnn", "channels": 3, "classes": 13, "width": 64, "steps": 149}, "40", "1e-3"),
    "pixel LSTM of 1 x 64": (
        {"kind": "pixel-lstm", "channels": 3, "classes": 13, "hidden": 64, "layers": 1, "bidirectional": False},
        "60",
        "5e-3",
    ),
}


def main():
    folder, examples = Path(sys.argv[1]), Path(sys.argv[2])
    tables = [np.loadtxt(folder / f"{part}_dataset.csv", delimiter=",", dtype="f4") for part in ("train", "test")]
    assert not set(tables[0][:, 1]) & set(tables[1][:, 1]), "polygons are on both sides"
    with tempfile.TemporaryDirectory() as scratch:
        paths = []
        for part, table in zip(("train", "test"), tables):
            paths.append(Path(scratch) / f"{part}.csv")
            np.savetxt(paths[-1], np.c_[table[:, :1], table[:, 2:]], fmt=["%d"] + ["%.9g"] * (table.shape[1] - 2), delimiter=",")
        (x, y), (test_x, test_y) = [(table[:, 2:], table[:, 0]) for table in tables]
        for seed in range(3):
            forest = RandomForestClassifier(500, random_state=seed, n_jobs=2).fit(x, y)
            print(f"random forest, scikit-learn, seed {seed}: accuracy {np.mean(forest.predict(test_x) == test_y):.3f}", flush=True)
            ours = json.loads(subprocess.check_output([examples / "forest_timing", *paths, "2", "500", str(seed)]))
            print(f"random forest, ecotone, seed {seed}: accuracy {ours['accuracy']:.3f}", flush=True)
        for name, (network, epochs, rate) in NETWORKS.items():
            command = [examples / "series_table", *paths, "3", "tch", json.dumps(network), epochs, rate]
            for line in subprocess.check_output(command, text=True).splitlines():
                print(f"{name}, {line}", flush=True)


if __name__ == "__main__":
    main()
