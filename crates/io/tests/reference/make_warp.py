"""Makes warp.json: what rasterio (with its own GDAL and PROJ) warps a small known raster to.

Run: python make_warp.py > warp.json     (rasterio 1.4)
"""

import json

import numpy as np
from rasterio.crs import CRS
from rasterio.transform import from_origin
from rasterio.warp import Resampling, reproject

ROWS, COLS = 40, 44
SOURCE = from_origin(499_000, 5_101_000, 20, 20)  # EPSG:32633
NODATA = 0


def values():
    """A smooth field with a hole; the Rust test makes the same."""
    row, col = np.mgrid[0:ROWS, 0:COLS]
    field = 500 + 13 * row + 7 * col + (row * col) % 11 * 20
    field[10:14, 20:25] = NODATA
    return field.astype("uint16")


def labels():
    """Patches of four classes."""
    row, col = np.mgrid[0:ROWS, 0:COLS]
    return (1 + (row // 5 + 2 * (col // 7)) % 4 * 3).astype("uint8")


def warp(array, corner, side, shape, method):
    out = np.full(shape, NODATA, dtype=array.dtype)
    reproject(
        array,
        out,
        src_transform=SOURCE,
        src_crs=CRS.from_epsg(32633),
        src_nodata=NODATA,
        dst_transform=from_origin(*corner, side, side),
        dst_crs=CRS.from_epsg(3035),
        dst_nodata=NODATA,
        resampling=method,
    )
    return out


def main():
    fine, coarse = (20, (30, 26)), (60, (12, 12))
    cases = [
        ("values", "nearest", fine),
        ("values", "bilinear", fine),
        ("values", "cubic", fine),
        ("values", "average", coarse),
        ("labels", "nearest", fine),
        ("labels", "mode", coarse),
    ]
    corner = (4_707_060, 2_562_940)
    made = []
    for source, method, (side, shape) in cases:
        array = values() if source == "values" else labels()
        out = warp(array, corner, side, shape, Resampling[method])
        made.append({
            "source": source, "method": method, "corner": corner, "side": side,
            "rows": shape[0], "cols": shape[1], "expected": out.ravel().tolist(),
        })
    print("[" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in made) + "]")


main()
