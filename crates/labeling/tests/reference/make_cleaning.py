#!/usr/bin/env python3
"""Makes cleaning.json: silhouettes of scikit-learn, and the confident joint of cleanlab.

    make_cleaning.py     (scikit-learn 1.9.1, cleanlab 2.9.0)
"""

import json
from pathlib import Path

import numpy as np
from cleanlab.count import compute_confident_joint, estimate_joint, get_confident_thresholds
from sklearn.metrics import silhouette_score

rng = np.random.default_rng(5)
rows = np.round(np.r_[rng.normal(0, 1, (15, 3)), rng.normal(2, 1, (10, 3)), rng.normal(-3, 0.5, (1, 3))], 3)
clusters = np.repeat([0, 1, 2], [15, 10, 1])

labels = rng.integers(0, 3, 60)
scores = rng.random((60, 3)) + 1.3 * np.eye(3)[np.where(rng.random(60) < 0.2, (labels + 1) % 3, labels)]
probabilities = np.round(scores / scores.sum(1, keepdims=True), 4)
joint, off = compute_confident_joint(labels, probabilities, calibrate=False, return_indices_of_off_diagonals=True)
out = dict(rows=rows.tolist(), clusters=clusters.tolist(), silhouette=silhouette_score(rows, clusters),
           labels=labels.tolist(), probabilities=probabilities.tolist(),
           thresholds=get_confident_thresholds(labels, probabilities).tolist(), counts=joint.tolist(),
           joint=estimate_joint(labels, probabilities, confident_joint=joint).tolist(), issues=sorted(map(int, off)))
path = Path(__file__).parent / "cleaning.json"
path.write_text(json.dumps(out, separators=(",", ":")).replace('],"', '],\n"') + "\n")
