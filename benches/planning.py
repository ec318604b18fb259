"""What planning costs: bytes read a scene and memory, for full-size local tiles of which a job wants a small window.

    planning.py ECOTONE FOLDER [--scenes N] [--tiles N]

FOLDER gets TILES tiles of 10980 x 10980 pixels of noise (B04, B08 and an SCL of 20 m, with overviews; some 700 MB a tile),
to which SCENES records point by turns, and a recipe whose labels cover 1.28 km. Runs `ecotone label patches` twice: with the
offset decided by pixels, and told, so that their difference is the look. Bytes are those that the process asked the system
for (rchar of /proc/PID/io), memory is its peak. Prints one line a run and the processor. Needs numpy and rasterio; Linux.
"""

import argparse
import json
import os
import subprocess
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.warp import transform_bounds

SIDE, WEST, NORTH, CRS = 10980, 500_000, 5_500_000, "EPSG:32633"


def write(path, rows, gsd, make, dtype):
    if path.exists():
        return
    profile = dict(driver="GTiff", width=rows, height=rows, count=1, dtype=dtype, crs=CRS, nodata=None, tiled=True,
                   blockxsize=512, blockysize=512, compress="deflate", zlevel=1,
                   transform=from_origin(WEST, NORTH, gsd, gsd))
    with rasterio.open(path, "w", **profile) as out:
        for row in range(0, rows, 512):
            height = min(512, rows - row)
            out.write(make((height, rows)), 1, window=((row, row + height), (0, rows)))
    with rasterio.open(path, "r+") as out:
        out.build_overviews([2, 4, 8, 16, 32], Resampling.average if dtype == "uint16" else Resampling.nearest)


def make_tile(folder, seed):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    for band, mean in (("B04", 1400), ("B08", 4000)):
        noise = lambda shape, mean=mean: (mean + random.normal(0, 60, shape)).astype("uint16")
        write(folder / f"{band}.tif", SIDE, 10, noise, "uint16")
    write(folder / "SCL.tif", SIDE // 2, 20, lambda shape: np.where(random.random(shape) < 0.1, 9, 4).astype("uint8"), "uint8")


def item(folder, i, tile):
    west, south, east, north = transform_bounds(CRS, "EPSG:4326", WEST, NORTH - SIDE * 10, WEST + SIDE * 10, NORTH)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    assets = {}
    for name in ("B04", "B08", "SCL"):
        link = folder / f"scene-{i}" / f"{name}.tif"
        link.parent.mkdir(exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(os.path.relpath(tile / f"{name}.tif", link.parent))
        assets[name] = {"href": str(link), "type": "image/tiff", "roles": ["data"]}
    return {
        "type": "Feature", "stac_version": "1.0.0", "id": f"S2A_{i:03}", "collection": "sentinel-2-l2a", "links": [],
        "bbox": [west, south, east, north], "geometry": {"type": "Polygon", "coordinates": [ring]}, "assets": assets,
        "properties": {"datetime": f"{date(2021, 1, 1) + timedelta(days=i)}T10:00:00Z", "platform": "sentinel-2a",
                       "proj:epsg": 32633, "s2:processing_baseline": "05.09", "eo:cloud_cover": 1.0},
    }


def make(folder, scenes, tiles):
    for tile in range(tiles):
        make_tile(folder / f"tile-{tile}", tile)
    items = [item(folder, i, folder / f"tile-{i % tiles}") for i in range(scenes)]
    (folder / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    labels = np.kron(np.arange(64).reshape(8, 8) % 2 + 1, np.ones((8, 8))).astype("uint8")
    place = from_origin(WEST + 51_200, NORTH - 51_200, 20, 20)
    with rasterio.open(folder / "labels.tif", "w", driver="GTiff", width=64, height=64, count=1, dtype="uint8", crs=CRS,
                       transform=place, nodata=0) as out:
        out.write(labels, 1)
    (folder / "legend.csv").write_text("code,name,color\n1,a,#006400\n2,b,#ffff00\n")
    (folder / "recipe.toml").write_text(f"""name = "planning"
[inputs]
catalog = ["items.json"]
bands = ["B04", "B08"]
indices = []
[grid]
resolution = 20
[timeline]
start = "2021-01-01"
step_days = {-(-scenes // 10)}
steps = 10
[labels]
raster = "labels.tif"
legend = "legend.csv"
[split]
block_m = 320
""")


def measure(ecotone, folder, settings):
    command = [ecotone, "label", "patches", folder / "recipe.toml", "--out", folder / "patches", "--size", "16", "--force"]
    for setting in settings:
        command += ["--set", setting]
    began = time.monotonic()
    job = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    os.waitid(os.P_PID, job.pid, os.WEXITED | os.WNOWAIT)
    counts = dict(line.split(": ") for line in Path(f"/proc/{job.pid}/io").read_text().splitlines())
    _, status, usage = os.wait4(job.pid, 0)
    assert status == 0, status
    return int(counts["rchar"]), usage.ru_maxrss * 1024, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ecotone")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--tiles", type=int, default=1)
    given = parser.parse_args()
    folder = given.folder.resolve()
    make(folder, given.scenes, given.tiles)
    processor = next(line.split(": ")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    print(f"{given.scenes} scenes, {os.cpu_count()} cores of {processor}")
    seen = {}
    for name, settings in (("looked at", []), ("told", ["inputs.offset=-1000"])):
        bytes_read, memory, seconds = seen[name] = measure(given.ecotone, folder, settings)
        print(f"{name}: {bytes_read / given.scenes / 1e6:.2f} MB a scene, {memory / 2**20:.0f} MiB at most, {seconds:.1f} s")
    looks = (seen["looked at"][0] - seen["told"][0]) / given.scenes
    print(f"of it a look: {looks / 1e6:.2f} MB a scene")


if __name__ == "__main__":
    main()
