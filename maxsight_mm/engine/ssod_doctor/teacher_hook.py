"""The hook that makes a teacher out of the student."""

import inspect
from collections.abc import Mapping
from typing import Any

from mmengine.registry import DefaultScope

from maxsight_mm.registry import HOOKS


def teacher_hook(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Settings of the config's mean teacher hook, with the defaults of its class."""
    listed = [*(config.get('custom_hooks') or ())]
    listed += (config.get('default_hooks') or {}).values()
    for hook in listed:
        name = hook.get('type') if isinstance(hook, Mapping) else None
        if name is None:
            continue
        name = name if isinstance(name, str) else name.__name__
        if name.endswith('MeanTeacherHook'):
            return {**_defaults(hook['type'], config), **hook}
    return None


def _defaults(kind: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    with DefaultScope.overwrite_default_scope(config.get('default_scope') or 'mmdet'):
        cls = HOOKS.get(kind) if isinstance(kind, str) else kind
    if cls is None:
        return {}
    parameters = inspect.signature(cls.__init__).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}
