"""Writes estimates.csv: what statsmodels and samplics say about samples and tests.

Made with statsmodels 0.15, samplics 0.6 and numpy 2.4. Run as: python make_estimates.py > estimates.csv
A line is `what,argument,…,value,…`; the units of the survey samples are lines `unit,stratum,cluster,weight,map,reference`.
"""

import warnings

import numpy as np

warnings.filterwarnings("ignore")
from samplics import TaylorEstimator
from samplics.utils.types import PopParam
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

for right, units, confidence in [(0, 10, 0.95), (10, 10, 0.95), (3, 40, 0.9), (250, 300, 0.99), (1, 2, 0.5)]:
    low, high = proportion_confint(right, units, alpha=1 - confidence, method="wilson")
    print(f"wilson,{right},{units},{confidence},{float(low)!r},{float(high)!r}")

# Without b = c: the corrected statistic is 0 there (as in R), statsmodels says 1 / (b + c).
for b, c in [(12, 3), (0, 1), (0, 9), (25, 40), (320, 250), (7, 6)]:
    table = [[50, b], [c, 20]]
    exact, squared = mcnemar(table, exact=True), mcnemar(table, exact=False, correction=True)
    print(f"mcnemar,{b},{c},{float(exact.pvalue)!r},{float(squared.statistic)!r},{float(squared.pvalue)!r}")

rng = np.random.default_rng(5)
STRATA, CLUSTERS, CLASSES = 3, 12, 3
stratum = np.repeat(np.arange(STRATA), CLUSTERS * 5)
cluster = np.repeat(np.arange(STRATA * CLUSTERS), 5)
keep = rng.random(stratum.size) < 0.8
stratum, cluster = stratum[keep], cluster[keep]
weight = np.round(np.array([2.0, 5.0, 9.0])[stratum] * rng.uniform(0.5, 1.5, stratum.size), 3)
reference = rng.integers(0, CLASSES, STRATA * CLUSTERS)[cluster]
reference = np.where(rng.random(stratum.size) < 0.5, reference, rng.integers(0, CLASSES, stratum.size))
mapped = np.where(rng.random(stratum.size) < 0.7, reference, rng.integers(0, CLASSES, stratum.size))
for row in zip(stratum, cluster, weight, mapped, reference):
    print("unit," + ",".join(map(str, row)))


def ratio(name, y, x, psu, w):
    found = TaylorEstimator(PopParam.ratio)
    found.estimate(y=y.astype(float), x=x.astype(float), samp_weight=w, stratum=stratum, psu=psu)
    print(f"{name},{float(found.point_est)!r},{float(found.stderror)!r}")


# Clusters with their weights; then the same units as a stratified sample with strata of sizes 100, 300 and 50.
size = np.array([100.0, 300.0, 50.0])
even = size[stratum] / np.bincount(stratum)[stratum]
for design, psu, w in [("clusters", cluster, weight), ("stratified", np.arange(stratum.size), even)]:
    ratio(f"{design},overall_accuracy,0", mapped == reference, np.ones(stratum.size), psu, w)
    for c in range(CLASSES):
        both = (mapped == c) & (reference == c)
        ratio(f"{design},users_accuracy,{c}", both, mapped == c, psu, w)
        ratio(f"{design},producers_accuracy,{c}", both, reference == c, psu, w)
        ratio(f"{design},f1,{c}", 2 * both, (mapped == c).astype(int) + (reference == c), psu, w)
        ratio(f"{design},area_proportion,{c}", reference == c, np.ones(stratum.size), psu, w)
