#!/usr/bin/env python3
"""Trains the networks on the simulated presets and prints the tables of docs/validation.md.

    networks.py amazon ECOTONE OUT [--seeds 101,102,103] [--only unet,tempcnn] [--jobs 2] [--backend tch]
    networks.py full-width ECOTONE OUT --backend tch-cuda [--seeds 101] [--only deepforest-1a]
    networks.py roads ECOTONE OUT [--seeds 101,102,103] [--jobs 2] [--backend tch]

ECOTONE is the program built with the backend tch: `cargo build --release -p ecotone --features tch`, with LIBTORCH set. Each training
has one thread. A run that is finished is not run again. Settings were chosen on seed 1. `full-width` trains the DeepForest family as
published, for longer; it wants a GPU.
"""

import argparse
import json
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RARE = [6, 9, 11, 12, 24, 25, 30]

SHORT = dict(batch=16, patch=32, patches_per_epoch=256, epochs=20, learning_rate=2e-3)
# Deep encoders of a coarse grid learn nothing in the first few hundred steps, and want windows as large as their patches:
# a coarsest grid that was all border in training is something else inside a large window.
LONG = dict(batch=8, patch=64, patches_per_epoch=128, epochs=40, learning_rate=1e-3)
DEEP = {"predict.window": 32}
# Networks of one date see the median of the year; DeepForest-1 and its baselines the year's optical mean and, side by side
# as channels, the radar's months, as published.
YEAR = {"timeline.steps": 1, "timeline.step_days": 360}
MONTHS = {"model.stack_radar": "true"}
QUARTER = DEEP | {"model.width": 16, "model.dropout": 0.2}
AMAZON = {
    "unet": (SHORT | dict(learning_rate=5e-3), YEAR | {"model.width": 16}),
    "deeplab": (SHORT, YEAR | {"model.width": 16}),
    "compact": (SHORT, YEAR | {"model.stem": 32, "model.blocks": "32,64,64", "model.beside": 16}),
    "tempcnn": (SHORT, {"model.width": 32}),
    "pixel-lstm": (SHORT, {"model.hidden": 32, "model.layers": 2, "model.bidirectional": "false"}),
    "unet3d": (SHORT, {"model.width": 8}),
    "unet-convlstm": (SHORT, {"model.width": 16, "model.first_hidden": 16, "model.cell.hidden": 16}),
    "utae": (
        SHORT,
        {"model.encoder": "16,16,32", "model.decoder": "16,16,32", "model.heads": 4, "model.model": 32},
    ),
    "deepforest-unet": (LONG | dict(epochs=20, learning_rate=2e-3), MONTHS | DEEP),
    "deepforest-2a": (SHORT, {"model.width": 16}),
    "deepforest-1a": (LONG, MONTHS | QUARTER),
    "deepforest-1b": (LONG, MONTHS | QUARTER),
    "deepforest-1c": (LONG, MONTHS | QUARTER),
    "deepforest-deeplab": (LONG, MONTHS | QUARTER),
    "deepforest-2b": (LONG, QUARTER),
}
FULL = dict(batch=16, patch=64, patches_per_epoch=400, epochs=40, learning_rate=1e-3)
PUBLISHED = DEEP | {"model.width": 64, "model.dropout": 0.5}
FULL_WIDTH = {
    "deepforest-1a": (FULL, MONTHS | PUBLISHED),
    "deepforest-1b": (FULL, MONTHS | PUBLISHED),
    "deepforest-1c": (FULL, MONTHS | PUBLISHED),
    "deepforest-deeplab": (FULL, MONTHS | PUBLISHED),
    "deepforest-unet": (FULL, MONTHS | DEEP),
    "deepforest-2a": (FULL, PUBLISHED),
    "deepforest-2b": (FULL, PUBLISHED),
}
ONLY_OPTICAL = ["unet", "tempcnn", "unet3d"]


def words(train, settings):
    pairs = [f"train.{key}={value}" for key, value in train.items()] + [f"{k}={v}" for k, v in settings.items()]
    return [word for pair in pairs for word in ("--set", pair)]


