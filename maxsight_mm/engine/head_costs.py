"""What each context head adds to the time of a forward pass."""

import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from .step_timing import interleaved_ms, make_step, synchronised


class HeadCost(NamedTuple):
    """Median time of a head's outputs and answers on one batch, and its size."""

    task: str
    ms: float
    parameters: int


def head_costs(
    model: Any, batch: int, size: tuple[int, int], device: str, rounds: int
) -> tuple[float, list[HeadCost]]:
    """Time every context head on the features of one forward pass.

    Args:
        model: A detector.
        batch: Images.
        size: Height and width.
        device: Where it runs.
        rounds: Counted runs; the heads and the whole take turns.

    Returns:
        Median ms of the whole forward pass, and the cost of each head; no heads for
        a model without a context stage.
    """
    whole = make_step(model, 'forward', batch, size, device)
    if getattr(model, 'context_stage', None) is None:
        return statistics.median(interleaved_ms([whole], rounds)[0]), []
    captured: list[Any] = []
    hook = model.context_stage.heads.register_forward_pre_hook(
        lambda module, args: captured.append(args[0])
    )
    whole()
    hook.remove()
    # The head set has added every head's outputs, so each finds what it reads.
    features = captured[0]
    heads = [
        h for h in model.context_stage.heads if all(k in features for k in h.inputs)
    ]
    steps = [synchronised(_answer(head, features), device) for head in heads]
    times = interleaved_ms([whole, *steps], rounds)
    costs = [
        HeadCost(
            head.task, statistics.median(own), sum(p.numel() for p in head.parameters())
        )
        for head, own in zip(heads, times[1:], strict=True)
    ]
    return statistics.median(times[0]), costs


def _answer(head: Any, features: Any) -> Callable[[], None]:
    @torch.inference_mode()
    def step() -> None:
        head.predict(head(features))

    return step
