"""Whether four parts of a map are the map: 512 x 512 pixels cut at odd pixels, every tif compared value by value.

    parts.py ECOTONE FOLDER

Simulates the forest of 512 pixels, trains the first run's network for two epochs with `fill = "linear"`, puts one scene east of the
map so that only the halos of its last windows touch it, and maps the whole grid and four parts cut at row 200 and column 312 with
`--grid RASTER --majority 11 --probabilities` and cosine blend: without and with an area of interest. Prints one line a file.
Needs numpy and rasterio; takes some minutes.
"""

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
import rasterio
from rasterio.warp import transform_bounds
from rasterio.windows import Window, transform as transform_of

ROOT = Path(__file__).resolve().parent.parent
ROW, COL = 200, 312
TIFS = ("map.tif", "confidence.tif", "probabilities.tif")


def call(*words, cwd=None):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def move_east(catalogue, place):
    """Puts one scene, the `place`th, beside the map, 40 m east of its edge; gives its name."""
    record = sorted(path for path in catalogue.rglob("*.json") if "assets" in json.loads(path.read_text()))[place]
    item = json.loads(record.read_text())
    for asset in item["assets"].values():
        path = record.parent / asset["href"]
        if path.suffix != ".tif":
            continue
        with rasterio.open(path) as file:
            profile, values = file.profile, file.read()
        east = values.shape[-1] * profile["transform"].a + 40
        profile["transform"] = rasterio.Affine.translation(east, 0) @ profile["transform"]
        with rasterio.open(path, "w", **profile) as file:
            file.write(values)
            bounds = transform_bounds(file.crs, "EPSG:4326", *file.bounds)
    for table in [item["properties"], *item["assets"].values()]:
        for key in ("proj:transform", "proj:bbox", "proj:geometry"):
            table.pop(key, None)
    west, south, east, north = item["bbox"] = list(bounds)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    item["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    record.write_text(json.dumps(item))
    return item["id"]


def grid(path, like, row, col, rows, cols):
    """A raster over a part of another one's grid."""
    with rasterio.open(like) as file:
        transform = transform_of(Window(col, row, cols, rows), file.transform)
        profile = dict(driver="GTiff", dtype="uint8", count=1, width=cols, height=rows, crs=file.crs, transform=transform)
    with rasterio.open(path, "w", **profile) as out:
        out.write(np.ones((1, rows, cols), "uint8"))
    return path


def area(path, like):
    """A polygon with slanting sides over most of a grid."""
    with rasterio.open(like) as file:
        side, place = file.width, lambda row, col: list(file.transform * (col, row))
    corners = [(.04, .12), (.21, .96), (.97, .71), (.63, .03), (.04, .12)]
    ring = [place(row * side, col * side) for row, col in corners]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    return path


def differ(part, whole, row, col):
    """Pixels of a part's file that the whole has otherwise."""
    with rasterio.open(part) as file, rasterio.open(whole) as other:
        values, window = file.read(), Window(col, row, file.width, file.height)
        return int((values != other.read(window=window)).sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ecotone")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    run, catalogue = folder / "run", folder / "scenes"
    settings = ["timeline.fill=linear", "train.epochs=2", "predict.window=64", "predict.halo=16", "predict.blend=cosine"]
    if not (run / "report.html").exists():
        words = [word for setting in settings for word in ("--set", setting)]
        call(given.ecotone, "train", ROOT / "recipes" / "first-run.toml", *words, "--out", run, "--force", cwd=folder)
    if not catalogue.exists():
        call(given.ecotone, "simulate", "forest", "--size", "512", "--seed", "7", "--out", catalogue)
        moved = move_east(catalogue, place=20)
        print(f"{moved} lies east of the map")
    like = catalogue / "truth.tif"
    with rasterio.open(like) as file:
        rows, cols = file.shape
    parts = {"all": (0, 0, rows, cols), "nw": (0, 0, ROW, COL), "ne": (0, COL, ROW, cols - COL),
             "sw": (ROW, 0, rows - ROW, COL), "se": (ROW, COL, rows - ROW, cols - COL)}
    for name, areas in (("grid", []), ("grid and area", ["--aoi", area(folder / "area.geojson", like)])):
        for part, place in parts.items():
            call(given.ecotone, "predict", run / "model.safetensors", "--catalog", catalogue / "catalog.json", "--grid",
                 grid(folder / f"{part}.tif", like, *place), *areas, "--majority", "11", "--probabilities", "--force",
                 "--out", folder / f"{part}-{len(areas)}")
        for tif in TIFS:
            whole = folder / f"all-{len(areas)}" / tif
            counts = [differ(folder / f"{part}-{len(areas)}" / tif, whole, *parts[part][:2]) for part in list(parts)[1:]]
            print(f"{name}: {tif} of four parts differs in {sum(counts)} values")


if __name__ == "__main__":
    main()
