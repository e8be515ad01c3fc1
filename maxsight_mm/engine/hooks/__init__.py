from .burn_in_mean_teacher_hook import BurnInMeanTeacherHook
from .checkpoint_guard_hook import CheckpointGuardHook
from .label_check_hook import LabelCheckHook
from .safety_visualization_hook import SafetyVisualizationHook, draw_sample
from .separate_clip_hook import SeparateClipHook

__all__ = [
    'BurnInMeanTeacherHook',
    'CheckpointGuardHook',
    'LabelCheckHook',
    'SafetyVisualizationHook',
    'SeparateClipHook',
    'draw_sample',
]
