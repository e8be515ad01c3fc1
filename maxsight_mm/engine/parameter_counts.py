"""Parameters of each part of a detector, counted without holding them."""

from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.logging import print_log
from torch import nn

from .step_timing import build_model

# Millions, by the seed documents.
SEED_MILLIONS = dict(
    tier_t0=29, tier_t1=50, tier_t2=210, tier_t3=250, tier_t4=280, tier_t5=320
)


@contextmanager
def parameters_without_values() -> Iterator[None]:
    """Parameters that modules register meanwhile have a shape and hold nothing.

    Buffers keep their values, for constructors compute with them.
    """
    register = nn.Module.register_parameter

    def register_empty(
        module: nn.Module, name: str, parameter: nn.Parameter | None
    ) -> None:
        if parameter is not None and not parameter.is_meta:
            parameter = nn.Parameter(parameter.data.to('meta'), parameter.requires_grad)
        register(module, name, parameter)

    nn.Module.register_parameter = register_empty  # type: ignore[assignment]
    try:
        yield
    finally:
        nn.Module.register_parameter = register  # type: ignore[method-assign]


def build_without_memory(path: str) -> nn.Module:
    """Model of a config whose parameters hold nothing.

    A part that computes with its parameters while it is built makes the whole model
    an ordinary one.
    """
    try:
        with parameters_without_values():
            return build_model(path, init_weights=False)
    except (NotImplementedError, RuntimeError) as error:
        if 'meta' not in str(error):
            raise
        reason = ' '.join(str(error).split())
        print_log(f'{path} is built in memory: {reason}', logger='current')
        return build_model(path, init_weights=False)


def parameters_by_part(model: nn.Module) -> dict[str, int]:
    """Parameters of each part, counted once where parts share them.

    Returns:
        Parts of a detector by their path: ``safety_pass``, ``safety_heads``, each
        child of ``context_stage`` but its heads, each child of its ``context_pass``,
        and ``context_heads``; of another model, its children. Parts without
        parameters are left out.
    """
    seen: set[int] = set()
    counts: dict[str, int] = {}
    for name, part in _parts(model):
        own = {id(p): p.numel() for p in part.parameters() if id(p) not in seen}
        seen |= own.keys()
        counts[name] = counts.get(name, 0) + sum(own.values())
    own = {id(p): p.numel() for p in model.parameters() if id(p) not in seen}
    counts['other'] = sum(own.values())
    return {name: count for name, count in counts.items() if count}


def parameters_by_head(model: nn.Module) -> dict[str, int]:
    """Parameters of each context head by task; empty without a context stage."""
    stage = getattr(model, 'context_stage', None)
    if stage is None:
        return {}
    return {h.task: sum(p.numel() for p in h.parameters()) for h in stage.heads}


def _parts(model: nn.Module):
    for name, child in model.named_children():
        if name != 'context_stage':
            yield name, child
            continue
        for own_name, part in child.named_children():
            if own_name == 'context_pass':
                for piece_name, piece in part.named_children():
                    yield f'context_pass.{piece_name}', piece
            elif own_name != 'heads':
                yield own_name, part
        yield 'context_heads', child.heads
