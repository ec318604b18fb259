#!/usr/bin/env python3
"""Requests and bytes for a window of a remote series, beside rasterio and odc-stac reading the same.

    cargo build --release -p ecotone-cubes --example load_area
    remote_window.py target/release/examples/load_area [FOLDER]

Makes 30 dates of Sentinel-2 like COGs (10 980 pixels a side for B04 and B8A, 5 490 for SCL, with blocks and overviews as
GDAL's COG driver makes them) in FOLDER, where they are not there yet; serves them on this machine; and lets each side load
256 x 256 pixels of 10 m of both bands, masked by SCL, from a process of its own that remembers nothing. Prints a line for
each side: requests, HEADs among them, bytes of bodies, seconds; and the ratios of ours to each. Dates hold the same pixels
(a hard link), which no side can know. odc-stac is left out where it is not installed.
"""

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np

SIDE, DATES, PIXELS = 10_980, 30, 256
WEST, NORTH = 499_980.0, 5_500_020.0
# The window, in metres from the corner.
EAST_OF, SOUTH_OF = 41_230.0, 60_770.0
BANDS = {"B04": 10, "B8A": 10, "SCL": 20}
PLAIN = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}


def write(path, resolution, seed):
    import rasterio
    from rasterio.transform import from_origin

    side = SIDE * 10 // resolution
    rng = np.random.default_rng(seed)
    rows, cols = (np.linspace(0, top, side, dtype="f4") for top in (40, 60))
    smooth = 1500 + 700 * np.sin(rows)[:, None] * np.cos(cols)[None]
    if resolution == 10:
        values = smooth.astype("u2") + rng.integers(0, 200, (side, side), dtype="u2")
    else:
        values = np.where(smooth > 2000, 8, 4).astype("u1")
    profile = dict(
        driver="COG", width=side, height=side, count=1, dtype=values.dtype, crs="EPSG:32633", nodata=0,
        transform=from_origin(WEST, NORTH, resolution, resolution), compress="DEFLATE", predictor=2,
        overview_resampling="nearest" if resolution == 20 else "average",
    )
    with rasterio.open(path, "w", **profile) as made:
        made.write(values, 1)


def make(folder):
    from rasterio.warp import transform_bounds

    folder.mkdir(parents=True, exist_ok=True)
    for seed, (band, resolution) in enumerate(BANDS.items()):
        if not (folder / f"{band}.tif").exists():
            write(folder / f"{band}.tif", resolution, seed)
    span = SIDE * 10
    west, south, east, north = transform_bounds("EPSG:32633", "EPSG:4326", WEST, NORTH - span, WEST + span, NORTH)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    links, items = [], []
    for i in range(DATES):
        name = f"S2A_T33UVR_{i:02}"
        (folder / name).mkdir(exist_ok=True)
        assets = {}
        for band, resolution in BANDS.items():
            if not (folder / name / f"{band}.tif").exists():
                os.link(folder / f"{band}.tif", folder / name / f"{band}.tif")
            side = SIDE * 10 // resolution
            assets[band] = {
                "href": f"./{band}.tif", "type": "image/tiff; application=geotiff; profile=cloud-optimized",
                "roles": ["data"], "eo:bands": [{"name": band}],
                "proj:shape": [side, side], "proj:transform": [resolution, 0, WEST, 0, -resolution, NORTH],
            }
            if band != "SCL":
                assets[band]["raster:bands"] = [{"scale": 0.0001, "offset": -0.1, "nodata": 0, "data_type": "uint16"}]
        item = {
            "type": "Feature", "stac_version": "1.0.0", "id": name, "collection": "sentinel-2-l2a",
            "stac_extensions": ["https://stac-extensions.github.io/projection/v1.0.0/schema.json"],
            "geometry": {"type": "Polygon", "coordinates": [ring]}, "bbox": [west, south, east, north],
            "properties": {
                "datetime": str(dt.datetime(2021, 1, 4) + dt.timedelta(days=12 * i)) + "Z",
                "platform": "sentinel-2a", "eo:cloud_cover": 10.0, "proj:epsg": 32633,
                "s2:processing_baseline": "05.00", "earthsearch:boa_offset_applied": False,
            },
            "assets": assets, "links": [],
        }
        (folder / name / f"{name}.json").write_text(json.dumps(item))
        links.append({"rel": "item", "href": f"./{name}/{name}.json"})
    catalog = {"type": "Catalog", "id": "series", "stac_version": "1.0.0", "description": "", "links": links}
    (folder / "catalog.json").write_text(json.dumps(catalog))


