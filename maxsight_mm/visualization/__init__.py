"""Pictures of what is labelled and of what is found."""

from .contact_sheet import contact_sheet
from .draw_safety import draw_safety

__all__ = ['contact_sheet', 'draw_safety']
