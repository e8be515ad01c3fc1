"""How often the guard would call a loss unstable whose distribution never changes.

``python tests/engine/ssod_monitor/simulate_instability.py`` (a minute)
"""

import numpy as np

from maxsight_mm.engine.ssod_monitor import loss_windows
from maxsight_mm.engine.ssod_monitor.guard_rules import is_unstable

ITERS, BLOCK, TRAININGS, RISE = 36000, 50, 150, 0.1


def draw(kind: str, rng: np.random.Generator) -> np.ndarray:
    if kind == 'Student t, 5 degrees':
        return 1 + 0.15 * rng.standard_t(5, ITERS) / np.sqrt(5 / 3)
    return np.exp(float(kind.split()[-1]) * rng.normal(size=ITERS))


def main() -> None:
    for kind in (
        'log-normal, sigma 0.15',
        'log-normal, sigma 0.4',
        'Student t, 5 degrees',
    ):
        for length in (500, 1000, 2000):
            rng, once, twice = np.random.default_rng(0), 0, 0
            for _ in range(TRAININGS):
                parts = draw(kind, rng).reshape(-1, BLOCK)
                figures = zip(
                    parts.mean(1).tolist(), parts.std(1).tolist(), strict=True
                )
                blocks = [
                    dict(step=(i + 1) * BLOCK, count=BLOCK, mean=mean, std=std)
                    for i, (mean, std) in enumerate(figures)
                ]
                windows = loss_windows(blocks, length)
                ends = range(3, len(windows) + 1)
                limit = (1 + RISE) * windows[0].variation
                once += any(window.variation > limit for window in windows[1:])
                twice += any(is_unstable(windows[:end], RISE) for end in ends)
            print(
                f'{kind}, windows of {length}: one above the limit in '
                f'{once / TRAININGS:.1%} of trainings, two in a row in '
                f'{twice / TRAININGS:.1%}'
            )


if __name__ == '__main__':
    main()
