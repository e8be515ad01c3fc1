"""The one door through which checkpoints enter.

A pickle can run code when it is read. mmengine tries the safe reader first and
then falls back to the unsafe one, allows ``getattr``, reads downloads unsafely and
executes a config string found in a checkpoint when it resumes. Here a file is read
by torch's weights-only unpickler with a short list of plain data types, or as
safetensors; a refused file is an error; and no config is ever taken out.

:func:`install` puts this reader in the place of mmengine's, so that training,
testing, resuming and ``init_cfg=dict(type='Pretrained')`` all pass through it.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any
from urllib.parse import urlparse

import numpy as np
import torch
from mmengine.dist import barrier
from mmengine.logging.history_buffer import HistoryBuffer
from mmengine.runner.checkpoint import CheckpointLoader, get_torchvision_models

_NUMPY: Any = (np._core if hasattr(np, '_core') else np.core).multiarray

_STATISTICS = ('mean', 'max', 'min', 'current')


def _statistic_of(owner: Any, name: str) -> Any:
    """The one use of ``getattr`` in our checkpoints, and nothing beyond it.

    A ``HistoryBuffer`` pickles its statistics as methods of its class. ``getattr``
    itself would hand a pickle the attributes of anything.
    """
    if owner is not HistoryBuffer or name not in _STATISTICS:
        raise UnpicklingError(f'GLOBAL builtins.getattr of {name}')
    return getattr(HistoryBuffer, name)


# Plain data that training checkpoints hold beside tensors: the logged scalars and
# class names. None of these runs code when rebuilt.
_PLAIN_TYPES: list[Any] = [
    HistoryBuffer,
    (_statistic_of, 'builtins.getattr'),
    np.ndarray,
    np.dtype,
    _NUMPY._reconstruct,
    _NUMPY.scalar,
    *(type(np.dtype(name)) for name in ('bool', 'int32', 'int64', 'uint8', 'uint32')),
    *(type(np.dtype(name)) for name in ('float32', 'float64')),
]
_CONFIG_KEYS = ('cfg', 'config')
_HASHED_NAME = re.compile(r'-([0-9a-f]{8,})\.')


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message is one line and names the file."""


def read_checkpoint(path: str | Path, map_location: Any = 'cpu') -> dict[str, Any]:
    """Read a local checkpoint without running any code it may hold.

    Args:
        path: ``.safetensors``, or a file written by ``torch.save``.
        map_location: Where tensors go, as for ``torch.load``.

    Returns:
        A dict with ``state_dict``; training checkpoints also hold ``meta``,
        ``message_hub`` and ``optimizer``. Config strings are removed.

    Raises:
        CheckpointError: If the file is missing, damaged, holds anything but
            tensors and plain data, or holds no weights.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise CheckpointError(f'checkpoint {path} does not exist')
    if path.suffix == '.safetensors':
        content = _read_safetensors(path, map_location)
    else:
        content = _read_torch(path, map_location)
    if not isinstance(content, Mapping):
        raise CheckpointError(
            f'checkpoint {path} holds a {type(content).__name__}, not a dict of weights'
        )
    checkpoint: dict[str, Any] = dict(content)
    if 'state_dict' not in checkpoint:
        checkpoint = {'state_dict': checkpoint}
    weights = checkpoint['state_dict']
    if not isinstance(weights, Mapping) or not all(
        isinstance(value, torch.Tensor) for value in weights.values()
    ):
        raise CheckpointError(f'checkpoint {path} holds no dict of weights')
    _drop_configs(checkpoint)
    return checkpoint


def download_checkpoint(url: str, map_location: Any = 'cpu') -> dict[str, Any]:
    """Fetch a checkpoint once into torch's cache and read it as a local file.

    The hash that torch puts into a file name (``resnet50-0676ba61.pth``) is
    verified when it is fetched.

    Raises:
        CheckpointError: If the file cannot be fetched, or as
            :func:`read_checkpoint`.
    """
    name = Path(urlparse(url).path).name
    target = Path(torch.hub.get_dir()) / 'checkpoints' / name
    # One download a machine, not one a training.
    first = int(os.environ.get('LOCAL_RANK', 0)) == 0
    if first and not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        found = _HASHED_NAME.search(name)
        try:
            # Written under another name and renamed when it is complete.
            torch.hub.download_url_to_file(
                url, str(target), found.group(1) if found else None
            )
        except (OSError, RuntimeError) as error:
            barrier()
            raise CheckpointError(
                f'cannot download {url} ({error}); fetch it where there is a network '
                'and pass the file: --cfg-options model.safety_pass.pretrained=FILE, '
                'or =None for random weights'
            ) from error
    barrier()
    return read_checkpoint(target, map_location)


def install() -> None:
    """Make this module mmengine's only reader of checkpoints in this process."""
    readers: dict[str, Callable] = {
        '': read_checkpoint,
        'http://': download_checkpoint,
        'https://': download_checkpoint,
        'torchvision://': _read_torchvision,
    }
    for prefix in set(CheckpointLoader._schemes) - set(readers):
        readers[prefix] = _refuse
    for prefix, reader in readers.items():
        CheckpointLoader.register_scheme(prefix, reader, force=True)


