#!/usr/bin/env python3
"""Prediction and training of ours beside OpenVINO and PyTorch (eager), both sides in one run on the same weights.

    engines.py ENGINE OUT.md [--rows openvino,eager,training/unet] [--pairs 5] [--backend flex] [--isa avx2]

ENGINE is an example of ecotone-models:
    cargo build --release -p ecotone-models --example engine
The peers:
    pip install torch==2.9.0 torchvision==0.24.0 numpy openvino==2026.4.1

Rows are `openvino/NETWORK` (prediction beside OpenVINO in f32 and PyTorch, 1 and 2 threads), `eager/NETWORK` (prediction of
each network as published beside PyTorch, 2 threads) and `training/NETWORK` (a step forward, back and of AdamW beside
PyTorch, 2 threads, and the losses of all steps from the same weights and batches). A pair is each side once, in alternating
order, for about half a second each; given is the median of the ratios of the pairs, and the lowest and highest. Loading,
compiling and the first call are in no time. OpenVINO's model is converted from the PyTorch module. `--isa avx2` keeps the
peers from wider instructions. All fifteen networks take a quarter of an hour; run it on an idle machine.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy
import openvino
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent / "peers"))
import twins  # noqa: E402

CHANNELS, CLASSES = 12, 7
# A thread pool that has just worked spins for a while: the next side waits until it sleeps.
SETTLE = 0.25
SERIES, PICTURE, THREE = (46, 64), (1, 256), (3, 256)
# Dates and side of the window of each network as published.
WINDOWS = {
    "unet3d": SERIES,
    "unet": PICTURE,
    "unet-convlstm": THREE,
    "deepforest-1a": PICTURE,
    "deepforest-1b": PICTURE,
    "deepforest-1c": PICTURE,
    "deepforest-2a": THREE,
    "deepforest-2b": THREE,
    "deepforest-unet": PICTURE,
    "deepforest-deeplab": PICTURE,
    "deeplab": PICTURE,
    "compact": PICTURE,
    "utae": SERIES,
    "pixel-lstm": SERIES,
    "tempcnn": SERIES,
}
# Settings, and [batch, dates, side] of a step.
TRAININGS = {
    "unet": ({"width": 32, "depth": 4, "decoder_convs": 2}, (8, 1, 64)),
    "unet3d": ({"width": 16, "depth": 2}, (4, 24, 32)),
    "tempcnn": ({"steps": 46, "width": 128, "kernel": 7, "dropout": 0.0}, (1, 46, 32)),
    "pixel-lstm": ({"hidden": 64, "layers": 2, "bidirectional": True, "dropout": 0.0}, (1, 24, 32)),
}
STEPS_A_PAIR, BATCHES = 4, 4
# At 1e-3 PyTorch's own losses move by 1e-3 within 20 steps where the input changes by 1e-7 of itself: at first AdamW follows the
# signs of gradients, be they rounding. At this rate they move by 2e-4.
LEARNING_RATE = 3e-4
ISA = {"avx2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}}


@dataclass
class Row:
    """A network beside a peer."""

    group: str
    network: str
    threads: int
    wanted: dict

    def name(self):
        return f"{self.group}/{self.network}"


def rows():
    for network in ("unet3d", "unet"):
        for threads in (1, 2):
            yield Row("openvino", network, threads, {"OpenVINO": 1.25, "PyTorch": None})
    for network in WINDOWS:
        yield Row("eager", network, 2, {"PyTorch": 1.5 if network in ("pixel-lstm", "tempcnn") else 1.0})
    for network in TRAININGS:
        yield Row("training", network, 2, {"PyTorch": 2.0 if network == "pixel-lstm" else 1.5})


class Ours:
    """The example, one process for each number of threads."""

    def __init__(self, program, backend, threads):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([program, backend, str(threads)], stdin=pipe, stdout=pipe, text=True)

    def ask(self, do, **words):
        print(json.dumps({"do": do} | words, default=str), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the engine ended at `{do}`")
        return json.loads(line)

    def predict(self, times):
        return self.ask("predict", times=times)["seconds"]

    def cpu_seconds(self):
        """Of its own code, and of the system for it."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return [int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in fields[11:13]]

    def peak_mib(self):
        """The most that it has held since it started, or since the last `reset_peak`."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def reset_peak(self):
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def model(self, net, card, folder):
        """A weight file of a twin."""
        path = twins.write(net, card, folder)
        if path.suffix != ".pt":
            return path
        model = path.with_suffix(".safetensors")
        self.ask("import", state_dict=path, card=card, model=model)
        return model


def clock(call):
    """What `call` takes for so many times."""

    def seconds(times):
        begun = time.perf_counter()
        for _ in range(times):
            call()
        return time.perf_counter() - begun

    return seconds


def in_pairs(sides, pairs, at_least=0.5):
    """Seconds a call of each side by its name, one number a pair, after a call that warms up."""
    times = {}
    for name, side in sides.items():
        side(1)
        times[name] = min(max(round(at_least / side(1)), 1), 20)
    found = {name: [] for name in sides}
    for pair in range(pairs):
        for name in list(sides) if pair % 2 == 0 else reversed(sides):
            time.sleep(SETTLE)
            found[name].append(sides[name](times[name]) / times[name])
    return found


def openvino_of(net, x, threads):
    model = openvino.convert_model(net, example_input=x)
    core = openvino.Core()
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = core.compile_model(model, "CPU", settings)
    assert str(compiled.get_property("INFERENCE_PRECISION_HINT")) == "<Type: 'float32'>"
    return compiled


def fields(steps, side, seed=2):
    """A series of squares of 16 pixels under noise, so that scores differ from place to place."""
    chance = torch.Generator().manual_seed(seed)
    noise = lambda *shape: torch.rand(1, CHANNELS, *shape, generator=chance) * 2 - 1
    squares = noise(1, side // 16, side // 16).repeat_interleave(16, 3).repeat_interleave(16, 4)
    return 2 * squares + noise(steps, side, side) / 2


def predict(row, ours, folder, pairs):
    """The seconds of each side, and how far our probabilities are from each peer's."""
    steps, side = WINDOWS[row.network]
    settings = twins.PUBLISHED[row.network]
    x = fields(steps, side)
    # A pixel network sees no neighbours, and is slow.
    part = 32 if row.network in ("pixel-lstm", "tempcnn") else side
    seen = torch.cat([x, x.flip(3)])[..., :part, :part]
    net = twins.draw(twins.twin(row.network, CHANNELS, CLASSES, settings), seen)
    card = twins.card(row.network, CHANNELS, CLASSES, settings, steps, side)
    (folder / "input.f32").write_bytes(x.transpose(1, 2).contiguous().numpy().tobytes())
    model, shape = ours.model(net, card, folder), [1, steps, CHANNELS, side, side]
    ours.ask("load", model=model, values=folder / "input.f32", shape=shape)
    net = torch.nn.Sequential(net, torch.nn.Softmax(1))
    last = {}

    def eager():
        with torch.inference_mode():
            last["PyTorch"] = net(x).numpy()

    sides = {"ours": ours.predict, "PyTorch": clock(eager)}
    if "OpenVINO" in row.wanted:
        compiled, values = openvino_of(net, x, row.threads), x.numpy()

        def infer():
            last["OpenVINO"] = compiled(values)[0]

        sides["OpenVINO"] = clock(infer)
    torch.set_num_threads(row.threads)
    ours.reset_peak()
    before = ours.cpu_seconds()
    seconds = in_pairs(sides, pairs)
    user, system = (b - a for a, b in zip(before, ours.cpu_seconds()))
    ours.ask("write", path=folder / "output.f32")
    data = (folder / "output.f32").read_bytes()
    found = numpy.frombuffer(data, "<f4").reshape(1, CLASSES, side, side)
    return {
        "input": shape,
        "settings": settings,
        "seconds": seconds,
        "difference": {peer: float(abs(found - values).max()) for peer, values in last.items()},
        "spread": float(found.std((2, 3)).max()),
        "system": system / max(user + system, 1e-9),
        "peak_mib": ours.peak_mib(),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def learnable(shape, seed=3):
    """Batches of noise in which each class has its own mean of the channels, as hard to see in many dates as in one."""
    chance = torch.Generator().manual_seed(seed)
    n, steps, side = shape
    labels = torch.randint(0, CLASSES, (BATCHES, n, side, side), generator=chance)
    means = (torch.rand(CLASSES, CHANNELS, generator=chance) * 2 - 1) / steps**0.5
    noise = torch.rand(BATCHES, n, CHANNELS, steps, side, side, generator=chance) * 2 - 1
    return noise + means[labels].permute(0, 1, 4, 2, 3).unsqueeze(3), labels


def train(row, ours, folder, pairs):
    """The seconds of a step of each side, and the losses."""
    settings, shape = TRAININGS[row.network]
    n, steps, side = shape
    torch.manual_seed(4)
    net = twins.twin(row.network, CHANNELS, CLASSES, settings)
    card = twins.card(row.network, CHANNELS, CLASSES, settings, steps, side)
    x, y = learnable(shape)
    (folder / "values.f32").write_bytes(x.transpose(2, 3).contiguous().numpy().tobytes())
    (folder / "targets.u8").write_bytes(y.to(torch.uint8).numpy().tobytes())
    model, count = ours.model(net, card, folder), 1 + pairs * STEPS_A_PAIR
    decays, keeps = [], []
    for parameter in net.parameters():
        (decays if parameter.dim() > 1 else keeps).append(parameter)
    groups = [{"params": decays, "weight_decay": 1e-4}, {"params": keeps, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=LEARNING_RATE)
    losses = {"ours": [], "PyTorch": []}

    def step():
        place = len(losses["PyTorch"]) % BATCHES
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x[place]), y[place])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        losses["PyTorch"].append(loss.item())

    def of_ours(do, **words):
        told = ours.ask(do, **words)
        losses["ours"] += told["losses"]
        return told["seconds"]

    torch.set_num_threads(row.threads)
    ours.reset_peak()
    sides = {"ours": lambda times: of_ours("step", times=times), "PyTorch": clock(step)}
    files = {"model": model, "values": folder / "values.f32", "targets": folder / "targets.u8"}
    of_ours("train", **files, shape=[n, steps, CHANNELS, side, side], steps=count, learning_rate=LEARNING_RATE)
    step()
    seconds = {name: [] for name in sides}
    for pair in range(pairs):
        for name in list(sides) if pair % 2 == 0 else reversed(sides):
            time.sleep(SETTLE)
            seconds[name].append(sides[name](STEPS_A_PAIR) / STEPS_A_PAIR)
    return {
        "input": [n, steps, CHANNELS, side, side],
        "settings": settings,
        "seconds": seconds,
        "losses": losses,
        "difference": {"PyTorch": max(abs(a - b) for a, b in zip(losses["ours"], losses["PyTorch"]))},
        "peak_mib": ours.peak_mib(),
    }


