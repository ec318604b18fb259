"""Makes ground.json: how large grids are on the ellipsoid, by the geodesics of pyproj (Karney 2013) around them.

Run: python make_ground.py > ground.json     (pyproj 3.7)
"""

import json

import numpy as np
from pyproj import Geod, Transformer

# EPSG code, longitude and latitude of the middle, side of a pixel in the CRS, rows and columns.
GRIDS = [
    (3857, 25.0, 66.0, 20.0, 64, 64),  # Web Mercator in Finland: six times the ground
    (3857, -3.7, 40.4, 30.0, 400, 300),
    (3857, 10.0, 47.0, 500.0, 2000, 1500),  # from the Sahara to Scandinavia
    (3857, 179.95, -17.0, 100.0, 300, 400),  # over the antimeridian
    (3395, 12.0, 60.0, 50.0, 100, 200),
    (3413, -45.0, 70.0, 100.0, 80, 80),  # polar stereographic, at its parallel
    (3413, 20.0, 55.0, 100.0, 500, 400),
    (3413, 0.0, 89.9, 1000.0, 300, 200),  # the pole among its pixels
    (3031, 100.0, -62.0, 5000.0, 200, 300),
    (2263, -74.0, 40.7, 60.0, 100, 100),  # US survey feet
    (32633, 15.0, 50.0, 20.0, 100, 100),
    (32633, 36.0, 5.0, 100.0, 200, 200),  # 21 degrees from its meridian
    (4326, 25.0, 66.0, 0.0001, 100, 120),
]


def around(transformer, west, south, east, north):
    """The outline of a rectangle on the plane, in degrees."""
    t = np.linspace(0, 1, 401)[:-1]
    x = np.concatenate([west + t * (east - west), np.full(400, east), east - t * (east - west), np.full(400, west)])
    y = np.concatenate([np.full(400, south), south + t * (north - south), np.full(400, north), north - t * (north - south)])
    return transformer.transform(x, y)


def main():
    found = []
    for epsg, lon, lat, side, rows, cols in GRIDS:
        to_degrees = Transformer.from_crs(epsg, 4326, always_xy=True)
        if epsg == 2263:
            to_degrees = Transformer.from_crs(epsg, 4269, always_xy=True)
        geod = Geod(ellps="GRS80" if epsg == 2263 else "WGS84")
        middle = to_degrees.transform(lon, lat, direction="INVERSE")
        west = round(middle[0] / side) * side - cols / 2 * side
        north = round(middle[1] / side) * side + rows / 2 * side
        x, y = west + cols / 2 * side, north - rows / 2 * side

        def length(dx, dy):
            # Five hundred pixels, so that the roundings of longitudes and latitudes do not count; short on the Earth.
            n = min(500, 2000 / (side if side > 0.1 else side * 1e5))
            (a, b), (c, d) = to_degrees.transform([x - dx * n / 2, x + dx * n / 2], [y - dy * n / 2, y + dy * n / 2])
            return geod.inv(a, c, b, d)[2] / n

        area = abs(geod.polygon_area_perimeter(*around(to_degrees, west, north - rows * side, west + cols * side, north))[0])
        found.append(
            dict(
                epsg=epsg, corner=[west, north], side=side, rows=rows, cols=cols,
                square_metres=area, width=length(side, 0), height=length(0, side),
            )
        )  # fmt: skip
    print("[\n" + ",\n".join(json.dumps(case) for case in found) + "\n]")


main()
