"""Alpha in a softmax focal loss, where it is not what it is in a sigmoid one."""

from collections.abc import Mapping
from typing import Any

from .case import Case
from .finding import Finding
from .score_heads import score_heads


def check_softmax_alpha(case: Case) -> list[Finding]:
    """Notes an alpha that is written down for a softmax and is a mere factor there."""
    if case.detector is None:
        return []
    findings = []
    for head in score_heads(case.detector):
        alpha = _written(case.config, head.place).get('alpha')
        if not head.is_focal or head.train_sigmoid or alpha in (None, 1):
            continue
        findings.append(
            Finding(
                'note',
                'softmax_alpha',
                f'{head.place}.alpha={alpha}',
                'with a softmax alpha is a factor on every example, the same for '
                'objects and background',
                'alpha=1.0 and loss_weight, or class_weight with the background last',
            )
        )
    return findings


def _written(config: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    node: Any = config
    for part in place.replace('[', '.').replace(']', '').split('.'):
        node = node[int(part)] if part.isdigit() else node[part]
    return node
