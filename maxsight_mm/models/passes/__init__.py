from .context_pass import ContextPass
from .context_stage import ContextStage
from .level_tower import LevelTower
from .safety_pass import SafetyPass

__all__ = [
    'ContextPass',
    'ContextStage',
    'LevelTower',
    'SafetyPass',
]
