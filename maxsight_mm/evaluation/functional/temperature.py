"""Temperature scaling: one number that makes stated scores come true.

Logits are divided by a temperature before the activation, chosen by the likelihood of
held-out labels. No answer changes, since the order of the classes stays (Guo et al.
2017, arXiv 1706.04599). For independent sigmoids the same is done with the likelihood
of the K yes-or-no answers, which is ours.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import expit, log_expit, log_softmax, softmax

ACTIVATIONS = ('softmax', 'sigmoid')
# Where every answer is right the best temperature is 0, where they are worse than
# chance it is infinite: both are artefacts of few images.
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0


def activate(
    logits: ArrayLike, activation: str, temperature: ArrayLike = 1.0
) -> np.ndarray:
    """Scores (N, K) float64 in [0, 1] of logits.

    Args:
        logits: (N, K) float, unactivated.
        activation: ``'softmax'`` or ``'sigmoid'``.
        temperature: Positive number, or (N,) of these.

    Raises:
        ValueError: If the activation is unknown, the logits have another shape or are
            not finite, or a temperature is not a positive number.
    """
    scaled = _scaled(logits, activation, temperature)
    return softmax(scaled, axis=1) if activation == 'softmax' else expit(scaled)


def negative_log_likelihood(
    logits: ArrayLike,
    labels: ArrayLike,
    activation: str,
    temperature: ArrayLike = 1.0,
) -> float:
    """Mean over the images, in nats; nan without images.

    For sigmoids also the mean over the K classes.

    Args:
        logits: (N, K) float, unactivated.
        labels: (N,) int in [0, K).
        activation: ``'softmax'`` or ``'sigmoid'``.
        temperature: Positive number, or (N,) of these.

    Raises:
        ValueError: As ``activate``, and if the labels do not fit the logits.
    """
    scaled = _scaled(logits, activation, temperature)
    labels = _labels(labels, scaled.shape)
    if not labels.size:
        return float('nan')
    if activation == 'softmax':
        log_scores = log_softmax(scaled, axis=1)
        return float(-log_scores[np.arange(len(labels)), labels].mean())
    sign = np.where(_one_hot(labels, scaled.shape[1]) > 0, 1, -1)
    return float(-log_expit(sign * scaled).mean())


def fit_temperature(logits: ArrayLike, labels: ArrayLike, activation: str) -> float:
    """The temperature under which the labels are most likely.

    The likelihood is concave in 1 / temperature, so its slope has one root, which
    is bracketed and found.

    Args:
        logits: (N, K) float, unactivated.
        labels: (N,) int in [0, K).
        activation: ``'softmax'`` or ``'sigmoid'``.

    Returns:
        The temperature in [0.05, 20]; 1 where it changes nothing.

    Raises:
        ValueError: If there are no images, and as ``negative_log_likelihood``.
    """
    scaled = _scaled(logits, activation, 1.0)
    labels = _labels(labels, scaled.shape)
    if not labels.size:
        raise ValueError('a temperature needs labelled images, got none')
    truth = _one_hot(labels, scaled.shape[1])
    if activation == 'softmax':
        # It sees differences only; constant logits then give a slope of exactly 0.
        scaled = scaled - scaled.max(axis=1, keepdims=True)

    def slope(inverse: float) -> float:
        """Of the mean negative log likelihood, up to a factor; rises in ``inverse``."""
        scores = activate(scaled, activation, 1 / inverse)
        return float(((scores - truth) * scaled).sum(axis=1).mean())

    low, high = 1 / MAX_TEMPERATURE, 1 / MIN_TEMPERATURE
    at_low, at_high = slope(low), slope(high)
    if at_low == at_high == 0:
        return 1.0
    if at_low >= 0:
        return MAX_TEMPERATURE
    if at_high <= 0:
        return MIN_TEMPERATURE
    return float(1 / brentq(slope, low, high, xtol=1e-10))


def _scaled(logits: ArrayLike, activation: str, temperature: ArrayLike) -> np.ndarray:
    if activation not in ACTIVATIONS:
        raise ValueError(f'activation must be one of {ACTIVATIONS}, got {activation!r}')
    values = np.asarray(logits, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f'logits must have shape (N, K), got {values.shape}')
    if not np.isfinite(values).all():
        raise ValueError('logits hold a value that is not finite')
    divisor = np.asarray(temperature, dtype=np.float64)
    if not (np.isfinite(divisor).all() and (divisor > 0).all()):
        raise ValueError(f'a temperature must be positive, got {divisor.min()}')
    return values / divisor.reshape(-1, 1)


def _labels(labels: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    values = np.asarray(labels, dtype=np.int64)
    if values.shape != shape[:1]:
        raise ValueError(f'{values.size} labels but {shape[0]} images')
    if values.size and not 0 <= values.min() <= values.max() < shape[1]:
        raise ValueError(
            f'labels must lie in [0, {shape[1]}), got {values.min()} to {values.max()}'
        )
    return values


def _one_hot(labels: np.ndarray, num_classes: int) -> np.ndarray:
    return np.eye(num_classes)[labels]
