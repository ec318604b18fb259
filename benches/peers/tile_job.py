#!/usr/bin/env python3
"""A map of one tile from a catalogue of scenes: `ecotone predict` beside odc-stac, xarray and PyTorch (eager).

    tile_job.py CATALOG RUN ECOTONE [--side 512] [--cores 64,128,256] [--pairs 5] [--equal-pairs 1] [--out OUT.md]

CATALOG is a folder of `ecotone simulate forest --size 1024 --seed 1`, RUN the run folder of a UNet3D trained with blend crop:
    ecotone train recipes/disturbance-unet3d.toml --set model.width=32 --set train.epochs=1 --set predict.blend=crop
ECOTONE is the release binary. The peers:
    pip install torch==2.9.0 torchvision==0.24.0 numpy odc-stac rasterio pystac xarray dask

The tile is a square of EPSG:3035 at 20 m in the middle of the landscape, whose corner is a multiple of 256 pixels. Both sides use the same
scenes, weights and halo, and write class codes and confidence. Windows are tried once at each of `--cores` (pixels that a window maps,
its halo left out); then each side at its own fastest ones, in pairs of alternating order, and both at ours, where the maps
are compared. Ours is the whole process; the peer's time is without its imports and its model's loading.
"""

import argparse
import datetime as dt
import json
import os
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import dask
import numpy as np
import odc.stac
import pystac
import rasterio
import torch
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "crates/models/tests/vectors"))
import make_unet3d  # noqa: E402

CRS, PIXEL, LATTICE = "EPSG:3035", 20, 256
NODATA = 0


def header_of(data):
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    return header, json.loads(header["__metadata__"]["ecotone.card"]), 8 + length


def with_window(model, core, halo, out):
    """A copy of a weight file that maps in other windows."""
    data = model.read_bytes()
    header, card, begin = header_of(data)
    card["window"] = {"size": core + 2 * halo, "halo": halo}
    header["__metadata__"]["ecotone.card"] = json.dumps(card)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    out.write_bytes(struct.pack("<Q", len(text)) + text + data[begin:])
    return out


def network_of(model):
    """The card, and the twin with the file's weights."""
    data = model.read_bytes()
    header, card, start = header_of(data)
    config = card["network"]
    assert config["kind"] == "unet3d" and config["collapse"] == "masked_mean", "the peer is a UNet3D that takes the mean"
    net = make_unet3d.UNet3d(config["channels"], config["classes"], config["width"], config["depth"])
    net.attention = torch.nn.Identity()
    state = net.state_dict()
    for name in state:
        if not name.endswith("num_batches_tracked"):
            info = header[make_unet3d.rust_name(name)]
            begin, end = (start + place for place in info["data_offsets"])
            values = np.frombuffer(data[begin:end], "<f4").reshape(info["shape"])
            state[name] = torch.from_numpy(values.copy())
    net.load_state_dict(state)
    return card, net.eval()


def tile_of(catalog, side):
    """A square of so many pixels near the middle of the landscape, its corner on the lattice."""
    with rasterio.open(catalog / "truth.tif") as truth:
        left, bottom, right, top = transform_bounds(truth.crs, CRS, *truth.bounds)
    step = PIXEL * LATTICE
    x = round(((left + right - side * PIXEL) / 2) / step) * step
    y = round(((top + bottom + side * PIXEL) / 2) / step) * step
    assert left < x and x + side * PIXEL < right and bottom < y - side * PIXEL and y < top, "the tile leaves the landscape"
    return GeoBox((side, side), from_origin(x, y, PIXEL, PIXEL), CRS)