def run(args, name, recipe, settings):
    """Trains unless it is done; gives the folder, or none where the training failed."""
    folder = args.out / name
    if not (folder / "report.html").exists():
        command = [args.program, "train", ROOT / "recipes" / recipe, "--backend", args.backend, "--threads", "1", "--force"]
        command += ["--out", folder, *settings]
        with open(args.out / f"{name}.log", "w") as log:
            done = subprocess.run([str(word) for word in command], cwd=args.out, stdout=log, stderr=log)
        if done.returncode:
            print(f"{name} failed: see {args.out / name}.log", file=sys.stderr)
            return None
    return folder


def read(folder, name):
    return json.loads((folder / name).read_text())


def seconds_a_step(folder, steps_an_epoch):
    rows = (folder / "history.csv").read_text().splitlines()[1:]
    return statistics.median(float(row.split(",")[-1]) for row in rows) / steps_an_epoch


def amazon(args, networks=AMAZON, name="amazon"):
    chosen = args.only.split(",") if args.only else list(networks)
    jobs = []
    for kind in chosen:
        train, settings = networks[kind]
        for sensors in ["both"] + (["s2"] if kind in ONLY_OPTICAL else []):
            radar = {"inputs.sar.bands": ""} if sensors == "s2" else {}
            for seed in args.seeds:
                more = {"model.kind": kind, "predict.window": 96} | settings | radar | {"inputs.simulate.seed": seed}
                jobs.append((f"{name}-{kind}-{sensors}-{seed}", "amazon-deepforest.toml", words(train, more)))
    done = finish(args, jobs)
    print("| network | sensors | parameters | s a step | peak memory | seeds | accuracy | macro-F1 | F1 of rare classes | labels: accuracy, macro-F1 |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    sides = []
    for kind in chosen:
        train, _ = networks[kind]
        steps = train["patches_per_epoch"] // train["batch"]
        for sensors in ("s2", "both"):
            folders = [done[job] for job, *_ in jobs if job.startswith(f"{name}-{kind}-{sensors}-") and job in done]
            if folders:
                sides.append((f"{kind}-{sensors}", folders))
                print(f"| {kind} | {'Sentinel-2' if sensors == 's2' else 'both'} | {parameters(folders[0])} {cost(folders, steps)} {quality(folders)}")
    compared(args, name, sides)


def compared(args, name, sides):
    """Each row of a table against the first: differences over the landscapes (seeds) that both have."""
    if len(sides) < 2:
        return
    (first, of_first), *others = sides
    landscape = lambda folder: folder.name.rsplit("-", 1)[1]
    print(f"\n| against {first} | landscapes | accuracy | macro-F1 |\n|---|--:|--:|--:|")
    for other, of_other in others:
        shared = {landscape(folder) for folder in of_first} & {landscape(folder) for folder in of_other}
        both = [[folder for folder in folders if landscape(folder) in shared] for folders in (of_other, of_first)]
        if not shared:
            continue
        out = args.out / f"{name}-compared-{other}"
        command = [args.program, "compare", *both[0], "--against", *both[1], "--out", out, "--force"]
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
        found = {line["measure"]: line for line in read(out, "comparison.json")["differences"] if line["code"] is None}
        cells = [interval(found[measure]) for measure in ("overall_accuracy", "macro_f1")]
        print(f"| {other} | {len(shared)} | {' | '.join(cells)} |")


def interval(line):
    if line["lower"] is None:
        return "–"
    return f"{line['difference']:+.3f} ({line['lower']:+.3f} to {line['upper']:+.3f})"


def cost(folders, steps):
    """Seconds a step and memory on a CPU: those of a GPU that trainings share say nothing."""
    folders = [folder for folder in folders if read(folder, "manifest.json")["backend"] in ("flex", "tch")]
    if not folders:
        return "| | |"
    step = min(seconds_a_step(folder, steps) for folder in folders)
    memory = max(read(folder, "manifest.json")["peak_memory_mib"] for folder in folders)
    return f"| {step:.2f} | {memory} MiB |"


def quality(folders):
    truths, mean = [read(folder, "truth.json") for folder in folders], statistics.mean
    of = lambda part, key: mean(truth[part][key] for truth in truths)
    rare = mean(
        mean(c["f1"] or 0 for c in truth["map"]["classes"] if c["code"] in RARE and c["reference_pixels"] > 0)
        for truth in truths
    )
    labels = mean(read(folder, "metrics.json")["macro_f1"] for folder in folders)
    accuracy = mean(read(folder, "metrics.json")["overall_accuracy"] for folder in folders)
    return (
        f"{len(folders)} | {of('map', 'overall_accuracy'):.3f} | {of('map', 'macro_f1'):.3f} | {rare:.3f} | {accuracy:.3f}, {labels:.3f} |"
    )


def parameters(folder):
    head = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(head[:8], "little")
    tensors = json.loads(head[8 : 8 + length])
    count = 0
    for name, tensor in tensors.items():
        if name != "__metadata__":
            size = 1
            for side in tensor["shape"]:
                size *= side
            count += size
    return f"{count:,}".replace(",", " ")


def roads(args):
    """A U-Net of one date, one that learns three dates one by one and is read by its mean, and the ConvLSTM over the latter, frozen."""
    one = {"timeline.start": "2022-06-30", "timeline.steps": 1}
    first, lines = [], {}
    for seed in args.seeds:
        simulated = {"inputs.simulate.seed": seed}
        first.append((f"roads-one-{seed}", "roads-convlstm.toml", words({}, {"model.trains": "unet"} | one | simulated)))
        first.append((f"roads-mean-{seed}", "roads-convlstm.toml", words({}, {"model.trains": "unet"} | simulated)))
        first.append((f"roads-whole-{seed}", "roads-convlstm.toml", words({}, simulated)))
    done = finish(args, first)
    second = []
    for seed in [seed for seed in args.seeds if f"roads-mean-{seed}" in done]:
        start = {"train.from": done[f"roads-mean-{seed}"] / "model.safetensors", "model.trains": "recurrent"}
        second.append((f"roads-frozen-{seed}", "roads-convlstm.toml", words({}, start | {"inputs.simulate.seed": seed})))
    done |= finish(args, second)
    seeds = [seed for seed in args.seeds if all(f"roads-{key}-{seed}" in done for key in ("one", "mean", "whole", "frozen"))]
    names = {
        "one": "U-Net, one date",
        "mean": "U-Net, three dates one by one, mean of their scores",
        "frozen": "frozen U-Net, then ConvLSTM, three dates",
        "whole": "U-Net + ConvLSTM, end to end, three dates",
    }
    print("| network | " + " | ".join(f"seed {seed}: F1 / IoU" for seed in seeds) + " | mean F1 | mean IoU | against the labels: F1 |")
    print("|---|" + "--:|" * (len(seeds) + 3))
    for key, name in names.items():
        folders = [done[f"roads-{key}-{seed}"] for seed in seeds]
        road = lambda found: found["classes"][-1]
        truths = [road(read(folder, "truth.json")["map"]) for folder in folders]
        labels = [road(read(folder, "metrics.json")) for folder in folders]
        mean = lambda rows, measure: statistics.mean(row[measure] for row in rows)
        cells = " | ".join(f"{row['f1']:.3f} / {row['iou']:.3f}" for row in truths)
        print(f"| {name} | {cells} | {mean(truths, 'f1'):.3f} | {mean(truths, 'iou'):.3f} | {mean(labels, 'f1'):.3f} |")
    compared(args, "roads", [(key, [done[f"roads-{key}-{seed}"] for seed in seeds]) for key in names if seeds])


def finish(args, jobs):
    with ThreadPoolExecutor(args.jobs) as pool:
        folders = pool.map(lambda job: run(args, *job), jobs)
        return {name: folder for (name, *_), folder in zip(jobs, folders) if folder}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("preset", choices=["amazon", "full-width", "roads"])
    parser.add_argument("program", type=lambda text: Path(text).resolve())
    parser.add_argument("out", type=lambda text: Path(text).resolve())
    parser.add_argument("--seeds", type=lambda text: text.split(","), default=["101", "102", "103"])
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--backend", default="tch")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.preset == "roads":
        roads(args)
    elif args.preset == "full-width":
        amazon(args, FULL_WIDTH, "full")
    else:
        amazon(args)


if __name__ == "__main__":
    main()
