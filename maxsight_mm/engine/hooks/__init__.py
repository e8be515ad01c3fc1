from .burn_in_mean_teacher_hook import BurnInMeanTeacherHook
from .checkpoint_guard_hook import CheckpointGuardHook
from .class_progress_hook import ClassProgressHook
from .label_check_hook import LabelCheckHook
from .positive_anchor_hook import PositiveAnchorHook
from .pseudo_label_monitor_hook import PseudoLabelMonitorHook
from .safety_visualization_hook import SafetyVisualizationHook, draw_sample
from .separate_clip_hook import SeparateClipHook
from .ssod_dashboard_hook import SsodDashboardHook
from .training_guard_hook import TrainingGuardHook

__all__ = [
    'BurnInMeanTeacherHook',
    'CheckpointGuardHook',
    'ClassProgressHook',
    'LabelCheckHook',
    'PositiveAnchorHook',
    'PseudoLabelMonitorHook',
    'SafetyVisualizationHook',
    'SeparateClipHook',
    'SsodDashboardHook',
    'TrainingGuardHook',
    'draw_sample',
]
