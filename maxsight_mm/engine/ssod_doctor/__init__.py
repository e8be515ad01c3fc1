"""Checks of a semi-supervised config before its training, one file each."""

from collections.abc import Mapping
from typing import Any

from .activation import check_activation
from .case import Case, read_case
from .finding import Finding
from .flat_confidence import check_flat_confidence
from .idle_thresholds import check_idle_thresholds
from .low_coverage import check_low_coverage
from .ratio_convention import check_ratio_convention
from .reachable_thresholds import check_reachable_thresholds
from .softmax_alpha import check_softmax_alpha
from .teacher_update import check_teacher_update
from .unlabelled_batch import check_unlabelled_batch

CHECKS = (
    check_unlabelled_batch,
    check_teacher_update,
    check_activation,
    check_softmax_alpha,
    check_flat_confidence,
    check_reachable_thresholds,
    check_idle_thresholds,
    check_ratio_convention,
    check_low_coverage,
)
SEVERITIES = ('error', 'warning', 'note')


def examine(config: Mapping[str, Any]) -> list[Finding]:
    """Everything the checks find in a config, errors first.

    Raises:
        ValueError: If the config is not semi-supervised, or has no training data.
    """
    case = read_case(config)
    findings = [finding for check in CHECKS for finding in check(case)]
    return sorted(findings, key=lambda found: SEVERITIES.index(found.severity))


__all__ = ['CHECKS', 'Case', 'Finding', 'examine', 'read_case']
