from .checkpoint_guard_hook import CheckpointGuardHook
from .safety_visualization_hook import SafetyVisualizationHook, draw_sample

__all__ = ['CheckpointGuardHook', 'SafetyVisualizationHook', 'draw_sample']
