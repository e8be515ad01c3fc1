"""Figures that tell how a semi-supervised training goes; the hooks are thin shells."""

from .class_progress import (
    class_average_precision,
    efficiency,
    labelled_shares,
    overall_average_precision,
)
from .guard_rules import STOPPING_RULES, GuardLimits, judge
from .loss_windows import LossWindow, loss_windows, mean_and_variation
from .positive_anchors import assigns_anchors, positive_anchors
from .run_records import KINDS, RunRecords, read_run_records
from .score_summary import (
    ScoreSummary,
    kept_and_true,
    kept_ratio,
    score_summary,
    silent_intervals,
)

__all__ = [
    'KINDS',
    'STOPPING_RULES',
    'GuardLimits',
    'LossWindow',
    'RunRecords',
    'ScoreSummary',
    'assigns_anchors',
    'class_average_precision',
    'efficiency',
    'judge',
    'kept_and_true',
    'kept_ratio',
    'labelled_shares',
    'loss_windows',
    'mean_and_variation',
    'overall_average_precision',
    'positive_anchors',
    'read_run_records',
    'score_summary',
    'silent_intervals',
]
