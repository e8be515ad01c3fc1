"""The model of a config, filled with weights that fit it exactly."""

from pathlib import Path
from typing import TypeVar

import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import nn

from maxsight_mm.engine.checkpoint import check_fits, read_checkpoint
from maxsight_mm.registry import MODELS

Model = TypeVar('Model', bound=nn.Module)


def load_model(
    kind: type[Model], config: Config, checkpoint: str | Path, device: str = 'cpu'
) -> Model:
    """Build the model of a config and fill it.

    Args:
        kind: What the model has to be.
        config: The config.
        checkpoint: Weights that fit it exactly.
        device: Where the model goes.

    Returns:
        The model in evaluation mode.

    Raises:
        CheckpointError: If the checkpoint cannot be read or is another model's.
        ValueError: If the config's model is no ``kind``, or the device is not there.
    """
    weights = read_checkpoint(checkpoint)['state_dict']
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        model = MODELS.build(config.model)
    if not isinstance(model, kind):
        name = kind.__name__
        article = 'an' if name[0] in 'AEIO' else 'a'
        raise ValueError(
            f'the model must be {article} {name}, not a {type(model).__name__}'
        )
    check_fits(weights, model, checkpoint)
    model.load_state_dict(
        {name.removeprefix('module.'): value for name, value in weights.items()}
    )
    try:
        model.to(torch.device(device))
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f'device {device!r} cannot be used: {reason}') from None
    return model.eval()
