"""Reading a config and the options given on the command line, typos refused."""

import difflib
import inspect
import os.path as osp
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config, ConfigDict
from mmengine.registry import DefaultScope, Registry
from mmengine.runner import Runner

from maxsight_mm import registry

_REGISTRIES = [x for x in vars(registry).values() if isinstance(x, Registry)]


class ConfigError(ValueError):
    """A config or an option is wrong; the message is one line."""


def load_config(path: str, options: Mapping[str, Any] | None = None) -> Config:
    """Read a config file and merge options into it.

    Args:
        path: Config file. Python configs are code: read only those you trust.
        options: Dotted keys with values, as ``--cfg-options`` gives them.

    Returns:
        The config, with ``work_dir`` set to ``work_dirs/<name of the file>`` if
        it names none.

    Raises:
        ConfigError: If the file is missing or broken, or an option names a key
            that neither the config nor the class it belongs to knows.
    """
    if not Path(path).is_file():
        raise ConfigError(f'config {path} does not exist{_nearest_file(path)}')
    try:
        config = Config.fromfile(path)
    except Exception as error:
        reason = ' '.join(str(error).split())
        raise ConfigError(f'config {path} cannot be read: {reason}') from error
    merge_options(config, options or {})
    if config.get('work_dir') is None:
        config.work_dir = osp.join('work_dirs', osp.splitext(osp.basename(path))[0])
    return config


def merge_options(config: Config, options: Mapping[str, Any]) -> None:
    """Merge options into a config, as ``--cfg-options`` does.

    Raises:
        ConfigError: As :func:`load_config`.
    """
    with DefaultScope.overwrite_default_scope(config.get('default_scope')):
        for key in options:
            _check_known(config, key)
    config.merge_from_dict(dict(options))


def replace_values(config: Config, values: Mapping[str, Any]) -> None:
    """Put values into the places of dotted keys; a dict there is not merged."""
    for key, value in values.items():
        *path, last = key.split('.')
        node: Any = config._cfg_dict
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value


def check_schedule(config: Config) -> None:
    """Refuse a training that ends before one of its schedules by epoch begins.

    Raises:
        ConfigError: If it does, with the options that mend it.
    """
    loop = config.get('train_cfg') or {}
    epochs = loop.get('max_epochs')
    schedulers = config.get('param_scheduler') or []
    if epochs is None or isinstance(schedulers, Mapping):
        return
    for index, scheduler in enumerate(schedulers):
        begin = scheduler.get('begin', 0)
        if scheduler.get('by_epoch', True) and begin >= epochs:
            raise ConfigError(
                f'train_cfg.max_epochs={epochs}: param_scheduler.{index} begins at '
                f'epoch {begin}; train longer, or shorten what comes before, such as '
                f'param_scheduler.0.end=1 param_scheduler.{index}.begin=1'
            )


def _check_known(config: Config, key: str) -> None:
    if key in config and key not in _accepted(config._cfg_dict, top=True):
        raise ConfigError(
            f'option {key}: a variable of the config file, used when it was read; '
            f'set the places that have its value: {_places_of(config, key)}'
        )
    node: Any = config._cfg_dict
    walked: list[str] = []
    for part in key.split('.'):
        if isinstance(node, list | tuple):
            if not (part.lstrip('-').isdigit() and int(part) < len(node)):
                raise ConfigError(
                    f'option {key}: {".".join(walked)} is a list of {len(node)}, '
                    f'it has no item {part!r}'
                )
            node = node[int(part)]
        elif isinstance(node, Mapping):
            if part not in node:
                known = set(node) | _accepted(node, top=not walked)
                if part in known or 'type' in node and not _accepted(node):
                    return
                near = difflib.get_close_matches(part, known, n=1, cutoff=0.4)
                hint = f'; did you mean {".".join([*walked, near[0]])}?' if near else ''
                raise ConfigError(f'option {key}: no such key in the config{hint}')
            node = node[part]
        else:
            return
        walked.append(part)


def _places_of(config: Config, variable: str) -> str:
    """Dotted keys with the value of a variable, as many as a line can bear."""
    value, found = config[variable], []

    def walk(node: Any, path: str) -> None:
        if path and path != variable and node == value:
            found.append(path)
        elif isinstance(node, Mapping):
            for key in node:
                walk(node[key], f'{path}.{key}' if path else str(key))

    walk(config._cfg_dict, '')
    dotted = [path for path in found if '.' in path]
    return ', '.join(dotted[:4]) or 'none was found, edit the file'


def _accepted(node: ConfigDict, top: bool = False) -> set[str]:
    """Argument names that the object a config node describes would take."""
    if top:
        return set(inspect.signature(Runner.__init__).parameters) - {'self'}
    kind = node.get('type')
    if not isinstance(kind, str):
        return set()
    for place in _REGISTRIES:
        built = place.get(kind)
        if inspect.isclass(built):
            names: set[str] = set()
            for cls in inspect.getmro(built):
                names |= set(
                    inspect.signature(vars(cls).get('__init__', cls)).parameters
                )
            return names - {'self', 'args', 'kwargs'}
    return set()


def _nearest_file(path: str) -> str:
    folder = Path(path).parent
    names = [p.name for p in folder.glob('*.py')] if folder.is_dir() else []
    near = difflib.get_close_matches(Path(path).name, names, n=1)
    return f'; did you mean {folder / near[0]}?' if near else ''