def ratio(found, peer):
    """Median, lowest and highest ratio of ours to the peer's time."""
    ratios = [a / b for a, b in zip(found["seconds"]["ours"], found["seconds"][peer])]
    return statistics.median(ratios), min(ratios), max(ratios)


def time_of(seconds):
    middle = statistics.median(seconds)
    return f"{middle:.2f} s" if middle >= 1 else f"{1000 * middle:.0f} ms"


def size(shape):
    n, steps, channels, side, _ = shape
    return " x ".join(str(count) for count in (n, channels, steps, side, side) if count != 1)


def cpu():
    """Model, cores and the widest instructions of the machine."""
    text = Path("/proc/cpuinfo").read_text()
    of = lambda key: text.partition(f"\n{key}")[2].partition(":")[2].partition("\n")[0].strip()
    flags = of("flags").split()
    wide = [flag for flag in ("fma", "avx2", "avx512f", "amx_tile") if flag in flags]
    family = f"family {of('cpu family')}, model {of('model')[:4].strip()}" if of("cpu family") else ""
    return f"{of('model name')} ({family}; {' '.join(wide)}), {os.cpu_count()} cores"


def lines_of(row, found):
    for peer, wanted in row.wanted.items():
        middle, low, high = ratio(found, peer)
        words = [
            row.network,
            size(found["input"]),
            row.threads,
            peer,
            time_of(found["seconds"]["ours"]),
            time_of(found["seconds"][peer]),
            f"{middle:.2f} ({low:.2f}-{high:.2f})",
            "" if wanted is None else f"{wanted:g}{'' if middle <= wanted else ' missed'}",
            f"{found['difference'][peer]:.1e}",
        ]
        if row.group == "training":
            words += [f"{found['losses']['ours'][0]:.3f} to {found['losses']['ours'][-1]:.3f}"]
        else:
            words += [f"{100 * found['system']:.0f} %"]
        yield words + [f"{found['peak_mib']:.0f} MiB"]


