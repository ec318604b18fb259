#!/usr/bin/env python3
"""Makes trees.csv and trees.json: a small table, and what scikit-learn makes of it.

    make_trees.py     (scikit-learn 1.9.1)

Single trees that look at every feature, with leaves of fifteen samples or more: then scikit-learn's draws decide nothing but
the order of features, and no two features tie.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

HERE = Path(__file__).parent
x, y = make_classification(600, 6, n_informative=4, n_redundant=0, n_classes=3, class_sep=0.7, flip_y=0.1, weights=[0.6, 0.3],
                           random_state=2)
x = np.round(x, 3).astype("f4")
np.savetxt(HERE / "trees.csv", np.c_[y, x], fmt=["%d"] + ["%.3f"] * x.shape[1], delimiter=",")

cases = []
for criterion in ["gini", "entropy"]:
    for weights in [None, "balanced"]:
        tree = DecisionTreeClassifier(criterion=criterion, class_weight=weights, max_depth=4, min_samples_leaf=15, random_state=0)
        tree.fit(x, y)
        again = DecisionTreeClassifier(criterion=criterion, class_weight=weights, max_depth=4, min_samples_leaf=15, random_state=9)
        assert np.allclose(again.fit(x, y).predict_proba(x), tree.predict_proba(x)), "features tie"
        cases.append(dict(criterion=criterion, balanced=weights is not None, nodes=int(tree.tree_.node_count),
                          importance=[round(v, 12) for v in tree.feature_importances_],
                          probabilities=[round(float(v), 7) for v in tree.predict_proba(x[:40]).ravel()]))
forest = RandomForestClassifier(500, oob_score=True, random_state=0).fit(x, y)
out = dict(trees=cases, forest=dict(out_of_bag_error=round(1 - forest.oob_score_, 6),
                                    importance=[round(float(v), 6) for v in forest.feature_importances_]))
(HERE / "trees.json").write_text(json.dumps(out, separators=(",", ":")).replace("},{", "},\n{") + "\n")
