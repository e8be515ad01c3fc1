"""Rewriters of ours come before mmdeploy's own for the same function.

mmdeploy takes the first rewriter whose checkers all pass, and one without checkers
only if there is no such one. Which comes first depends on what was imported first,
so a checker alone is not enough where mmdeploy has a rewriter for one backend.
"""

from collections.abc import Callable

from mmdeploy.core import FUNCTION_REWRITER
from mmdeploy.core.rewriters.rewriter_utils import Checker
from mmdeploy.utils import IR


class _OnnxExport(Checker):
    """Passes for every backend that reads ONNX."""

    def check(self, env: dict) -> bool:
        return env['ir'] in (IR.ONNX, IR.DEFAULT)


def register_rewriter(function: str) -> Callable:
    """Decorator: use the decorated in place of ``function`` in ONNX exports.

    Args:
        function: Dotted path of the function or method.
    """

    def decorate(rewriter: Callable) -> Callable:
        registry = FUNCTION_REWRITER._registry
        registry.register_object(function, 'default', IR.DEFAULT, _OnnxExport())(
            rewriter
        )
        records = registry._rewrite_records[function]
        records.insert(0, records.pop())
        return rewriter

    return decorate
