"""Writes probability_scores.csv: class probabilities and what scikit-learn says about them.

Made with scikit-learn 1.9 and numpy 2.4. Run as: python make_probability_scores.py > probability_scores.csv
Each line is case,measure,class,values; values are separated by spaces, and a calibration curve is its mean
probabilities, then its observed shares.
"""

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score


def percents(rng, samples, classes):
    """Percents from 1 that sum to 100, rounded by the largest remainder."""
    shares = rng.dirichlet(np.full(classes, 0.6), samples) * (100 - classes)
    whole = np.floor(shares).astype(int)
    for row, share in zip(whole, shares):
        row[np.argsort(row - share, kind="stable")[: 100 - classes - row.sum()]] += 1
    return (whole + 1) / 100


def draw(rng, probabilities):
    """A reference that the probabilities half know."""
    sharp = (probabilities + 0.15) / (probabilities + 0.15).sum(1, keepdims=True)
    return np.array([rng.choice(len(p), p=p) for p in sharp])


def cases():
    rng = np.random.default_rng(11)
    p = percents(rng, 500, 4)
    yield "percents", p, draw(rng, p)
    p = rng.dirichlet([0.5, 0.3, 0.2], 200)
    reference = draw(rng, p)
    p[3] = [0, 0.25, 0.75]  # sure and wrong
    reference[3] = 0
    yield "floats", p, reference


def write(case, measure, label, *values):
    numbers = " ".join(repr(float(v)) for v in np.concatenate([np.atleast_1d(v) for v in values]))
    print(f"{case},{measure},{label},{numbers}")


print("case,measure,class,values")
for case, p, reference in cases():
    classes = p.shape[1]
    labels = list(range(classes))
    write(case, "reference", "", reference)
    write(case, "brier", "", brier_score_loss(reference, p, labels=labels, scale_by_half=False))
    write(case, "log_loss", "", log_loss(reference, p, labels=labels))
    write(case, "macro_auc", "", roc_auc_score(reference, p, multi_class="ovr", average="macro"))
    for k in labels:
        event = (reference == k).astype(int)
        write(case, "probabilities", k, p[:, k])
        write(case, "class_brier", k, brier_score_loss(event, p[:, k]))
        write(case, "auc", k, roc_auc_score(event, p[:, k]))
        observed, mean = calibration_curve(event, p[:, k], n_bins=10, strategy="uniform")
        write(case, "equal_width_10", k, mean, observed)
        if case == "percents":
            observed, mean = calibration_curve(event, p[:, k], n_bins=5, strategy="quantile")
            write(case, "equal_mass_5", k, mean, observed)
    best = p.argmax(1)
    observed, mean = calibration_curve(best == reference, p.max(1), n_bins=10, strategy="uniform")
    counts = np.histogram(np.clip(np.ceil(np.round(p.max(1) * 10, 9)) - 1, 0, 9), bins=np.arange(11))[0]
    gaps = np.abs(mean - observed)
    write(case, "expected_error", "", (gaps * counts[counts > 0]).sum() / counts.sum())
    write(case, "maximum_error", "", gaps.max())
