"""Which evaluator judges which task: a new head needs one line."""

from .class_evaluators import ClassEvaluator, YesNoEvaluator
from .map_evaluators import DepthEvaluator, FlowEvaluator, ShareMapEvaluator
from .number_evaluators import (
    CombinedEvaluator,
    DirectionEvaluator,
    NumberEvaluator,
    SeverityEvaluator,
)
from .scene_evaluators import RelationEvaluator, RetrievalEvaluator
from .task_evaluator import TaskEvaluator
from .text_evaluators import (
    CaptionEvaluator,
    TextDetectionEvaluator,
    TextRecognitionEvaluator,
)


def _therapy(label: str, answer: str) -> NumberEvaluator:
    return NumberEvaluator(
        label, f'therapy_state_{answer}', rank=False, name=f'{answer}_'
    )


# task -> evaluator of the named label and answer
TASK_EVALUATORS: dict[str, TaskEvaluator] = {
    'depth': DepthEvaluator('depth', 'depth_metres'),
    # Cells of 8 px, as the label is derived.
    'contrast_sensitivity': ShareMapEvaluator(
        'contrast_map', 'contrast_sensitivity_map', cell_px=8
    ),
    'glare': NumberEvaluator('glare', 'glare_scores'),
    'lighting': ClassEvaluator('lighting_label', 'lighting_labels'),
    'roi_priority': NumberEvaluator(
        'roi_priorities', 'roi_priority_scores', per_object=True
    ),
    'navigation_difficulty': NumberEvaluator(
        'navigation_difficulty', 'navigation_difficulty_scores'
    ),
    'findability': NumberEvaluator(
        'findabilities', 'findability_scores', per_object=True
    ),
    'free_path': YesNoEvaluator('free_path', 'free_path_scores', 'free_path_labels'),
    'head_obstacle': YesNoEvaluator(
        'head_obstacle', 'head_obstacle_scores', 'head_obstacle_labels'
    ),
    'therapy_state': CombinedEvaluator(
        _therapy('fatigue', 'fatigue'),
        _therapy('focus_depth_m', 'focus_depth_m'),
        _therapy('scene_contrast', 'contrast'),
    ),
    'motion': FlowEvaluator('flow', 'motion_flow'),
    'text_detection': TextDetectionEvaluator('texts', 'text_detection_quads'),
    'text_recognition': TextRecognitionEvaluator('texts', 'text_recognition_texts'),
    'scene_description': CaptionEvaluator('caption', 'scene_description_captions'),
    'semantic_relation': RelationEvaluator(
        'relation_labels', 'semantic_relation_labels'
    ),
    'concept': YesNoEvaluator('concepts', 'concept_scores'),
    'retrieval': RetrievalEvaluator('scene_descriptor', 'retrieval_embedding'),
    'condition': SeverityEvaluator('condition_severity', 'condition_scores'),
    'personalisation': YesNoEvaluator(
        'alerts', 'personalisation_scores', 'personalisation_labels', per_object=True
    ),
    'sound_event': YesNoEvaluator('sound_events', 'sound_event_scores'),
    'sound_direction': DirectionEvaluator(
        'sound_azimuth_deg', 'sound_direction_azimuth_deg'
    ),
    'haptic': ClassEvaluator('haptic_pattern', 'haptic_labels'),
    'predictive_alert': YesNoEvaluator('hazard_within', 'predictive_alert_scores'),
    'time_to_hazard': NumberEvaluator('time_to_hazard_s', 'time_to_hazard_seconds'),
}
