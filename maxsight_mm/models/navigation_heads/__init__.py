from .contrast_sensitivity_head import ContrastSensitivityHead
from .depth_head import DepthHead
from .findability_head import FindabilityHead
from .free_path_head import FreePathHead
from .glare_head import GlareHead
from .head_obstacle_head import HeadObstacleHead
from .lighting_head import LightingHead
from .motion_head import MotionHead
from .navigation_difficulty_head import NavigationDifficultyHead
from .roi_priority_head import RoiPriorityHead
from .therapy_state_head import TherapyStateHead

__all__ = [
    'ContrastSensitivityHead',
    'DepthHead',
    'FindabilityHead',
    'FreePathHead',
    'GlareHead',
    'HeadObstacleHead',
    'LightingHead',
    'MotionHead',
    'NavigationDifficultyHead',
    'RoiPriorityHead',
    'TherapyStateHead',
]
