from .checkpoint_guard_hook import CheckpointGuardHook
from .label_check_hook import LabelCheckHook
from .safety_visualization_hook import SafetyVisualizationHook, draw_sample

__all__ = [
    'CheckpointGuardHook',
    'LabelCheckHook',
    'SafetyVisualizationHook',
    'draw_sample',
]
