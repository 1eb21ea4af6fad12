"""Reference values for src/eval/significance: pip install scipy statsmodels; python significance.py > significance.json"""
import json
import numpy as np
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

rng = np.random.default_rng(7)
differences = [round(float(x), 3) for x in rng.normal(0.2, 1, 12)]
t = stats.ttest_1samp(differences, 0)
interval = t.confidence_interval(0.95)
values = [float(x) for x in rng.integers(0, 2, 30)]
clusters = [f"c{int(i)}" for i in rng.integers(0, 9, 30)]
codes = np.unique(clusters, return_inverse=True)[1]
fit = sm.OLS(values, np.ones(30)).fit(cov_type="cluster", cov_kwds={"groups": codes, "use_correction": True})
exact = stats.permutation_test((differences,), np.sum, permutation_type="samples", n_resamples=np.inf)
ps = [0.01, 0.04, 0.03, 0.005, 0.5]
print(json.dumps({
    "normalCdf": [[x, float(stats.norm.cdf(x))] for x in (-6, -1.5, -0.3, 0, 0.7, 1.96, 4)],
    "normalQuantile": [[p, float(stats.norm.ppf(p))] for p in (1e-6, 0.025, 0.2, 0.8, 0.975)],
    "studentCdf": [[x, d, float(stats.t.cdf(x, d))] for x, d in ((-2.5, 3), (0.4, 1), (1.96, 30), (-12, 2), (3.3, 499))],
    "studentQuantile": [[p, d, float(stats.t.ppf(p, d))] for p, d in ((0.975, 1), (0.975, 11), (0.9, 4), (0.975, 1000))],
    "pairedT": {"differences": differences, "t": float(t.statistic), "p": float(t.pvalue), "interval": [float(interval.low), float(interval.high)]},
    "permutation": {"differences": differences, "p": float(exact.pvalue)},
    "clustered": {"values": values, "clusters": clusters, "error": float(fit.bse[0])},
    "holm": {"ps": ps, "adjusted": [float(x) for x in multipletests(ps, method="holm")[1]]},
    "benjaminiHochberg": {"ps": ps, "adjusted": [float(x) for x in multipletests(ps, method="fdr_bh")[1]]},
    "pairsNeeded": {"difference": 0.02, "deviation": 0.5, "n": float(TTestPower().solve_power(effect_size=0.04, alpha=0.05, power=0.8))},
}, indent=1))
