"""What a ``DecisionStudy`` says: ``metrics.json``, ``decision.json``, subgroups."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .decision_study import DecisionStudy
from .functional.calibration import calibration_bins, expected_calibration_error
from .functional.classification import (
    accuracy,
    balanced_accuracy,
    class_scores,
    confusion_matrix,
    macro_mean,
    majority_accuracy,
)
from .functional.decisions import Outcome, unsafe_scores
from .functional.temperature import activate, negative_log_likelihood
from .task_predictions import PredictionsError

VERSION = 1
NUM_BINS = 10
# With no miss among 20 unsafe images the recall may still be 83 % (exact 95 %
# interval): below that a group's own figures say next to nothing. Our choice.
SMALL_GROUP = 20
NO_GROUP = '(not given)'


def study_figures(
    study: DecisionStudy,
    columns: Sequence[str] = (),
    review: tuple[float, float] | None = None,
    images_per_year: float | None = None,
) -> dict[str, Any]:
    """Content of ``metrics.json``.

    Args:
        study: What was fitted and judged.
        columns: Columns of the images' groups to break the figures down by.
        review: Calibrated scores from the first to below the second go to a person.
        images_per_year: Where given, costs are given for a year too.

    Raises:
        ValueError: If a column is unknown or ``review`` is no range in [0, 1].
    """
    answers = study.answers
    confusion = confusion_matrix(
        answers.labels, study.best_scored, len(answers.classes)
    )
    outcomes = {'threshold': study.outcome} | study.policies
    return {
        'version': VERSION,
        'classes': answers.classes,
        'unsafe': [answers.classes[label] for label in study.unsafe],
        'images': len(answers),
        'unlabelled': study.num_unlabelled,
        'fitted': {
            'cross_fitted': study.cross_fitted,
            'folds': study.num_folds,
            'images': len(study.fitted_on),
            **study.fit._asdict(),
        },
        'costs': study.costs._asdict(),
        'policies': {
            name: _outcome_row(outcome) | _cost_row(study, outcome, images_per_year)
            for name, outcome in outcomes.items()
        },
        'review': None if review is None else review_figures(study, review),
        'calibration': calibration_figures(study),
        'best_scored': class_figures(confusion),
        'confusion': confusion,
        'decision_confusion': _decision_confusion(study.outcome),
        'subgroups': {column: subgroup_rows(study, column) for column in columns},
    }


def decision_content(
    study: DecisionStudy,
    task: str,
    model: str | None,
    review: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Content of ``decision.json``, which says how the model is to be used.

    The histogram is of the judged images' scores under the fitted temperature: what
    scores in use can be compared with.
    """
    answers, unsafe = study.answers, study.unsafe
    scores = unsafe_scores(
        answers.logits, unsafe, answers.activation, study.fit.temperature
    )
    edges = np.linspace(0, 1, NUM_BINS + 1).round(12)
    return {
        'version': VERSION,
        'task': task,
        'classes': answers.classes,
        'unsafe': [answers.classes[label] for label in unsafe],
        'activation': answers.activation,
        **study.fit._asdict(),
        'costs': study.costs._asdict(),
        'review': None if review is None else {'low': review[0], 'high': review[1]},
        'score_histogram': {
            'edges': edges,
            'counts': np.histogram(scores, edges)[0],
        },
        'images': len(answers),
        'model': model,
    }


def calibration_figures(study: DecisionStudy) -> dict[str, Any]:
    """Before and after the temperature: mean gaps, likelihood and reliability bins.

    ``unsafe_ece`` holds the unsafe score against whether the image is unsafe,
    ``confidence_ece`` the best class's score against whether that class is right.
    """
    answers = study.answers
    right = study.best_scored == answers.labels
    figures = {}
    for when, scores, temperature in (
        ('before', study.raw_scores, np.ones(1)),
        ('after', study.scores, study.temperatures),
    ):
        confidence = activate(answers.logits, answers.activation, temperature)
        bins = calibration_bins(scores, study.is_unsafe, NUM_BINS)
        best = calibration_bins(confidence.max(axis=1), right, NUM_BINS)
        figures[when] = {
            'unsafe_ece': expected_calibration_error(bins),
            'confidence_ece': expected_calibration_error(best),
            'nll': negative_log_likelihood(
                answers.logits, answers.labels, answers.activation, temperature
            ),
            'bins': bins._asdict(),
        }
    return figures


