from .level_tower import LevelTower
from .safety_pass import SafetyPass

__all__ = ['LevelTower', 'SafetyPass']
