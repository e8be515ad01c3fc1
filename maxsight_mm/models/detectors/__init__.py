from .maxsight_detector import MaxSightDetector
from .multi_view_soft_teacher import MultiViewSoftTeacher

__all__ = ['MaxSightDetector', 'MultiViewSoftTeacher']