class Peer:
    """The job as its tools suggest it: load the cube of the tile, mask and normalise it, map it window by window."""

    def __init__(self, catalog, model, box, out, threads):
        self.card, self.net = network_of(model)
        (self.series,) = self.card["inputs"]["sources"]
        assert self.card["inputs"]["blend"] == "crop", "the peer cuts the halo off: train with --set predict.blend=crop"
        assert self.series["indices"] == ["NDVI", "NBR", "NDMI"] and self.series["fill"] == "zero"
        self.halo = self.card["window"]["halo"]
        self.catalog, self.box, self.out, self.threads = catalog, box, out, threads

    def items(self):
        """Scenes of the series, in the order of time; a static catalogue is read from its files."""
        start, found = dt.date.fromisoformat(self.series["start"]), []
        for path in sorted(self.catalog.glob("*/*/*.json")):
            item = pystac.Item.from_file(path)
            step = (item.datetime.date() - start).days // self.series["step_days"]
            clouds = item.properties["eo:cloud_cover"]
            if 0 <= step < self.series["steps"] and clouds <= self.series["max_cloud_cover"]:
                item.make_asset_hrefs_absolute()
                found.append((item.datetime, item.id, step, clouds, item))
        return sorted(found, key=lambda entry: entry[:2])

    def cube(self, box):
        """Normalised values [channel, time, y, x], 0 where nothing was seen, and what was seen [time, y, x]; of the scenes of a
        step the clearest counts first."""
        bands, items = self.series["bands"], self.items()
        fine = {band: "average" for band in bands if items[0][4].assets[band].extra_fields["gsd"] < PIXEL}
        data = odc.stac.load(
            [item for *_, item in items],
            bands=[*bands, "SCL"],
            geobox=box,
            chunks={"x": 512, "y": 512},
            resampling={"*": "bilinear", "SCL": "nearest"} | fine,
            groupby="id",
        ).compute()
        times = np.array([when.replace(tzinfo=None) for when, *_ in items], "datetime64[ns]")
        assert (data.time.values == times).all(), "a layer a scene"
        shape = (len(self.card["bands"]), self.series["steps"], *box.shape)
        values, seen = np.zeros(shape, "f4"), np.zeros(shape[1:], bool)
        mean, std = (
            np.array([channel[key] for channel in self.card["normalisation"]], "f4")[:, None, None] for key in ("mean", "std")
        )
        valid = ~data.SCL.isin(self.series["mask"]["values"])
        for place in sorted(range(len(items)), key=lambda place: items[place][2:4]):
            *_, step, _, item = items[place]
            new = valid.values[place] & ~seen[step]
            scene = np.empty((shape[0], *box.shape), "f4")
            for channel, band in enumerate(bands):
                info = item.assets[band].extra_fields["raster:bands"][0]
                counts = data[band].values[place]
                new &= counts != info["nodata"]
                scene[channel] = counts * np.float32(info["scale"]) + np.float32(info["offset"])
            for channel, (a, b) in enumerate([("B8A", "B04"), ("B8A", "B12"), ("B8A", "B11")], len(bands)):
                a, b = scene[bands.index(a)], scene[bands.index(b)]
                total = np.where(np.abs(a + b) < 1e-6, np.inf, a + b)
                scene[channel] = np.clip((a - b) / total, -1, 1)
            values[:, step, new] = ((scene - mean) / std)[:, new]
            seen[step] |= new
        return values, seen

    def scores(self, values, seen):
        """Class scores over the temperature, for the classes' shares on the ground."""
        training = self.card["training"]
        found = self.net(values, seen, "masked_mean") / (training.get("calibration") or {"temperature": 1.0})["temperature"]
        prior = training.get("prior")
        return found + torch.tensor(prior["bias"], dtype=torch.float32)[:, None, None] if prior else found

    def run(self, core, on_lattice=False):
        """Maps the tile, in windows from its corner or on the lattice of its reference system: the seconds of each part."""
        torch.set_num_threads(self.threads)
        begun = [time.perf_counter()]
        rows, cols = self.box.shape
        # The tile's first pixel in the first window.
        y, x = (round(place / PIXEL) % core if on_lattice else 0 for place in (-self.box.affine.f, self.box.affine.c))
        size, down, right = core + 2 * self.halo, -(-(rows + y) // core), -(-(cols + x) // core)
        corner = self.box.affine * Affine.translation(-x - self.halo, -y - self.halo)
        with dask.config.set(scheduler="threads", num_workers=self.threads):
            values, seen = self.cube(GeoBox((down * core + 2 * self.halo, right * core + 2 * self.halo), corner, CRS))
        begun.append(time.perf_counter())
        codes = np.array([entry["code"] for entry in self.card["legend"]], "u1")
        classes, sure = np.zeros((down * core, right * core), "u1"), np.zeros((down * core, right * core), "u1")
        for row in range(0, down * core, core):
            for col in range(0, right * core, core):
                window = (slice(row, row + size), slice(col, col + size))
                with torch.inference_mode():
                    part = torch.from_numpy(values[None, :, :, *window].copy())
                    found = self.scores(part, torch.from_numpy(seen[None, :, *window].copy())).softmax(1)[0].numpy()
                inner = found[:, self.halo : self.halo + core, self.halo : self.halo + core]
                classes[row : row + core, col : col + core] = codes[inner.argmax(0)]
                sure[row : row + core, col : col + core] = np.rint(100 * inner.max(0))
        tile = (slice(y, y + rows), slice(x, x + cols))
        inside = slice(self.halo, -self.halo or None)
        nothing = ~seen.any(0)[inside, inside]
        classes[nothing], sure[nothing] = NODATA, 255
        classes, sure = classes[tile], sure[tile]
        begun.append(time.perf_counter())
        profile = dict(driver="COG", height=rows, width=cols, count=1, dtype="uint8", crs=CRS, transform=self.box.affine)
        for name, layer in (("map.tif", classes), ("confidence.tif", sure)):
            with rasterio.open(self.out / name, "w", compress="deflate", **profile) as file:
                file.write(layer, 1)
        begun.append(time.perf_counter())
        return {"seconds": begun[-1] - begun[0], "parts": [b - a for a, b in zip(begun, begun[1:])], "map": classes}


class Ours:
    """`ecotone predict` of the tile."""

    def __init__(self, args, box, halo, folder):
        self.args, self.halo, self.folder = args, halo, folder
        self.grid = folder / "tile.tif"
        profile = dict(driver="GTiff", height=box.shape[0], width=box.shape[1], count=1, dtype="uint8", crs=CRS)
        with rasterio.open(self.grid, "w", transform=box.affine, **profile) as file:
            file.write(np.ones((1, *box.shape), "u1"))

    def run(self, core):
        args = self.args
        model = with_window(args.run / "model.safetensors", core, self.halo, self.folder / f"model-{core}.safetensors")
        out = self.folder / "ours"
        command = [args.ecotone, "predict", model, "--catalog", args.catalog / "catalog.json", "--grid", self.grid]
        command += ["--prior", "natural", "--backend", args.backend, "--threads", args.threads, "--out", out, "--force", "--quiet"]
        begun = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        if status:
            sys.exit(f"ecotone predict failed with {os.waitstatus_to_exitcode(status)}")
        with rasterio.open(out / "map.tif") as file:
            classes = file.read(1)
        system = usage.ru_stime / (usage.ru_stime + usage.ru_utime)
        return {"seconds": seconds, "map": classes, "system": system, "peak_mib": usage.ru_maxrss / 1024}


def in_pairs(ours, peer, pairs):
    """What each side gives, alternately."""
    found = ([], [])
    for pair in range(pairs):
        for side in (0, 1) if pair % 2 == 0 else (1, 0):
            time.sleep(0.5)
            found[side].append((ours, peer)[side]())
    return found


def line(name, ours, peer, cores):
    """A row of the table."""
    seconds = [[run["seconds"] for run in runs] for runs in (ours, peer)]
    ratios = [b / a for a, b in zip(*seconds)]
    a, b = (statistics.median(times) for times in seconds)
    return (
        f"| {name} | {cores[0]} | {cores[1]} | {a:.1f} s | {b:.1f} s | {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f}-{max(ratios):.2f}) | {len(ratios)} |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("ecotone", type=Path)
    parser.add_argument("--side", type=int, default=512, help="of the tile, in pixels")
    parser.add_argument("--cores", default="64,128,256", help="windows to try on each side, by commas; one is taken as it is")
    parser.add_argument("--peer-cores", help="windows to try on the peer's side, where they are others")
    parser.add_argument("--pairs", type=int, default=5, help="at each side's fastest windows")
    parser.add_argument("--equal-pairs", type=int, default=1, help="at equal windows")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--backend", default="flex")
    parser.add_argument("--out", type=Path, help="the tables, too")
    args = parser.parse_args()
    box = tile_of(args.catalog, args.side)
    with tempfile.TemporaryDirectory() as folder:
        peer = Peer(args.catalog, args.run / "model.safetensors", box, Path(folder), args.threads)
        ours = Ours(args, box, peer.halo, Path(folder))
        told = []

        def fastest(name, run, cores):
            cores = [int(core) for core in cores.split(",")]
            if len(cores) == 1:
                return cores[0]
            times = {}
            for core in cores:
                times[core] = run(core)["seconds"]
                print(f"{name}, windows of {core}: {times[core]:.1f} s", flush=True)
            told.append(f"Tried once, {name}: " + ", ".join(f"{core} {seconds:.1f} s" for core, seconds in times.items()) + ".")
            return min(times, key=times.get)

        own = fastest("ours", ours.run, args.cores)
        other = fastest("the peer", peer.run, args.peer_cores or args.cores)
        a, b = in_pairs(lambda: ours.run(own), lambda: peer.run(other), args.pairs)
        lines = [line("own fastest windows", a, b, (own, other))]
        print(lines[-1], flush=True)
        same, theirs = in_pairs(lambda: ours.run(own), lambda: peer.run(own, on_lattice=True), args.equal_pairs)
        lines.append(line("equal windows", same, theirs, (own, own)))
    parts = [statistics.median(values) for values in zip(*(run["parts"] for run in b))]
    mapped = (same[-1]["map"] != NODATA) & (theirs[-1]["map"] != NODATA)
    alike = np.mean((same[-1]["map"] == theirs[-1]["map"])[mapped])
    config = peer.card["network"]
    cpu = Path("/proc/cpuinfo").read_text().partition("model name")[2].partition(":")[2].partition("\n")[0].strip()
    report = [
        f"CPU: {cpu}, {args.threads} threads. Tile of {args.side} x {args.side} pixels, {CRS}@{PIXEL}, corner "
        f"{box.affine.c:.0f} {box.affine.f:.0f}; {len(peer.items())} scenes; UNet3D of width {config['width']}, {peer.series['steps']} steps, halo "
        f"{peer.halo}; ours: backend {args.backend}, against odc-stac {odc.stac.__version__}, torch {torch.__version__}.",
        "| windows | ours, core | peer's, core | ours | peer | peer / ours (lowest-highest) | pairs |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n" + "\n".join(lines),
        *told,
        f"Peer's time at its fastest windows: loading and cube {parts[0]:.1f} s, network {parts[1]:.1f} s, writing {parts[2]:.1f} s. Ours: "
        f"{100 * statistics.median(run['system'] for run in a):.0f} % system time, peak {max(run['peak_mib'] for run in a):.0f} MiB; the peer's "
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB.",
        f"Codes that agree at equal windows: {alike:.5f} of {mapped.sum()} pixels that both map "
        f"({(same[-1]['map'] != NODATA).sum()} ours, {(theirs[-1]['map'] != NODATA).sum()} the peer).",
    ]
    text = "\n\n".join(report) + "\n"
    print("\n" + text)
    if args.out:
        args.out.write_text(text)


if __name__ == "__main__":
    main()
