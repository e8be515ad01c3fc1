"""Pure metric formulas on numpy arrays; no registry, no state, no files."""

from .calibration import CalibrationBins, calibration_bins, expected_calibration_error
from .classification import (
    ClassScores,
    accuracy,
    balanced_accuracy,
    class_scores,
    confusion_matrix,
    macro_mean,
    majority_accuracy,
)
from .coco_ap import coco_average_precision
from .decisions import (
    Costs,
    Outcome,
    ThresholdSweep,
    break_even_threshold,
    cost_optimal_threshold,
    decision_outcome,
    threshold_sweep,
    unsafe_scores,
)
from .dense import (
    ConstantCost,
    depth_sums,
    endpoint_sums,
    resize_bilinear,
)
from .detection import (
    OperatingPoint,
    PrecisionRecallCurve,
    best_f1_point,
    operating_point,
    precision_recall_curve,
    sampled_precision,
)
from .flow import constant_flow_error, flow_cells
from .matching import match_boxes, match_classwise, pairwise_iof, pairwise_iou
from .neighbours import neighbour_similarity
from .quads import f1_score, inside_share, match_quads, quad_iou
from .ranking import average_precision, prevalence
from .regression import (
    angular_distance_deg,
    angular_error_deg,
    constant_angular_error_deg,
    mean_absolute_error,
    median_absolute_error,
)
from .relations import predicate_scores
from .safety import (
    FalseReassurance,
    clopper_pearson_interval,
    clopper_pearson_upper,
    false_reassurance,
)
from .temperature import activate, fit_temperature, negative_log_likelihood
from .text import (
    bleu4,
    character_error_rate,
    edit_distance,
    token_f1,
    word_accuracy,
)
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
    'ClassScores',
    'ConstantCost',
    'Costs',
    'FalseReassurance',
    'OperatingPoint',
    'Outcome',
    'PrecisionRecallCurve',
    'ThresholdSweep',
    'accuracy',
    'activate',
    'angular_distance_deg',
    'angular_error_deg',
    'auroc',
    'average_precision',
    'balanced_accuracy',
    'best_f1_point',
    'bleu4',
    'break_even_threshold',
    'calibration_bins',
    'character_error_rate',
    'class_scores',
    'clopper_pearson_interval',
    'clopper_pearson_upper',
    'coco_average_precision',
    'confusion_matrix',
    'constant_angular_error_deg',
    'constant_flow_error',
    'cost_optimal_threshold',
    'decision_outcome',
    'depth_sums',
    'edit_distance',
    'endpoint_sums',
    'excess_risk_coverage_area',
    'expected_calibration_error',
    'f1_score',
    'false_reassurance',
    'fit_temperature',
    'flow_cells',
    'image_error',
    'inside_share',
    'macro_mean',
    'majority_accuracy',
    'match_boxes',
    'match_classwise',
    'match_quads',
    'mean_absolute_error',
    'median_absolute_error',
    'negative_log_likelihood',
    'neighbour_similarity',
    'operating_point',
    'pairwise_iof',
    'pairwise_iou',
    'precision_recall_curve',
    'predicate_scores',
    'prevalence',
    'quad_iou',
    'resize_bilinear',
    'risk_coverage_area',
    'sampled_precision',
    'spearman_correlation',
    'threshold_sweep',
    'token_f1',
    'unsafe_scores',
    'word_accuracy',
    'wrong_objects',
]