def class_figures(confusion: np.ndarray) -> dict[str, Any]:
    """Figures of the best-scored class; those of each class are lists."""
    scores = class_scores(confusion)
    return {
        'accuracy': accuracy(confusion),
        'balanced_accuracy': balanced_accuracy(confusion),
        'majority_accuracy': majority_accuracy(confusion),
        'macro_precision': macro_mean(scores.precision),
        'macro_recall': macro_mean(scores.recall),
        'macro_f1': macro_mean(scores.f1),
        'images': confusion.sum(axis=1),
        **scores._asdict(),
    }


def review_figures(study: DecisionStudy, review: tuple[float, float]) -> dict[str, Any]:
    """What is left to go wrong if the scores in between go to a person."""
    low, high = review
    if not 0 <= low <= high <= 1:
        raise PredictionsError(f'review must be a range in [0, 1], got {low} to {high}')
    passed, held = study.scores < low, study.scores >= high
    return {
        'low': low,
        'high': high,
        'reviewed': int((~passed & ~held).sum()),
        'misses': int((passed & study.is_unsafe).sum()),
        'false_alarms': int((held & ~study.is_unsafe).sum()),
    }


def subgroup_rows(study: DecisionStudy, column: str) -> list[dict[str, Any]]:
    """Outcome of each group, the largest first, images without a group last.

    ``flags`` name groups too small to judge, and figures whose 95 % interval lies
    wholly on the bad side of the figure of all images.

    Raises:
        ValueError: If no image has the column.
    """
    groups = study.answers.groups
    known = sorted({name for group in groups for name in group})
    if column not in known:
        raise PredictionsError(
            f'no image has a group {column!r}; known: {", ".join(known) or "none"}'
        )
    members = np.array([group.get(column, NO_GROUP) for group in groups])
    names, counts = np.unique(members, return_counts=True)
    whole = study.outcome
    rows = []
    for name in names[np.lexsort((-counts, names == NO_GROUP))]:
        outcome = study.outcome_of(members == name)
        flags = [
            f'fewer than {SMALL_GROUP} {kind} images'
            for kind, count in (
                ('unsafe', outcome.num_unsafe),
                ('safe', outcome.num_safe),
            )
            if count < SMALL_GROUP
        ]
        if outcome.recall_interval[1] < whole.recall:
            flags.append('finds less than in all images')
        if outcome.false_alarm_interval[0] > whole.false_alarm_rate:
            flags.append('more false alarms than in all images')
        rows.append({'group': str(name), **_outcome_row(outcome), 'flags': flags})
    return rows


def _outcome_row(outcome: Outcome) -> dict[str, Any]:
    return {
        **outcome._asdict(),
        'recall': outcome.recall,
        'recall_interval': outcome.recall_interval,
        'precision': outcome.precision,
        'false_alarm_rate': outcome.false_alarm_rate,
        'false_alarm_interval': outcome.false_alarm_interval,
    }


def _cost_row(
    study: DecisionStudy, outcome: Outcome, images_per_year: float | None
) -> dict[str, Any]:
    cost = outcome.cost(study.costs)
    return {
        'cost_per_1000': 1000 * cost,
        'cost_per_year': None if images_per_year is None else images_per_year * cost,
    }


def _decision_confusion(outcome: Outcome) -> list[list[int]]:
    """Rows: truth safe, unsafe; columns: let through, held back."""
    return [
        [outcome.num_safe - outcome.false_alarms, outcome.false_alarms],
        [outcome.misses, outcome.num_unsafe - outcome.misses],
    ]
