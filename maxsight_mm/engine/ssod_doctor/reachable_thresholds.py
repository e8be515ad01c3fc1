"""Thresholds that scores do not reach, or that let nearly everything pass."""

from .case import Case
from .finding import Finding
from .focal_score import precision_for
from .pseudo_thresholds import INITIAL, pseudo_thresholds
from .score_heads import pseudo_label_head, score_heads

# Precision that boxes of a detector in training do not have.
UNREACHED = 0.97
# Precision that must be missing to the threshold, or be too much, to be worth a line.
APART = 0.2


def check_reachable_thresholds(case: Case) -> list[Finding]:
    """Precision that a box needs before its score passes each threshold that acts."""
    thresholds = pseudo_thresholds(case)
    initial = thresholds.get(INITIAL, 0.0)
    findings = [
        Finding(
            'error',
            'reachable_thresholds',
            f'model.{place}={value:g}',
            'no score is above 1: nothing becomes a pseudo-label',
            'a threshold below 1',
        )
        for place, value in thresholds.items()
        if value >= 1
    ]
    if case.detector is None:
        return findings
    head = pseudo_label_head(score_heads(case.detector))
    if head is None or head.rule is None:
        return findings
    for place, value in thresholds.items():
        if not (place == INITIAL or value > initial) or not 0 < value < 1:
            continue
        least = precision_for(value, head.rule, 'background')
        most = precision_for(value, head.rule, 'spread')
        what = f'model.{place}={value:g} with {type(head.loss).__name__}'
        what += f' (gamma {head.rule.gamma:g})' if head.is_focal else ''
        span = f'{least:.2f}' if most - least < 0.005 else f'{least:.2f} to {most:.2f}'
        why = f'at the optimum of {head.place} a box must be right with probability '
        if least > UNREACHED:
            why += f'{span} before its score passes: nearly none does'
            fix = 'a lower threshold, a smaller gamma, or an adaptive governor'
            findings.append(Finding('error', 'reachable_thresholds', what, why, fix))
        elif most > value + APART:
            why += (
                f'{span} before its score passes, the more the classes are confused: '
                'hard classes get no pseudo-labels'
            )
            fix = 'a smaller gamma with one activation, or thresholds fitted by class'
            findings.append(Finding('warning', 'reachable_thresholds', what, why, fix))
        elif most < value - APART:
            why += f'{span} only: most of what passes is wrong'
            fix = 'a higher threshold, alpha=0.25, or an adaptive governor'
            findings.append(Finding('warning', 'reachable_thresholds', what, why, fix))
    return findings
