from .rapid_ocr import RapidOcrReader, ReadText
from .template_describer import Sighting, TemplateDescriber

__all__ = ['RapidOcrReader', 'ReadText', 'Sighting', 'TemplateDescriber']
