"""Print a config as it is after its bases are merged, or what differs from another.

python tools/analysis_tools/print_config.py configs/tier_t1.py --diff configs/tier_t0.py
"""

import argparse
from collections.abc import Mapping
from typing import Any

from mmengine.config import DictAction

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.engine.one_line_errors import one_line_errors

_ABSENT = object()


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config')
    parser.add_argument('--diff', metavar='BASE', help='print only what differs')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='override settings: key.subkey=value',
    )
    return parser.parse_args(argv)


def differences(base: Any, config: Any, path: str = '') -> list[str]:
    """Lines of what one config has and the other has not, by dotted key.

    ``+`` is new, ``-`` is gone, ``~`` has another value.
    """
    if isinstance(base, Mapping) and isinstance(config, Mapping):
        keys = list(dict.fromkeys([*config, *base]))
        return [
            line
            for key in keys
            for line in differences(
                base.get(key, _ABSENT),
                config.get(key, _ABSENT),
                f'{path}.{key}' if path else str(key),
            )
        ]
    if base is _ABSENT:
        return [f'+ {path} = {_plain(config)!r}']
    if config is _ABSENT:
        return [f'- {path} = {_plain(base)!r}']
    if base != config:
        return [f'~ {path} = {_plain(base)!r} -> {_plain(config)!r}']
    return []


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value)
    return value


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    with one_line_errors('print_config'):
        config = load_config(args.config, args.cfg_options)
        base = load_config(args.diff) if args.diff else None
    if base is None:
        print(config.pretty_text)
        return
    lines = differences(base.to_dict(), config.to_dict())
    print('\n'.join(lines) if lines else f'{args.config} and {args.diff} are equal')


if __name__ == '__main__':
    main()
