from .fixed_score_thresholds import FixedScoreThresholds
from .pseudo_label_governor import PseudoLabelGovernor
from .pseudo_labels import PseudoLabels

__all__ = ['FixedScoreThresholds', 'PseudoLabelGovernor', 'PseudoLabels']
