from .image_preparation import ImagePreparation, PreparedImage, preparation_of_config
from .load_detector import classes_of, load_detector
from .network_answer import NetworkAnswer, check_finite
from .rapid_ocr import RapidOcrReader, ReadText
from .safety_answer import SafetyAnswer
from .safety_inferencer import SafetyInferencer
from .safety_runner import Picture, SafetyRunner
from .sighting import Sighting, sightings_of
from .template_describer import TemplateDescriber

__all__ = [
    'ImagePreparation',
    'NetworkAnswer',
    'Picture',
    'PreparedImage',
    'RapidOcrReader',
    'ReadText',
    'SafetyAnswer',
    'SafetyInferencer',
    'SafetyRunner',
    'Sighting',
    'TemplateDescriber',
    'check_finite',
    'classes_of',
    'load_detector',
    'preparation_of_config',
    'sightings_of',
]
