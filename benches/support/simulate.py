"""The plan of `support/team.rs` simulated in numpy: efforts that vary together, funding, chances,
values, grades and the mean of the cycle, a column a key result.

    python3 -m venv /tmp/numpy && /tmp/numpy/bin/pip install numpy
    /tmp/numpy/bin/python benches/support/simulate.py            # effects are certain
    /tmp/numpy/bin/python benches/support/simulate.py uncertain  # every other one is not

It prints nanoseconds a key result and future on one core, the best of ten runs, and the mean grade,
which is that of `okr simulate` but for chance.
"""

import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

KRS, SAMPLES, CORRELATION, Z95 = 20, 100_000, 0.3, 1.6448536269514722
WEEKS = 64 / 5
CAPACITY = {"checkout": 6 * WEEKS * 0.8, "search": 8 * WEEKS * 0.7}
SHARES = {
    ("checkout", "roadmap"): 0.6,
    ("checkout", "run"): 0.4,
    ("search", "roadmap"): 0.7,
    ("search", "run"): 0.3,
}


def lognormal(low, high, normal):
    mu = (np.log(low) + np.log(high)) / 2
    sigma = np.log(high / low) / (2 * Z95)
    return np.exp(mu + sigma * normal)


def simulate(uncertain, seed=42):
    """The mean grade of the cycle in each future."""
    random = np.random.default_rng(seed)
    shared = {team: random.standard_normal(SAMPLES) for team in CAPACITY}
    left = {key: np.full(SAMPLES, share * CAPACITY[key[0]]) for key, share in SHARES.items()}
    objectives = np.zeros((-(-KRS // 4), SAMPLES))
    sizes = np.zeros(len(objectives))
    for kr in range(KRS):
        team = "checkout" if kr // 4 % 2 == 0 else "search"
        bucket = (team, "run" if kr % 3 == 0 else "roadmap")
        own = random.standard_normal(SAMPLES)
        normal = np.sqrt(CORRELATION) * shared[team] + np.sqrt(1 - CORRELATION) * own
        effort = lognormal(2, 4 + kr % 5, normal)
        share = np.minimum(left[bucket] / effort, 1)
        left[bucket] = np.maximum(left[bucket] - share * effort, 0)
        works = random.random(SAMPLES) < (60 + kr % 30) / 100
        amount = 60 + kr
        if uncertain and kr % 2 == 1:
            amount = lognormal(40 + kr, 90 + kr, random.standard_normal(SAMPLES))
        value = 10 + kr % 7 + works * share * amount
        objectives[kr // 4] += np.clip(value / (100 + kr), 0, 1)
        sizes[kr // 4] += 1
    return (objectives / sizes[:, None]).mean(axis=0)


def main():
    uncertain = "uncertain" in sys.argv[1:]
    best = float("inf")
    for _ in range(10):
        begun = time.perf_counter()
        grades = simulate(uncertain)
        best = min(best, time.perf_counter() - begun)
    print(f"{best / (KRS * SAMPLES) * 1e9:.1f} ns, mean grade {grades.mean():.4f}")


if __name__ == "__main__":
    main()
