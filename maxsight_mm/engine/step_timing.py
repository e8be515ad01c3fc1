"""Building models of configs and timing their steps, for the tools that compare costs.

Weights are random: time does not depend on them. Steps take turns, so that a
machine whose speed drifts treats all alike.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.registry import DefaultScope

from ..registry import MODELS
from .timing_samples import make_inputs, make_samples

Step = Callable[[], None]
WARMUP_ROUNDS = 3


def read_model_config(path: str) -> Config:
    """A config file, or one of a package as in ``mmdet::fcos/fcos_r50.py``.

    Raises:
        ValueError: If the config describes no model.
        FileNotFoundError: If there is no such file.
    """
    if '::' not in path and not Path(path).is_file():
        raise FileNotFoundError(f'config {path} does not exist')
    # As a base, a config may also name a package.
    base = path if '::' in path else str(Path(path).resolve())
    config = Config.fromstring(f'_base_ = {base!r}', '.py')
    if 'model' not in config:
        raise ValueError(f'config {path} has no model')
    return config


def build_model(path: str, init_weights: bool = True) -> torch.nn.Module:
    """Model of a config, under the config's own scope, with no pretrained weights."""
    config = read_model_config(path)
    scope = config.get('default_scope') or 'mmdet'
    with DefaultScope.overwrite_default_scope(scope):
        model = MODELS.build(config.model)
        if not init_weights:
            return model
        for module in model.modules():
            # What is frozen with pretrained weights stays so, random as it is.
            init_cfg = getattr(module, 'init_cfg', None)
            if isinstance(init_cfg, dict) and init_cfg.get('type') == 'Pretrained':
                module.init_cfg = None
        model.init_weights()
    return model


def make_step(
    model: torch.nn.Module, mode: str, batch: int, size: tuple[int, int], device: str
) -> Step:
    """One run of a model, as a function without arguments.

    Args:
        model: A detector.
        mode: ``'forward'`` for the raw outputs, and the context stage's answers for
            eight fixed objects where there is one; ``'predict'``; or ``'train'`` for
            a whole training step.
        batch: Images.
        size: Height and width.
        device: Where it runs.
    """
    inputs = make_inputs(model, batch, size, device)
    samples = make_samples(batch, *size, device)
    detector: Any = model.to(device)
    if mode == 'train':
        optimizer = OptimWrapper(torch.optim.SGD(model.parameters(), lr=1e-6))

        def step() -> None:
            detector.train()
            losses, _ = detector.parse_losses(detector(inputs, samples, mode='loss'))
            optimizer.update_params(losses)
    elif mode == 'forward' and getattr(model, 'context_stage', None) is not None:
        step = forward_with_context(detector, inputs, samples)
    else:
        name = 'tensor' if mode == 'forward' else 'predict'

        @torch.inference_mode()
        def step() -> None:
            detector.eval()
            detector(inputs, samples, mode=name)

    return synchronised(step, device)


def forward_with_context(detector: Any, inputs: Any, samples: list) -> Step:
    """Safety outputs, then the context stage's answers for the labelled objects.

    The number of detections of random weights would decide the time of ``predict``.
    """
    objects = [sample.gt_instances for sample in samples]

    @torch.inference_mode()
    def step() -> None:
        detector.eval()
        features = detector.extract_feat(inputs, samples)
        detector.safety_heads(features)
        detector.context_stage.predict(
            inputs, features, samples, objects, detector.safety_pass
        )

    return step


def synchronised(step: Step, device: str) -> Step:
    """A step that waits for the device."""
    if not device.startswith('cuda'):
        return step

    def run() -> None:
        step()
        torch.cuda.synchronize()

    return run


def interleaved_ms(steps: Sequence[Step], rounds: int) -> list[list[float]]:
    """Times in ms of each step, (steps, rounds), after a warm-up.

    The order turns around every round, so that none always follows another's cache.
    """
    for _ in range(WARMUP_ROUNDS):
        for step in steps:
            step()
    times: list[list[float]] = [[] for _ in steps]
    for index in range(rounds):
        turn = list(zip(steps, times, strict=True))
        for step, own in turn if index % 2 == 0 else reversed(turn):
            start = time.perf_counter()
            step()
            own.append((time.perf_counter() - start) * 1e3)
    return times


def median_ratio(own_ms: Sequence[float], peer_ms: Sequence[float]) -> float:
    """Median over the rounds of the ratio of two steps' times."""
    return statistics.median(a / b for a, b in zip(own_ms, peer_ms, strict=True))
