from .rapid_ocr import RapidOcrReader, ReadText
from .sighting import Sighting, sightings_of
from .template_describer import TemplateDescriber

__all__ = [
    'RapidOcrReader',
    'ReadText',
    'Sighting',
    'TemplateDescriber',
    'sightings_of',
]
