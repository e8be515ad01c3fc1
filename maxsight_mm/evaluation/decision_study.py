"""Fit temperature and threshold on some images, and judge them on others.

Where there are no other images the same ones serve twice by cross-fitting: each half
is judged with what was fitted on the other half. A threshold judged on the images it
was chosen on would look better than it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from .decision_inputs import check_both_kinds, check_same_model, unsafe_labels
from .functional.decisions import (
    Costs,
    Outcome,
    ThresholdSweep,
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
        cross_fitted: Whether these are the judged ones, so that each half is judged
            with the fit of the other.
        temperatures: (N,) that each image is judged with.
        thresholds: (N,) that each image is judged with.
    """

    answers: TaskAnswers
    num_unlabelled: int
    unsafe: tuple[int, ...]
    costs: Costs
    fit: Fit
    fitted_on: TaskAnswers
    cross_fitted: bool
    temperatures: np.ndarray
    thresholds: np.ndarray

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
        """What deciding without a threshold would come to."""
        rules = {
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
    seed: int = 0,
) -> DecisionStudy:
    """Fit and judge.

    Args:
        predictions: Answers to judge.
        task: Which task of them.
        unsafe: Names of the classes that count as unsafe.
        costs: Of a miss and of a false alarm.
        calibrate: Answers of the same model to other images, which temperature and
            threshold are fitted on. None: cross-fitting in two halves, drawn with
            ``seed``, of which each has its share of the safe and unsafe images.
        seed: Of the halves.

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
        fit = fit_decision(other, labels, costs)
        temperatures = np.full(len(answers), fit.temperature)
        thresholds = np.full(len(answers), fit.threshold)
    else:
        check_both_kinds('cross-fitting', answers, labels, 2)
        other, fit = answers, fit_decision(answers, labels, costs)
        in_first = _first_half(answers.labels, labels, seed)
        temperatures, thresholds = np.empty(len(answers)), np.empty(len(answers))
        for judged in (in_first, ~in_first):
            half = fit_decision(answers[~judged], labels, costs)
            temperatures[judged], thresholds[judged] = half
    return DecisionStudy(
        answers,
        num_unlabelled,
        labels,
        costs,
        fit,
        other,
        calibrate is None,
        temperatures,
        thresholds,
    )


def fit_decision(answers: TaskAnswers, unsafe: tuple[int, ...], costs: Costs) -> Fit:
    """Temperature by the likelihood, then the threshold of least cost.

    Raises:
        ValueError: See ``fit_temperature`` and ``cost_optimal_threshold``.
    """
    temperature = fit_temperature(answers.logits, answers.labels, answers.activation)
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


def _first_half(labels: np.ndarray, unsafe: tuple[int, ...], seed: int) -> np.ndarray:
    """(N,) bool; of the unsafe images and of the safe ones every second."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    first = np.zeros(len(labels), bool)
    for kind in (True, False):
        own = shuffled[np.isin(labels[shuffled], unsafe) == kind]
        first[own[np.argsort(labels[own], kind='stable')][::2]] = True
    return first