def table(heads, lines):
    rule = ["---"] * 2 + ["--:"] + ["---"] + ["--:"] * (len(heads) - 4)
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in [heads, rule, *lines])


COMMON = ["network", "input", "threads", "peer", "ours", "peer's", "ratio (lowest-highest)", "wanted"]
PREDICTS = COMMON + ["largest difference of a probability", "system time of ours", "peak of ours"]
TRAINS = COMMON + ["largest difference of a loss", "our loss", "peak of ours"]


def report(args, done):
    versions = f"torch {torch.__version__}, OpenVINO {openvino.__version__.partition('-')[0]}"
    limit = f", peers kept to {args.isa}" if args.isa else ""
    words = [
        f"CPU: {cpu()}{limit}. Peers: {versions}. Ours: backend {args.backend}. {CHANNELS} channels, {CLASSES} classes, all dates "
        f"observed; medians of the ratios of {args.pairs} pairs, `engines.py`. Networks as published but for training."
    ]
    predictions = [line for row, found in done if row.group != "training" for line in lines_of(row, found)]
    if predictions:
        words.append("Prediction of a window (samples x channels x dates x rows x columns, ones left out):")
        words.append(table(PREDICTS, predictions))
    same = {}
    for row, found in done:
        if row.group != "training":
            same.setdefault(row.network, {})[row.threads] = found["sha256"]
    same = {network: len(set(codes.values())) == 1 for network, codes in same.items() if len(codes) > 1}
    if same:
        told = ", ".join(f"{network} {'yes' if equal else 'no'}" for network, equal in same.items())
        words.append(f"The same bytes from 1 and 2 threads: {told}.")
    trainings = [(row, found) for row, found in done if row.group == "training"]
    if trainings:
        steps = 1 + args.pairs * STEPS_A_PAIR
        sizes = "; ".join(f"{row.network} {json.dumps(found['settings'])}" for row, found in trainings)
        words.append(f"A training step, AdamW, losses of {steps} steps ({sizes}):")
        words.append(table(TRAINS, [line for row, found in trainings for line in lines_of(row, found)]))
    return "\n\n".join(words) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", type=Path)
    parser.add_argument("out", type=Path, help="the tables; all numbers go beside it as .json")
    parser.add_argument("--rows", default="openvino,eager,training", help="groups or rows, by commas")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--backend", default="flex")
    parser.add_argument("--isa", choices=sorted(ISA))
    args = parser.parse_args()
    asked = args.rows.split(",")
    chosen = [row for row in rows() if row.group in asked or row.name() in asked]
    unknown = set(asked) - {name for row in rows() for name in (row.group, row.name())}
    if unknown:
        parser.error(f"no rows {', '.join(sorted(unknown))}; there are {', '.join(dict.fromkeys(r.name() for r in rows()))}")
    if args.isa and os.environ.get("ATEN_CPU_CAPABILITY") != args.isa:
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | ISA[args.isa])
    engines = {threads: Ours(args.engine, args.backend, threads) for threads in {row.threads for row in chosen}}
    done = []
    with tempfile.TemporaryDirectory() as folder:
        for row in chosen:
            begun = time.perf_counter()
            measure = train if row.group == "training" else predict
            found = measure(row, engines[row.threads], Path(folder), args.pairs)
            done.append((row, found))
            for words in lines_of(row, found):
                print(" | ".join(map(str, [row.group, *words])), f"({time.perf_counter() - begun:.0f} s)", flush=True)
            # What there is, should the run be stopped.
            args.out.write_text(report(args, done))
            raw = [vars(row) | found for row, found in done]
            args.out.with_suffix(".json").write_text(json.dumps({"cpu": cpu(), "rows": raw}, indent=1))
    print("\n" + args.out.read_text())


if __name__ == "__main__":
    main()