class Server:
    def __init__(self, folder):
        self.counts = {"requests": 0, "heads": 0, "bytes": 0}
        self.ranges, lock, own = [], threading.Lock(), self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_HEAD(self):
                self.do_GET()

            def do_GET(self):
                head, path = self.command == "HEAD", folder / self.path.split("?")[0].lstrip("/")
                if not path.is_file():
                    body, status, more = b"", 404, {}
                else:
                    size, asked = path.stat().st_size, self.headers.get("Range")
                    first, last = (asked or "bytes=0-").split("=")[1].split("-")
                    first, last = int(first), min(int(last or size - 1), size - 1)
                    with path.open("rb") as file:
                        file.seek(first)
                        body = b"" if head else file.read(last - first + 1)
                    status = 206 if asked else 200
                    more = {"Accept-Ranges": "bytes", "Content-Length": str(last - first + 1)}
                    if asked:
                        more["Content-Range"] = f"bytes {first}-{last}/{size}"
                with lock:
                    own.counts["requests"] += 1
                    own.counts["heads"] += head
                    own.counts["bytes"] += len(body)
                    own.ranges.append((self.command, self.path, self.headers.get("Range"), status))
                self.send_response(status)
                for name, value in ({"Content-Length": "0"} | more).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


def corner():
    return WEST + EAST_OF, NORTH - SOUTH_OF


def with_rasterio(url):
    """The series by hand: each file opened once, the window read, 20 m pixels doubled by the read."""
    import rasterio
    from rasterio.windows import Window

    cube = np.zeros((DATES, 2, PIXELS, PIXELS), "u2")
    with rasterio.Env(**PLAIN):
        for i in range(DATES):
            for band, resolution in BANDS.items():
                with rasterio.open(f"{url}/S2A_T33UVR_{i:02}/{band}.tif") as source:
                    part = Window(EAST_OF / resolution, SOUTH_OF / resolution, *(PIXELS * 10 / resolution,) * 2)
                    values = source.read(1, window=part, out_shape=(PIXELS, PIXELS))
                if band == "SCL":
                    clear = ~np.isin(values, [0, 1, 3, 8, 9, 10])
                    cube[i] *= clear
                else:
                    cube[i, list(BANDS).index(band)] = values
    return int((cube > 0).sum())


def with_odc(url):
    import odc.stac
    import pystac
    import rasterio
    from odc.geo.geobox import GeoBox

    west, north = corner()
    box = (west, north - PIXELS * 10, west + PIXELS * 10, north)
    grid = GeoBox.from_bbox(box, "EPSG:32633", resolution=10)
    items = list(pystac.Catalog.from_file(f"{url}/catalog.json").get_items())
    for item in items:
        item.make_asset_hrefs_absolute()
    with rasterio.Env(**PLAIN):
        cube = odc.stac.load(items, bands=list(BANDS), geobox=grid, pool=2)
    clear = ~cube.SCL.isin([0, 1, 3, 8, 9, 10])
    return int(((cube[["B04", "B8A"]].to_array() > 0) & clear).sum())


def ours(binary, url):
    from rasterio.warp import transform_bounds

    west, north = corner()
    # A little inside, so that the grid around it is the window and no more.
    box = (west + 60, north - PIXELS * 10 + 60, west + PIXELS * 10 - 60, north - 60)
    aoi = ",".join(f"{value:.6f}" for value in transform_bounds("EPSG:32633", "EPSG:4326", *box))
    subprocess.run([binary, f"{url}/catalog.json", aoi, "2021-01-01", "10"], check=True, stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(tempfile.gettempdir()) / "remote-window")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true", help="print every request for the first date")
    options = parser.parse_args()
    sides = {"rasterio": with_rasterio, "odc-stac": with_odc, "ecotone": lambda url: ours(options.binary, url)}
    if options.side:
        sides[options.side](options.url)
        return
    make(options.folder)
    found = {}
    for side in sides:
        server = Server(options.folder)
        begun = time.perf_counter()
        words = [sys.executable, __file__, options.binary, "--side", side, "--url", server.url]
        if subprocess.run(words).returncode != 0:
            print(f"{side}: could not be run")
            continue
        seconds = time.perf_counter() - begun
        found[side] = server.counts
        told = ", ".join(f"{value} {name}" for name, value in server.counts.items())
        print(f"{side}: {told}, {seconds:.1f} s with start-up")
        if options.list:
            print(*(request for request in server.ranges if "_00/" in request[1]), sep="\n")
    for side in ("rasterio", "odc-stac"):
        if side in found and "ecotone" in found:
            ratio = lambda what: found["ecotone"][what] / found[side][what]
            print(f"ecotone / {side}: requests {ratio('requests'):.2f}, bytes {ratio('bytes'):.2f}")


if __name__ == "__main__":
    main()
