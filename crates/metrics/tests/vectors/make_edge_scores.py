"""Writes edge_scores.csv: masks of lines, scipy's distances to them, and scores relaxed by a buffer.

Made with scipy 1.17 and numpy 2.4. Run as: python make_edge_scores.py > edge_scores.csv
Each line is measure,values; a mask has one digit a pixel, row by row of 30 rows and 40 columns; pixels are 20 m wide
and 10 m high.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt

ROWS, COLS, WIDTH, HEIGHT = 30, 40, 20.0, 10.0


def road(rng, start, slope):
    """A road that wanders from left to right."""
    mask = np.zeros((ROWS, COLS), bool)
    rows = np.clip(start + slope * np.arange(COLS) + rng.integers(-1, 2, COLS), 0, ROWS - 1).astype(int)
    mask[rows, np.arange(COLS)] = True
    return mask


def distances(mask):
    return distance_transform_edt(~mask, sampling=(HEIGHT, WIDTH))


rng = np.random.default_rng(12)
mapped = road(rng, 5, 0.4)
reference = road(rng, 5, 0.45)
reference[20:, 8] = True
print("measure,values")
print("map,", "".join(map(str, mapped.astype(int).ravel())), sep="")
print("reference,", "".join(map(str, reference.astype(int).ravel())), sep="")
print("distances,", " ".join(repr(float(d)) for d in distances(reference).ravel()), sep="")
for buffer in (0, 10, 20, 45):
    precision = (distances(reference)[mapped] <= buffer).mean()
    recall = (distances(mapped)[reference] <= buffer).mean()
    print(f"buffer {buffer},{precision!r} {recall!r}".replace("np.float64(", "").replace(")", ""))
