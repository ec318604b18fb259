#!/usr/bin/env python3
"""A random forest's growing and classifying, beside scikit-learn's on as many threads, and the accuracy of both.

    cargo build --release -p ecotone-labeling --example forest_timing
    forest.py target/release/examples/forest_timing [--tables FOLDER]

Two tables of 20 000 rows, 60 features and 10 classes go to both sides: one to learn from, the other to be judged on. Seconds
of classifying are those of the probabilities of the first and the classes of the second. FOLDER holds tables such as
`deafrica-cropmask-samples`: five folds (every fifth row) of each are scored. Prints one figure a line; both sides take turns
in one call, each the best of ROUNDS. Needs numpy and scikit-learn.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

ROWS, FEATURES, CLASSES, FOLDS = 20000, 60, 10, 5


def write(path, x, y):
    np.savetxt(path, np.c_[y, x], fmt=["%d"] + ["%.9g"] * x.shape[1], delimiter=",")
    return path


def theirs(train, test, threads, trees, seed):
    """Seconds of growing and classifying, and accuracy."""
    begun = time.perf_counter()
    forest = RandomForestClassifier(trees, n_jobs=threads, random_state=seed).fit(*train)
    grown = time.perf_counter()
    forest.predict_proba(train[0])
    found = forest.predict(test[0])
    done = time.perf_counter()
    return dict(fit=grown - begun, predict=done - grown, accuracy=(found == test[1]).mean())


def ours(example, train, test, threads, trees, seed):
    command = [example, train, test, str(threads), str(trees), str(seed)]
    return json.loads(subprocess.check_output(command))


def speed(args, folder):
    x, y = make_classification(2 * ROWS, FEATURES, n_informative=20, n_redundant=10, n_classes=CLASSES, flip_y=0.05, random_state=1)
    x = x.astype("f4")
    train, test = (x[:ROWS], y[:ROWS]), (x[ROWS:], y[ROWS:])
    paths = write(folder / "train.csv", *train), write(folder / "test.csv", *test)
    best = {}
    accuracy = {"scikit-learn": [], "ecotone": []}
    for seed in range(args.rounds):
        for name, found in [("scikit-learn", theirs(train, test, args.threads, args.trees, seed)),
                            ("ecotone", ours(args.example, *paths, args.threads, args.trees, seed))]:
            accuracy[name].append(found["accuracy"])
            for act in ["fit", "predict"]:
                best[name, act] = min(best.get((name, act), np.inf), found[act])
    for act in ["fit", "predict"]:
        print(f"{act}: scikit-learn {best['scikit-learn', act]:.2f} s, ecotone {best['ecotone', act]:.2f} s")
        print(f"{act}: scikit-learn time / ecotone time {best['scikit-learn', act] / best['ecotone', act]:.2f}")
    for name, values in accuracy.items():
        print(f"accuracy of {args.rounds} seeds: {name} {np.mean(values):.4f} ({np.min(values):.4f} to {np.max(values):.4f})")


def score(args, folder):
    totals = np.zeros(2)
    tables = sorted(args.tables.glob("*.txt"))
    for path in tables:
        table = np.loadtxt(path, dtype="f4")
        x, y = table[:, 1:], table[:, 0].astype(int)
        scores = np.zeros(2)
        for fold in range(FOLDS):
            held = np.arange(len(y)) % FOLDS == fold
            train, test = (x[~held], y[~held]), (x[held], y[held])
            paths = write(folder / "train.csv", *train), write(folder / "test.csv", *test)
            scores += [theirs(train, test, args.threads, 300, fold)["accuracy"],
                       ours(args.example, *paths, args.threads, 300, fold)["accuracy"]]
        totals += scores / FOLDS
        print(f"{path.stem}: scikit-learn {scores[0] / FOLDS:.4f}, ecotone {scores[1] / FOLDS:.4f}")
    print(f"mean of {len(tables)} tables: scikit-learn {totals[0] / len(tables):.4f}, ecotone {totals[1] / len(tables):.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("example", type=Path)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        speed(args, Path(folder))
        if args.tables:
            score(args, Path(folder))


if __name__ == "__main__":
    main()
