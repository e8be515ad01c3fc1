"""The figures that a reader must see first, in plain words.

Each comes with its counts and with what it has to be held against: an upper bound
for a rate of harm, the majority baseline for an accuracy.
"""

from collections.abc import Mapping
from typing import Any

NOT_MEASURED = 'not measured'
ACCURACIES = {
    'image_urgency': ('Image urgency accuracy', 'images'),
    'object_urgency': ('Object urgency accuracy', 'found objects'),
    'zone': ('Zone accuracy', 'found objects'),
}


def percent(value: float | None) -> str:
    """'12.3 %', or that it was not measured."""
    return NOT_MEASURED if value is None else f'{100 * value:.1f} %'


def headline(tables: Mapping[str, Mapping[str, Any] | None]) -> list[dict[str, Any]]:
    """Cards of ``key``, ``label``, ``value`` in [0, 1] or None, ``shown``, ``text``.

    Rates of harm also have ``upper95``, accuracies ``baseline``.

    Args:
        tables: ``det`` and ``safety`` tables of a test, None where absent.
    """
    safety, det = tables.get('safety'), tables.get('det')
    cards = []
    if safety is not None:
        cards += [image_reassurance(safety), object_reassurance(safety)]
        cards += [accuracy(safety, task) for task in ACCURACIES]
    if det is not None:
        cards.append(average_precision(det))
    return cards


def image_reassurance(safety: Mapping[str, Any]) -> dict[str, Any]:
    """How often an image with a hazard was called safe."""
    counts = safety['false_reassurance']['image']
    judged = counts['num_hazards']
    rate = safety['metrics']['image_false_reassurance']
    if rate is None:
        text = 'No test image with a hazard got an answer, so nothing can be said.'
    else:
        text = (
            f'Of {judged} test images that held a warning or a danger, '
            f'{_were(counts["num_called_safe"])} called safe. '
            + _bound(rate, safety['metrics']['image_false_reassurance_upper95'])
        )
    if counts['num_unanswered']:
        text += f' {counts["num_unanswered"]} more had no answer.'
    said_safe = sum(row[0] for row in safety['confusion']['image_urgency'])
    if judged and not said_safe:
        text += ' It called no image at all safe, so it could not be wrong in this.'
    text += _heuristic(safety, 'image_urgency')
    return _rate_card('image', safety, text)


def object_reassurance(safety: Mapping[str, Any]) -> dict[str, Any]:
    """How often a hazardous object was missed or called safe."""
    counts = safety['false_reassurance']['object']
    rate = safety['metrics']['object_false_reassurance']
    if rate is None:
        text = 'There is no answer to the hazardous objects, so nothing can be said.'
    else:
        text = (
            f'Of {counts["num_hazards"]} hazardous objects, '
            f'{_were(counts["num_missed"])} not found and '
            f'{_were(counts["num_called_safe"])} called safe. '
            + _bound(rate, safety['metrics']['object_false_reassurance_upper95'])
        )
    text += _heuristic(safety, 'object_urgency')
    return _rate_card('object', safety, text)


def accuracy(safety: Mapping[str, Any], task: str) -> dict[str, Any]:
    """Accuracy of a task against always giving the most common answer."""
    label, cases = ACCURACIES[task]
    metrics, counts = safety['metrics'], safety['counts'][task]
    value, base = metrics[f'{task}_accuracy'], metrics[f'{task}_majority_accuracy']
    if value is None:
        nothing = 'no object was found' if counts['missed'] else 'no case has a label'
        text = f'Not judged: {nothing}.' + _heuristic(safety, task)
        return _card(f'{task}_accuracy', label, None, text)
    gain = 100 * (value - base)
    if gain > 0.05:
        verdict = f'{gain:.1f} points better than'
    elif gain < -0.05:
        verdict = f'{-gain:.1f} points worse than'
    else:
        verdict = 'No better than'
    text = (
        f'{verdict} always giving the most common answer ({percent(base)}), '
        f'on {counts["judged"]} {cases}.'
    )
    if counts['missed']:
        text += f' {counts["missed"]} objects were not found and are not in it.'
    text += _heuristic(safety, task)
    return _card(f'{task}_accuracy', label, value, text) | {'baseline': base}


def average_precision(det: Mapping[str, Any]) -> dict[str, Any]:
    """AP50, with the stricter mean of COCO beside it."""
    metrics = det['metrics']
    present = [row for row in det['classes'] if row['objects']]
    objects = sum(row['objects'] for row in present)
    text = (
        f'Mean over {len(present)} classes with {objects} objects in {det["images"]} '
        f'images. The stricter AP (IoU 50 to 95 %) is {percent(metrics["mAP"])}.'
    )
    return _card('AP50', 'AP50', metrics['AP50'], text)


def _heuristic(safety: Mapping[str, Any], task: str) -> str:
    """What became of the labels that are rules of thumb; empty without them."""
    count = safety['counts'][task].get('heuristic', 0)
    if not count:
        return ''
    labels = f'{count} heuristic {"label" if count == 1 else "labels"}'
    if safety['settings'].get('count_heuristic'):
        return (
            f' Heuristic labels counted: {count}. They are rules of thumb, so this is '
            'no measurement of the world.'
        )
    return f' {labels} left out.'


def _bound(rate: float, upper: float) -> str:
    if rate == 1:
        return 'That is every one of them.'
    return (
        f'With so many cases the true rate may still be up to {percent(upper)} '
        '(upper 95 % bound).'
    )


def _rate_card(kind: str, safety: Mapping[str, Any], text: str) -> dict[str, Any]:
    """A rate of harm never stands without the bound on it."""
    key, metrics = f'{kind}_false_reassurance', safety['metrics']
    card = _card(key, f'{kind.capitalize()} false reassurance', metrics[key], text)
    return card | {'upper95': metrics[f'{key}_upper95']}


def _were(count: int) -> str:
    return f'{count} was' if count == 1 else f'{count} were'


def _card(key: str, label: str, value: float | None, text: str) -> dict[str, Any]:
    return {
        'key': key,
        'label': label,
        'value': value,
        'shown': percent(value),
        'text': text,
    }
