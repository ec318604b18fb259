#!/usr/bin/env python3
"""A training step and a prediction of each network on a GPU, with the GPU's memory; prints the table of docs/validation.md.

    gpu_steps.py BENCH_STEP [--backends tch-cuda,vulkan] [--only unet,utae] [--batch 8] [--side 64] [--dates 12] [--repeats 10]

BENCH_STEP is the example of ecotone-models, built with the backends:
    cargo build --release -p ecotone-models --features tch,vulkan --example bench_step

Networks are as published, with 12 channels and 7 classes. Each has a process of its own; its memory is the most that `nvidia-smi` saw in
use at one time, less what was in use before, so it holds the runtime (half a GiB with libtorch) and what the allocator keeps.
"""

import argparse
import json
import subprocess
import threading

# Networks of one date cannot use more: those of series have --dates.
ONE_DATE = {"unet", "deeplab", "compact", "deepforest-1a", "deepforest-1b", "deepforest-1c", "deepforest-unet", "deepforest-deeplab"}
# TempCNN as published takes the 46 dates it was made for.
SERIES = {"unet3d", "unet-convlstm", "deepforest-2a", "deepforest-2b", "pixel-lstm", "tempcnn", "utae"}


def used():
    query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0"]
    return int(subprocess.run(query, capture_output=True, text=True, check=True).stdout)


class Memory:
    """The most MiB of GPU memory in use while the block runs."""

    def __enter__(self):
        self.before, self.peak, self.over = used(), 0, threading.Event()
        self.watch = threading.Thread(target=self.poll)
        self.watch.start()
        return self

    def poll(self):
        while not self.over.wait(0.05):
            self.peak = max(self.peak, used() - self.before)

    def __exit__(self, *_):
        self.over.set()
        self.watch.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--backends", type=lambda text: text.split(","), default=["tch-cuda"])
    parser.add_argument("--only", type=lambda text: text.split(","), default=sorted(ONE_DATE | SERIES))
    for name, value in {"batch": 8, "side": 64, "dates": 12, "repeats": 10}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    args = parser.parse_args()
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader", "--id=0"]
    print(subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip())
    print("| network | dates | parameters | backend | step | prediction | GPU memory |")
    print("|---|--:|--:|---|--:|--:|--:|", flush=True)
    for network in args.only:
        dates = 1 if network in ONE_DATE else 46 if network == "tempcnn" else args.dates
        for backend in args.backends:
            words = [args.program, network, dates, args.side, args.batch, args.repeats, backend, 4]
            with Memory() as memory:
                done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
            if done.returncode:
                print(f"| {network} | {dates} | | {backend} | failed: {done.stderr.strip().splitlines()[-1][:200]} |", flush=True)
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            parameters = f"{found['parameters']:,}".replace(",", " ")
            step, predict = found["step"] * 1000, found["predict"] * 1000
            print(f"| {network} | {dates} | {parameters} | {backend} | {step:.0f} ms | {predict:.0f} ms | {memory.peak} MiB |", flush=True)


if __name__ == "__main__":
    main()