def check_fits(
    weights: Mapping[str, torch.Tensor], model: torch.nn.Module, path: str | Path
) -> None:
    """Refuse weights that were made for another model.

    Args:
        weights: State dict of the checkpoint.
        model: The model it is to be loaded into.
        path: Named in the message.

    Raises:
        CheckpointError: If a tensor is missing, unexpected or of another shape.
    """
    own = model.state_dict()
    weights = {name.removeprefix('module.'): w for name, w in weights.items()}
    missing = [name for name in own if name not in weights]
    unexpected = [name for name in weights if name not in own]
    reshaped = [
        f'{name} {tuple(weights[name].shape)} for {tuple(own[name].shape)}'
        for name in own
        if name in weights and weights[name].shape != own[name].shape
    ]
    parts = [
        f'{len(names)} {what} (first: {names[0]})'
        for what, names in (
            ('tensors missing', missing),
            ('unexpected', unexpected),
            ('of another shape', reshaped),
        )
        if names
    ]
    if parts:
        raise CheckpointError(
            f'checkpoint {path} was made for another model: {", ".join(parts)}; '
            'use the config it was trained with'
        )


def _read_torch(path: Path, map_location: Any) -> Any:
    try:
        with torch.serialization.safe_globals(_PLAIN_TYPES):
            return torch.load(path, map_location=map_location, weights_only=True)
    except UnpicklingError as error:
        reason = str(error).replace('\n', ' ')
        found = re.search(r'GLOBAL (\S+)', reason)
        what = f'it holds {found.group(1)}' if found else 'it is damaged'
        raise CheckpointError(
            f'checkpoint {path} is refused: {what}, not only weights'
        ) from error
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, EOFError, OSError, KeyError) as error:
        raise CheckpointError(f'checkpoint {path} is damaged or cut off') from error


def _read_safetensors(path: Path, map_location: Any) -> dict[str, torch.Tensor]:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError as error:
        raise CheckpointError(
            f'checkpoint {path} needs the safetensors package: pip install safetensors'
        ) from error
    device = map_location if isinstance(map_location, str) else 'cpu'
    try:
        return load_file(path, device=device)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f'checkpoint {path} is damaged or cut off') from error


def _drop_configs(checkpoint: dict[str, Any]) -> None:
    places = [checkpoint.get('meta')]
    hub = checkpoint.get('message_hub')
    if isinstance(hub, Mapping):
        places += [hub.get('runtime_info'), hub.get('resumed_keys')]
    for place in places:
        if isinstance(place, dict):
            for key in _CONFIG_KEYS:
                place.pop(key, None)


def _read_torchvision(name: str, map_location: Any = 'cpu') -> dict[str, Any]:
    models = get_torchvision_models()
    key = name.removeprefix('torchvision://')
    if key not in models:
        raise CheckpointError(f'torchvision has no weights named {key!r}')
    return download_checkpoint(models[key], map_location)


def _refuse(name: str, map_location: Any = 'cpu') -> dict[str, Any]:
    raise CheckpointError(
        f'checkpoint {name}: only local files, http(s):// and torchvision:// are read'
    )
