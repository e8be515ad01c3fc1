"""Pure metric formulas on numpy arrays; no registry, no state, no files."""

from .calibration import CalibrationBins, calibration_bins, expected_calibration_error
from .classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    majority_accuracy,
)
from .coco_ap import coco_average_precision
from .detection import (
    OperatingPoint,
    PrecisionRecallCurve,
    best_f1_point,
    operating_point,
    precision_recall_curve,
    sampled_precision,
)
from .matching import match_boxes, match_classwise, pairwise_iof, pairwise_iou
from .safety import FalseReassurance, clopper_pearson_upper, false_reassurance
from .uncertainty import (
    auroc,
    excess_risk_coverage_area,
    image_error,
    risk_coverage_area,
    spearman_correlation,
    wrong_objects,
)

__all__ = [
    'CalibrationBins',
    'FalseReassurance',
    'OperatingPoint',
    'PrecisionRecallCurve',
    'accuracy',
    'auroc',
    'balanced_accuracy',
    'best_f1_point',
    'calibration_bins',
    'clopper_pearson_upper',
    'coco_average_precision',
    'confusion_matrix',
    'excess_risk_coverage_area',
    'expected_calibration_error',
    'false_reassurance',
    'image_error',
    'majority_accuracy',
    'match_boxes',
    'match_classwise',
    'operating_point',
    'pairwise_iof',
    'pairwise_iou',
    'precision_recall_curve',
    'risk_coverage_area',
    'sampled_precision',
    'spearman_correlation',
    'wrong_objects',
]
