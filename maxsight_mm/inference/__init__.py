from .decision_log import DecisionLog, read_decision_log
from .decision_rule import Decision, DecisionRule, read_decision_rule
from .image_preparation import ImagePreparation, PreparedImage, preparation_of_config
from .load_detector import classes_of, load_detector
from .network_answer import NetworkAnswer, check_finite
from .rapid_ocr import RapidOcrReader, ReadText
from .review_budget import RollingReviewBudget, review_band
from .review_router import ReviewRouter
from .safety_answer import SafetyAnswer
from .safety_inferencer import SafetyInferencer
from .safety_runner import Picture, SafetyRunner
from .score_drift import ScoreDriftMonitor
from .sighting import Sighting, sightings_of
from .task_inferencer import TaskAnswer, TaskInferencer
from .template_describer import TemplateDescriber

__all__ = [
    'Decision',
    'DecisionLog',
    'DecisionRule',
    'ImagePreparation',
    'NetworkAnswer',
    'Picture',
    'PreparedImage',
    'RapidOcrReader',
    'ReadText',
    'ReviewRouter',
    'RollingReviewBudget',
    'SafetyAnswer',
    'SafetyInferencer',
    'SafetyRunner',
    'ScoreDriftMonitor',
    'Sighting',
    'TaskAnswer',
    'TaskInferencer',
    'TemplateDescriber',
    'check_finite',
    'classes_of',
    'load_detector',
    'preparation_of_config',
    'read_decision_log',
    'read_decision_rule',
    'review_band',
    'sightings_of',
]
