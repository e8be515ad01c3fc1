"""What a study of a decision found, in plain sentences: first the harm, then the cost.

A rate never stands without its interval, nor a cost without those of deciding without
the threshold.
"""

import math
from collections.abc import Mapping
from typing import Any

from ..evaluation.decision_figures import SMALL_GROUP
from ..evaluation.functional.temperature import MAX_TEMPERATURE, MIN_TEMPERATURE


def share(value: float) -> str:
    """'12.3 %', or a dash where nothing could be measured."""
    return '–' if math.isnan(value) else f'{100 * value:.1f} %'


def interval(value: tuple[float, float]) -> str:
    """'80.1 to 98.4 %', or a dash."""
    low, high = value
    return '–' if math.isnan(low) else f'{100 * low:.1f} to {100 * high:.1f} %'


def money(value: float) -> str:
    """'1,234'; below 10 with cents, where there are any."""
    return f'{value:,.0f}' if value >= 10 or value == round(value) else f'{value:,.2f}'


def findings(figures: Mapping[str, Any], currency: str) -> list[str]:
    """Two sentences: what went wrong, and what that costs.

    Args:
        figures: ``study_figures``.
        currency: Unit of the costs.
    """
    policies = figures['policies']
    own = policies['threshold']
    cost = {name: money(row['cost_per_1000']) for name, row in policies.items()}
    return [
        f'{_were(own["misses"], own["num_unsafe"], "unsafe")} let through: '
        f'recall {share(own["recall"])}, 95 % interval '
        f'{interval(own["recall_interval"])}. '
        f'{_were(own["false_alarms"], own["num_safe"], "safe")} held back.',
        f'1000 such images cost {cost["threshold"]} {currency}, against '
        f'{cost["best-scored class"]} for the best-scored class, '
        f'{cost["always safe"]} for letting everything through and '
        f'{cost["always unsafe"]} for holding everything back.',
    ]


def headline(figures: Mapping[str, Any], currency: str) -> list[dict[str, str]]:
    """The same as cards of ``label``, ``shown``, ``range`` and ``text``."""
    policies = figures['policies']
    own = policies['threshold']
    cost = {name: money(row['cost_per_1000']) for name, row in policies.items()}
    found, held = own['recall_interval'], own['false_alarm_interval']
    return [
        {
            'label': 'Unsafe images found',
            'shown': share(own['recall']),
            'range': f'95 % interval {interval(found)}',
            'text': f'{_were(own["misses"], own["num_unsafe"], "unsafe")} let through.',
        },
        {
            'label': 'Safe images held back',
            'shown': share(own['false_alarm_rate']),
            'range': f'95 % interval {interval(held)}',
            'text': f'{_were(own["false_alarms"], own["num_safe"], "safe")} held back.',
        },
        {
            'label': f'Cost of 1000 images in {currency}',
            'shown': cost['threshold'],
            'range': '',
            'text': f'Best-scored class {cost["best-scored class"]}, always safe '
            f'{cost["always safe"]}, always unsafe {cost["always unsafe"]}.',
        },
    ]


def method(figures: Mapping[str, Any]) -> str:
    """On which images temperature and threshold were fitted and judged."""
    fitted = figures['fitted']
    if not fitted['cross_fitted']:
        return (
            f'Temperature and threshold were fitted on {fitted["images"]} other '
            f'images; every figure here is of the {figures["images"]} judged ones.'
        )
    return (
        f'There were no other images to fit on, so the {figures["images"]} were '
        f'cross-fitted in {fitted["folds"]} parts: each was judged with what was '
        'fitted on the others. The figures say what such a fit is worth on new '
        'images; the threshold for use comes from all of them. Where images of one '
        'scene lie in several parts, the figures are too good.'
    )


def cautions(figures: Mapping[str, Any]) -> list[str]:
    """What a reader must know before relying on the figures."""
    own, fitted = figures['policies']['threshold'], figures['fitted']
    unsafe = own['num_unsafe'] / figures['images']
    said = [
        f'{share(unsafe)} of these images are unsafe. Costs, precision and the '
        'threshold hold where unsafe images are as common as that.'
    ]
    for kind in ('unsafe', 'safe'):
        if own[f'num_{kind}'] < SMALL_GROUP:
            said.append(
                f'Only {own[f"num_{kind}"]} {kind} images were judged: look at the '
                'intervals, not at the rates.'
            )
    if fitted['temperature'] in (MIN_TEMPERATURE, MAX_TEMPERATURE):
        said.append(
            f'The temperature ended at its limit, {fitted["temperature"]:g}: the '
            'images it was fitted on are too few, or too easy, to tell how sure to be.'
        )
    costs = {name: row['cost_per_1000'] for name, row in figures['policies'].items()}
    best = min(costs, key=lambda name: costs[name])
    if costs[best] < costs['threshold']:
        said.append(
            f'“{best}” would have cost less on these images than the threshold.'
        )
    if figures['unlabelled']:
        said.append(f'Images left out for want of a label: {figures["unlabelled"]}.')
    return said


def review_words(review: Mapping[str, Any], num_images: int) -> str:
    """What a range of scores for people to look at would come to."""
    return (
        f'If scores from {review["low"]:g} to below {review["high"]:g} went to a '
        f'person, that would be {review["reviewed"]} of {num_images} images. Decided '
        f'without one: misses {review["misses"]}, false alarms '
        f'{review["false_alarms"]}.'
    )


def _were(count: int, total: int, kind: str) -> str:
    return f'{count} of {total} {kind} images {"was" if count == 1 else "were"}'
