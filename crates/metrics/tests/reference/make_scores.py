"""Writes scores.csv: labels and what scikit-learn says about them. Made with scikit-learn 1.9 and numpy 2.4.

Run as: python make_scores.py > scores.csv
`labels` lines hold one digit a pixel; `value` is empty where scikit-learn has no number.
"""

import numpy as np
from sklearn import metrics

CLASSES = 5


def cases():
    rng = np.random.default_rng(9)
    reference = rng.choice(CLASSES, 400, p=[0.55, 0.25, 0.12, 0.06, 0.02])
    noisy = np.where(rng.random(400) < 0.7, reference, rng.integers(0, CLASSES, 400))
    yield "noisy", noisy, reference
    yield "majority", np.zeros(400, int), reference
    yield "perfect", reference, reference
    yield "chance", rng.integers(0, CLASSES, 400), reference
    few = np.where(reference == 4, 3, reference)
    yield "absent", np.where(rng.random(400) < 0.8, few, 2), few
    yield "opposite", (reference + 1) % CLASSES, reference


def number(value):
    return "" if np.isnan(value) else repr(float(value))


print("case,measure,class,value")
for name, mapped, reference in cases():
    labels = list(range(CLASSES))
    present = sorted(set(mapped) | set(reference))
    print(f"{name},map,,{''.join(map(str, mapped))}")
    print(f"{name},reference,,{''.join(map(str, reference))}")
    per_class = {
        "users_accuracy": metrics.precision_score(reference, mapped, labels=labels, average=None, zero_division=np.nan),
        "producers_accuracy": metrics.recall_score(reference, mapped, labels=labels, average=None, zero_division=np.nan),
        "f1": metrics.f1_score(reference, mapped, labels=labels, average=None, zero_division=np.nan),
        "iou": [
            metrics.jaccard_score(reference, mapped, labels=[c], average="macro") if c in present else np.nan
            for c in labels
        ],
    }
    for measure, values in per_class.items():
        for c in labels:
            print(f"{name},{measure},{c},{number(values[c])}")
    print(f"{name},overall_accuracy,,{number(metrics.accuracy_score(reference, mapped))}")
    print(f"{name},kappa,,{number(metrics.cohen_kappa_score(reference, mapped))}")
    print(f"{name},macro_f1,,{number(metrics.f1_score(reference, mapped, average='macro', zero_division=0))}")
    print(f"{name},mean_iou,,{number(metrics.jaccard_score(reference, mapped, average='macro', zero_division=0))}")
