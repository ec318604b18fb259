#!/usr/bin/env python3
"""A training step and a prediction of ours on tch beside PyTorch's, for U-Net, UNet3D and the pixel LSTM, two threads each.

    train_step.py BENCH_STEP [--rounds 3] [--threads 2]

BENCH_STEP is the example of ecotone-models, built with the backend tch:
    cargo build --release -p ecotone-models --features tch --example bench_step

Both sides: the same network, batch and noise; cross-entropy, AdamW, gradients clipped to a norm of 1; the fastest step of each round,
rounds in turn, the best of all. PyTorch is eager. Needs torch 2.9 and torchvision.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "crates/models/tests/vectors"))
import make_networks  # noqa: E402
import make_unet3d  # noqa: E402

CHANNELS, CLASSES, REPEATS = 12, 7, 5


class PerDate(nn.Module):
    """The U-Net of each date, scores averaged."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        n, c, t, h, w = x.shape
        return self.net(x.transpose(1, 2).reshape(n * t, c, h, w)).reshape(n, t, CLASSES, h, w).mean(1)


class Series3d(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        n, _, t, _, _ = x.shape
        return self.net(x, torch.ones(n, t, dtype=torch.bool), "masked_mean")


class PixelLstm(nn.Module):
    """As in BreizhCrops: the cells of all layers and directions after the last date."""

    def __init__(self, hidden, layers):
        super().__init__()
        self.norm = nn.LayerNorm(CHANNELS)
        self.lstm = nn.LSTM(CHANNELS, hidden, layers, bias=False, bidirectional=True, batch_first=True)
        self.cells = nn.LayerNorm(2 * hidden * layers)
        self.head = nn.Linear(2 * hidden * layers, CLASSES)

    def forward(self, x):
        n, c, t, h, w = x.shape
        _, (_, cells) = self.lstm(self.norm(x.permute(0, 3, 4, 2, 1).reshape(n * h * w, t, c)))
        scores = self.head(self.cells(cells.transpose(0, 1).flatten(1)))
        return scores.reshape(n, h, w, CLASSES).permute(0, 3, 1, 2)


def cases():
    common = {"channels": CHANNELS, "classes": CLASSES}
    unet = PerDate(make_networks.UNet(CHANNELS, CLASSES, 32, 4, 2))
    yield "U-Net, width 32", {"kind": "unet", **common, "width": 32, "depth": 4, "decoder_convs": 2}, unet, (1, 64, 8)
    unet3d = Series3d(make_unet3d.UNet3d(CHANNELS, CLASSES, 16, 2))
    yield "UNet3D, width 16", {"kind": "unet3d", **common, "width": 16, "depth": 2}, unet3d, (24, 32, 4)
    lstm = {"kind": "pixel-lstm", **common, "hidden": 64, "layers": 2, "bidirectional": True}
    yield "pixel LSTM, 64 x 2 x 2", lstm, PixelLstm(64, 2), (24, 32, 1)


def ours(program, config, sizes, threads):
    command = [program, json.dumps(config), *map(str, sizes), str(REPEATS), "tch", str(threads)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(said.splitlines()[-1])


def theirs(net, sizes):
    dates, side, batch = sizes
    x = torch.rand(batch, CHANNELS, dates, side, side) * 2 - 1
    y = torch.arange(side * side).remainder(CLASSES).reshape(1, side, side).repeat(batch, 1, 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3)
    net.train()
    steps, predictions = [], []
    for _ in range(REPEATS + 1):
        begun = time.perf_counter()
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        steps.append(time.perf_counter() - begun)
    net.eval()
    with torch.inference_mode():
        for _ in range(REPEATS + 1):
            begun = time.perf_counter()
            net(x).softmax(1)
            predictions.append(time.perf_counter() - begun)
    return {"step": min(steps[1:]), "predict": min(predictions[1:])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print("| network | parameters | step, ours | step, PyTorch | ratio | prediction, ours | prediction, PyTorch | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for name, config, net, sizes in cases():
        best = [{"step": 1e9, "predict": 1e9}, {"step": 1e9, "predict": 1e9}]
        for _ in range(args.rounds):
            for place, found in enumerate((ours(args.program, config, sizes, args.threads), theirs(net, sizes))):
                best[place] = {key: min(seconds, found[key]) for key, seconds in best[place].items()}
        (a, b), count = best, sum(p.numel() for p in net.parameters())
        print(
            f"| {name} | {count} | {a['step']:.3f} s | {b['step']:.3f} s | {a['step'] / b['step']:.2f} "
            f"| {a['predict']:.3f} s | {b['predict']:.3f} s | {a['predict'] / b['predict']:.2f} |"
        )


if __name__ == "__main__":
    main()
