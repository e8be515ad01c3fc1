"""Prints the table of docs/defects.md, 'Pseudo-label thresholds'; about 15 seconds.

    python tests/models/task_modules/pseudo_labels/compare_threshold_rules.py

Simulated classes; on labelled views the logits of true boxes are raised by a shift and
those of false ones lowered by half of it, as after learning the pictures by heart.
"""

import numpy as np
import torch

from maxsight_mm.models.task_modules.pseudo_labels.f_beta_threshold import (
    f_beta_threshold,
)
from maxsight_mm.models.task_modules.pseudo_labels.score_mixture import (
    fit_score_mixture,
    true_probability,
)

UNLABELLED, LABELLED = 400, 100
FLOOR, CEILING, LEAST = 0.3, 1.2, 0.05
SHIFTS = (0.0, 0.7, 1.5, 3.0)
# Beta distribution (a, b) stretched to [low, high], then boxes per view: true, false.
CLASSES = {
    'separated': ((8, 2, 0, 1), 0.5, (1.5, 9, 0, 1), 3.0),
    'overlapping': ((4, 3, 0, 1), 0.5, (2, 6, 0, 1), 2.0),
    'flattened': ((3, 2, 0.1, 0.4), 0.6, (1.5, 5, 0.05, 0.35), 3.0),
    'hard': ((2, 2, 0.15, 0.4), 0.6, (2, 2, 0.05, 0.25), 1.5),
    'low pile': ((5, 2, 0, 1), 0.3, (0.7, 14, 0, 1), 12.0),
    'low pile, hard': ((3, 3, 0.1, 0.5), 0.3, (0.7, 14, 0, 1), 12.0),
    'easy': ((10, 1.5, 0, 1), 1.0, (1.5, 6, 0, 1), 0.3),
    'only true': ((6, 2, 0, 1), 0.5, (1, 1, 0, 1), 0.0),
    'rare': ((5, 3, 0, 1), 0.02, (1.2, 8, 0, 1), 3.0),
}


def draw(rng, spec, views, frequency=1.0):
    """Scores of at least LEAST, their truths, and the number of true boxes missed."""
    parts = []
    for (a, b, low, high), rate in (spec[:2], spec[2:]):
        scale = frequency if not parts else 1.0
        size = rng.poisson(rate * views * scale)
        parts.append(low + (high - low) * rng.beta(a, b, size))
    scores = np.concatenate(parts)
    truth = np.arange(len(scores)) < len(parts[0])
    given = scores >= LEAST
    return scores[given], truth[given], int((truth & ~given).sum())


def f1(scores, truth, missed, threshold):
    kept = scores >= threshold
    return 2 * (truth & kept).sum() / (kept.sum() + truth.sum() + missed)


def crossing_and_brier(scores, truth, limit):
    limit = None if limit is None else torch.tensor([min(limit, 1.0)])
    mixture = fit_score_mixture(torch.from_numpy(scores)[None], limit)
    steps = true_probability(mixture, torch.linspace(0, 1, 1001)[None])[0].numpy()
    if np.isnan(steps).any():
        return np.nan, np.nan
    chance = steps[(scores * 1000).round().astype(int)]
    return (steps < 0.5).sum() / 1000, ((chance - truth) ** 2).mean()


def within_bounds(threshold, scores, true_boxes):
    best = np.sort(scores)[::-1]
    least, most = int(FLOOR * true_boxes), int(CEILING * true_boxes)
    if least:
        threshold = min(threshold, best[least - 1] if least <= len(best) else LEAST)
    if most < len(best) and best[most] >= threshold:
        threshold = best[most] + 1e-6
    return max(threshold, LEAST)


def rules(scores, crossing, optimum, num_kept):
    """The thresholds to compare; nan where the mixture has no fit is left out."""
    best = np.sort(scores)[::-1]
    rank = int(num_kept * UNLABELLED / LABELLED)
    by_rank = best[rank - 1] if rank <= len(best) else LEAST
    return {
        'mixture alone': crossing,
        'labelled, by score': optimum,
        'labelled, by rank': by_rank,
        'mean of mixture and by score': np.nanmean([crossing, optimum]),
        'lower of mixture and by score': np.nanmin([crossing, optimum]),
        'median of mixture, by score, by rank': np.nanmedian(
            [crossing, optimum, by_rank]
        ),
        'mean of mixture and by rank': np.nanmean([crossing, by_rank]),
    }


def compare(frequency, repeats=6):
    """F1 over the best possible one, by rule: one value a class and shift."""
    shares, briers = {}, {}
    for name, spec in CLASSES.items():
        true_boxes = spec[1] * UNLABELLED
        for shift in SHIFTS:
            rng = np.random.default_rng(0)
            found = {}
            for _ in range(repeats):
                scores, truth, missed = draw(rng, spec, UNLABELLED, frequency)
                seen, known, lost = draw(rng, spec, LABELLED)
                moved = torch.from_numpy(seen).logit().numpy()
                moved = moved + np.where(known, shift, -shift / 2)
                moved = 1 / (1 + np.exp(-moved))
                lost = int(lost * np.exp(-shift))
                pairs = ((moved, known, lost), (scores, truth, missed))
                optimum, ideal = (
                    f_beta_threshold(torch.from_numpy(s), torch.from_numpy(t), m)
                    for s, t, m in pairs
                )
                if optimum is None or ideal is None:
                    continue
                limit = CEILING * true_boxes / len(scores)
                crossing, brier = crossing_and_brier(scores, truth, limit)
                free = crossing_and_brier(scores, truth, None)[1]
                briers.setdefault(name, []).append((free, brier))
                top = f1(scores, truth, missed, ideal)
                kept = (moved >= optimum).sum()
                for rule, value in rules(scores, crossing, optimum, kept).items():
                    value = within_bounds(
                        np.nan_to_num(value, nan=0.5), scores, true_boxes
                    )
                    got = f1(scores, truth, missed, value) / top
                    found.setdefault(rule, []).append(got)
                got = f1(scores, truth, missed, 0.4) / top
                found.setdefault('fixed 0.4', []).append(got)
            for rule, values in found.items():
                shares.setdefault(rule, []).append(np.mean(values))
    return shares, briers


def main():
    same, briers = compare(1.0)
    print('Brier score of the mixture without and with the limit on true boxes')
    for name, values in briers.items():
        print(f'  {name:15s} {np.nanmean(values, axis=0).round(3)}')
    others = [compare(frequency)[0] for frequency in (0.5, 0.75, 1.3)]
    print('rule: mean, worst; mean if 0.5, 0.75, 1.3 times as frequent when unlabelled')
    for rule, values in same.items():
        rest = ' '.join(f'{np.mean(other[rule]):.2f}' for other in others)
        print(f'  {rule:37s} {np.mean(values):.2f} {np.min(values):.2f}; {rest}')


if __name__ == '__main__':
    main()
