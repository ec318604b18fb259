"""Time and memory of reading a static STAC catalogue of many items, beside pystac reading the same.

    cargo build --release -p ecotone-io --example list_scenes
    static_catalog.py target/release/examples/list_scenes [FOLDER]

Writes 10 000 items of twelve assets under one catalogue in FOLDER, where it is not there yet, and lets each side list their
identifiers from a process of its own. Prints a line for each side: seconds, and the most memory that it held; then the
ratios of ours to pystac's. Needs pystac.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ITEMS, BANDS = 10_000, ["B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12", "SCL", "visual"]
PYSTAC = "import pystac, sys; print(sum(1 for _ in pystac.Catalog.from_file(sys.argv[1]).get_items(recursive=True)), 'scenes')"


def write(folder):
    links = []
    for number in range(ITEMS):
        day, west = number % 365, number % 300 - 150
        box = [west, 45.0, west + 1, 46.0]
        ring = [[west, 45], [west + 1, 45], [west + 1, 46], [west, 46], [west, 45]]
        properties = {"datetime": f"20{20 + number // 3650:02}-{1 + day % 12:02}-{1 + day % 28:02}T10:00:00Z", "proj:epsg": 32633}
        assets = {
            band: {
                "href": f"./{band}.tif",
                "type": "image/tiff; application=geotiff",
                "roles": ["data"],
                "eo:bands": [{"name": band}],
                "raster:bands": [{"nodata": 0, "scale": 0.0001, "offset": 0, "data_type": "uint16", "spatial_resolution": 10}],
                "proj:shape": [10980, 10980],
                "proj:transform": [10, 0, 499980, 0, -10, 5500020],
            }
            for band in BANDS
        }
        item = {
            "type": "Feature", "stac_version": "1.0.0", "id": f"s{number}", "collection": "s2", "bbox": box, "links": [],
            "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": properties, "assets": assets,
        }
        place = folder / f"s{number}" / "item.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(item))
        links.append({"rel": "item", "href": f"./s{number}/item.json"})
    catalog = {"type": "Catalog", "stac_version": "1.0.0", "id": "many", "description": "many", "links": links}
    (folder / "catalog.json").write_text(json.dumps(catalog))


def measure(name, words):
    """Runs a program in a child that measures it; gives seconds and megabytes."""
    script = (
        "import json, resource, subprocess, sys, time; begun = time.monotonic();"
        "out = subprocess.run(sys.argv[1:], check=True, capture_output=True, text=True).stdout;"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(json.dumps([time.monotonic() - begun, used.ru_maxrss / 1024, out[-40:]]))"
    )
    done = subprocess.run([sys.executable, "-c", script, *words], check=True, capture_output=True, text=True)
    seconds, memory, out = json.loads(done.stdout)
    print(f"{name:8} {seconds:7.1f} s {memory:7.0f} MB   {out.strip().splitlines()[-1]}")
    return seconds, memory


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("example")
    parser.add_argument("folder", nargs="?")
    given = parser.parse_args()
    folder = Path(given.folder or tempfile.mkdtemp())
    if not (folder / "catalog.json").exists():
        write(folder)
    catalog = str(folder / "catalog.json")
    ours = measure("ecotone", [given.example, catalog])
    theirs = measure("pystac", [sys.executable, "-c", PYSTAC, catalog])
    print(f"ratio    {ours[0] / theirs[0]:7.2f}   {ours[1] / theirs[1]:7.2f}")


main()
