"""Fit temperature and threshold on some images, and judge them on others.

Where there are no other images the same ones serve twice by cross-fitting: each tenth
is judged with what was fitted on the rest. A threshold judged on the images it was
chosen on would look better than it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from .decision_inputs import check_both_kinds, check_same_model, unsafe_labels
from .functional.decisions import (
    Costs,
    Outcome,
    ThresholdSweep,
    break_even_threshold,
    cost_optimal_threshold,
    decision_outcome,
    threshold_sweep,
    unsafe_scores,
)
from .functional.temperature import fit_temperature
from .task_predictions import PredictionsError, TaskAnswers, TaskPredictions

# Softmax in single precision misses that in double by up to 1e-6 of its value; an
# image whose own score became the threshold must not slip under it.
_ROUNDING = 1e-5
_MAX_FOLDS = 10

# Where the threshold lies: at the least cost on the images it is fitted on, or where a
# miss and a false alarm are expected to cost the same if the scores are true.
ThresholdRule = Literal['cheapest', 'break_even']
THRESHOLD_RULES: tuple[ThresholdRule, ...] = ('cheapest', 'break_even')


class Fit(NamedTuple):
    """What is learned from labelled images; the threshold is for calibrated scores."""

    temperature: float
    threshold: float


@dataclass(frozen=True)
class DecisionStudy:
    """N labelled images with the decision on each.

    Attributes:
        answers: The images that are judged.
        num_unlabelled: Images left out.
        unsafe: Labels that count as unsafe.
        costs: Of a miss and of a false alarm.
        fit: What goes into use.
        fitted_on: The labelled images that ``fit`` comes from.
        num_folds: Parts of the judged images, each judged with the fit of the others;
            0 where ``fitted_on`` are other images.
        temperatures: (N,) that each image is judged with.
        thresholds: (N,) that each image is judged with.
    """

    answers: TaskAnswers
    num_unlabelled: int
    unsafe: tuple[int, ...]
    costs: Costs
    fit: Fit
    fitted_on: TaskAnswers
    num_folds: int
    temperatures: np.ndarray
    thresholds: np.ndarray

    @property
    def cross_fitted(self) -> bool:
        """Whether the judged images are those fitted on."""
        return self.num_folds > 0

    @cached_property
    def is_unsafe(self) -> np.ndarray:
        """(N,) bool, the truth."""
        return np.isin(self.answers.labels, self.unsafe)

    @cached_property
    def raw_scores(self) -> np.ndarray:
        """(N,) unsafe scores as the model gives them."""
        return _scores(self.answers, self.unsafe)

    @cached_property
    def scores(self) -> np.ndarray:
        """(N,) calibrated unsafe scores that each image is judged with."""
        return _scores(self.answers, self.unsafe, self.temperatures)

    @cached_property
    def held_back(self) -> np.ndarray:
        """(N,) bool, images decided to be unsafe."""
        return self.scores >= self.thresholds

    @cached_property
    def best_scored(self) -> np.ndarray:
        """(N,) int64, the class of the highest logit."""
        return self.answers.logits.argmax(axis=1)

    @cached_property
    def outcome(self) -> Outcome:
        """What the decisions came to."""
        return self.outcome_of(np.ones(len(self.answers), bool))

    def outcome_of(self, chosen: np.ndarray) -> Outcome:
        """What they came to on the chosen images, (N,) bool."""
        return decision_outcome(self.held_back[chosen], self.is_unsafe[chosen])

    @cached_property
    def policies(self) -> dict[str, Outcome]:
        """What deciding without a fitted threshold would come to."""
        rules = {
            'break-even score': self.scores >= break_even_threshold(self.costs),
            'best-scored class': np.isin(self.best_scored, self.unsafe),
            'always safe': np.zeros(len(self.answers), bool),
            'always unsafe': np.ones(len(self.answers), bool),
        }
        return {name: decision_outcome(r, self.is_unsafe) for name, r in rules.items()}

    def sweep(self) -> ThresholdSweep:
        """All thresholds on the judged images, under the temperature in use."""
        scores = _scores(self.answers, self.unsafe, self.fit.temperature)
        return threshold_sweep(scores, self.is_unsafe, self.costs)

    def fit_sweep(self) -> ThresholdSweep:
        """The sweep that the threshold in use was chosen from."""
        return _sweep(self.fitted_on, self.unsafe, self.costs, self.fit.temperature)


def study_decision(
    predictions: TaskPredictions,
    task: str,
    unsafe: Sequence[str],
    costs: Costs,
    calibrate: TaskPredictions | None = None,
    rule: ThresholdRule = 'cheapest',
    seed: int = 0,
) -> DecisionStudy:
    """Fit and judge.

    Args:
        predictions: Answers to judge.
        task: Which task of them.
        unsafe: Names of the classes that count as unsafe.
        costs: Of a miss and of a false alarm.
        calibrate: Answers of the same model to other images, which temperature and
            threshold are fitted on. None: cross-fitting in ten parts, or as many as
            there are safe or unsafe images, drawn with ``seed``, of which each has its
            share of the safe and unsafe images.
        rule: Where the threshold lies; see ``fit_decision``.
        seed: Of the parts.

    Raises:
        ValueError: If the two do not go together, share an image, or have too few
            labelled images of a kind; see also ``threshold_sweep``.
    """
    every = predictions.task(task)
    labels = unsafe_labels(every.classes, unsafe)
    answers = every.labelled()
    if not len(answers):
        raise PredictionsError(f'no image has a label of {task}')
    num_unlabelled = len(every) - len(answers)
    if calibrate is not None:
        check_same_model(predictions, calibrate, task)
        other = calibrate.task(task).labelled()
        check_both_kinds('the calibration images', other, labels, 1)
        fit, num_folds = fit_decision(other, labels, costs, rule), 0
        temperatures = np.full(len(answers), fit.temperature)
        thresholds = np.full(len(answers), fit.threshold)
    else:
        check_both_kinds('cross-fitting', answers, labels, 2)
        other, fit = answers, fit_decision(answers, labels, costs, rule)
        folds = _folds(answers.labels, labels, seed)
        num_folds = int(folds.max()) + 1
        temperatures, thresholds = np.empty(len(answers)), np.empty(len(answers))
        for fold in range(num_folds):
            judged = folds == fold
            rest = fit_decision(answers[~judged], labels, costs, rule)
            temperatures[judged], thresholds[judged] = rest
    return DecisionStudy(
        answers,
        num_unlabelled,
        labels,
        costs,
        fit,
        other,
        num_folds,
        temperatures,
        thresholds,
    )


def fit_decision(
    answers: TaskAnswers,
    unsafe: tuple[int, ...],
    costs: Costs,
    rule: ThresholdRule = 'cheapest',
) -> Fit:
    """Temperature by the likelihood, then the threshold.

    Args:
        answers: Labelled images.
        unsafe: Labels that count as unsafe.
        costs: Of a miss and of a false alarm.
        rule: ``cheapest``, the score with the least cost on these images; or
            ``break_even``, which relies on the scores and not on the few images next to
            the threshold.

    Raises:
        ValueError: See ``fit_temperature`` and ``cost_optimal_threshold``.
    """
    temperature = fit_temperature(answers.logits, answers.labels, answers.activation)
    if rule == 'break_even':
        return Fit(temperature, break_even_threshold(costs))
    best = cost_optimal_threshold(_sweep(answers, unsafe, costs, temperature))
    return Fit(temperature, best * (1 - _ROUNDING))


def _scores(
    answers: TaskAnswers,
    unsafe: tuple[int, ...],
    temperature: float | np.ndarray = 1.0,
) -> np.ndarray:
    return unsafe_scores(answers.logits, unsafe, answers.activation, temperature)


def _sweep(
    answers: TaskAnswers, unsafe: tuple[int, ...], costs: Costs, temperature: float
) -> ThresholdSweep:
    scores = _scores(answers, unsafe, temperature)
    return threshold_sweep(scores, np.isin(answers.labels, unsafe), costs)


def _folds(labels: np.ndarray, unsafe: tuple[int, ...], seed: int) -> np.ndarray:
    """(N,) int, part of each image; the classes are dealt out one after the other."""
    is_unsafe = np.isin(labels, unsafe)
    fewest = min(is_unsafe.sum(), (~is_unsafe).sum())
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    folds = np.empty(len(labels), dtype=np.int64)
    for kind in (True, False):
        own = shuffled[is_unsafe[shuffled] == kind]
        own = own[np.argsort(labels[own], kind='stable')]
        folds[own] = np.arange(len(own)) % min(_MAX_FOLDS, fewest)
    return folds
