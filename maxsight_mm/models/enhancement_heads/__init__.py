from .concept_head import ConceptHead
from .condition_head import ConditionHead
from .haptic_head import HapticHead
from .personalisation_head import PersonalisationHead
from .predictive_alert_head import PredictiveAlertHead
from .retrieval_head import RetrievalHead
from .scene_description_head import SceneDescriptionHead
from .semantic_relation_head import SemanticRelationHead
from .sound_direction_head import SoundDirectionHead
from .sound_event_head import SoundEventHead
from .temporal_global_head import TemporalGlobalHead
from .text_detection_head import TextDetectionHead
from .text_recognition_head import TextRecognitionHead
from .time_to_hazard_head import TimeToHazardHead

__all__ = [
    'ConceptHead',
    'ConditionHead',
    'HapticHead',
    'PersonalisationHead',
    'PredictiveAlertHead',
    'RetrievalHead',
    'SceneDescriptionHead',
    'SemanticRelationHead',
    'SoundDirectionHead',
    'SoundEventHead',
    'TemporalGlobalHead',
    'TextDetectionHead',
    'TextRecognitionHead',
    'TimeToHazardHead',
]
