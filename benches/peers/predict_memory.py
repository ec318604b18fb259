#!/usr/bin/env python3
"""Peak memory of `ecotone predict` on one landscape, and on the same one repeated side by side through VRT.

    predict_memory.py CATALOG MODEL ECOTONE

CATALOG is a folder written by `ecotone simulate forest`, MODEL the model.safetensors of a narrow network trained on such
scenes, ECOTONE the release binary. Both maps are read through VRTs, so that only their size differs: once the landscape,
then `--times` by `--times` copies of it. Prints the peak of resident memory of each and their ratio. Needs rasterio.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rasterio

TYPES = {"uint8": "Byte", "uint16": "UInt16"}


def repeat(path, out, times):
    """A VRT of times x times copies of the first band of a raster."""
    with rasterio.open(path) as source:
        rows, cols = source.shape
        kind = TYPES[source.dtypes[0]]
        places = [(row * rows, col * cols) for row in range(times) for col in range(times)]
        copies = "".join(
            f'<SimpleSource><SourceFilename relativeToVRT="0">{path}</SourceFilename><SourceBand>1</SourceBand>'
            f'<SrcRect xOff="0" yOff="0" xSize="{cols}" ySize="{rows}"/>'
            f'<DstRect xOff="{x}" yOff="{y}" xSize="{cols}" ySize="{rows}"/></SimpleSource>'
            for y, x in places
        )
        nodata = "" if source.nodata is None else f"<NoDataValue>{source.nodata}</NoDataValue>"
        transform = ", ".join(str(value) for value in source.transform.to_gdal())
        out.write_text(
            f'<VRTDataset rasterXSize="{cols * times}" rasterYSize="{rows * times}"><SRS>{source.crs}</SRS>'
            f"<GeoTransform>{transform}</GeoTransform>"
            f'<VRTRasterBand dataType="{kind}" band="1">{nodata}{copies}</VRTRasterBand></VRTDataset>'
        )


def repeat_catalog(catalog, out, times):
    """The items of a catalogue as an item collection whose assets are VRTs, and the grid of its landscape."""
    out.mkdir()
    items = []
    for path in sorted(catalog.glob("*/*/*.json")):
        item = json.loads(path.read_text())
        item["links"] = []
        for key, asset in item["assets"].items():
            vrt = out / f"{item['id']}_{key}.vrt"
            repeat((path.parent / asset["href"]).resolve(), vrt, times)
            asset["href"] = str(vrt)
        items.append(item)
    (out / "items.json").write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    repeat((catalog / "truth.tif").resolve(), out / "grid.vrt", times)


def peak(command):
    """Seconds and the most memory, in MiB, that a command held."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("ecotone", type=Path)
    parser.add_argument("--times", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--backend", default="flex")
    args = parser.parse_args()
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for times in (1, args.times):
            work = Path(folder) / str(times)
            repeat_catalog(args.catalog, work, times)
            seconds, most = peak([args.ecotone, "predict", args.model, "--catalog", work / "items.json",
                                  "--grid", work / "grid.vrt", "--backend", args.backend,
                                  "--threads", str(args.threads), "--out", work / "map", "--quiet"])
            with rasterio.open(work / "map/map.tif") as made:
                print(f"{made.height} x {made.width} pixels: {most:.0f} MiB at most, {seconds:.0f} s", flush=True)
            peaks.append(most)
    print(f"ratio {peaks[1] / peaks[0]:.2f}")


if __name__ == "__main__":
    main()
