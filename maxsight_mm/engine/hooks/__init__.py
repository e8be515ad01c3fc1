from .adaptive_task_weight_hook import AdaptiveTaskWeightHook
from .burn_in_mean_teacher_hook import BurnInMeanTeacherHook
from .checkpoint_guard_hook import CheckpointGuardHook
from .class_gradient_hook import ClassGradientHook
from .class_progress_hook import ClassProgressHook
from .class_weight_hook import ClassWeightHook
from .label_check_hook import LabelCheckHook
from .positive_anchor_hook import PositiveAnchorHook
from .prediction_file_hook import PredictionFileHook
from .pseudo_label_monitor_hook import PseudoLabelMonitorHook
from .safety_visualization_hook import SafetyVisualizationHook, draw_sample
from .separate_clip_hook import SeparateClipHook
from .ssod_dashboard_hook import SsodDashboardHook
from .task_check_hook import TaskCheckHook
from .training_guard_hook import TrainingGuardHook

__all__ = [
    'AdaptiveTaskWeightHook',
    'BurnInMeanTeacherHook',
    'CheckpointGuardHook',
    'ClassGradientHook',
    'ClassProgressHook',
    'ClassWeightHook',
    'LabelCheckHook',
    'PositiveAnchorHook',
    'PredictionFileHook',
    'PseudoLabelMonitorHook',
    'SafetyVisualizationHook',
    'SeparateClipHook',
    'SsodDashboardHook',
    'TaskCheckHook',
    'TrainingGuardHook',
    'draw_sample',
]
