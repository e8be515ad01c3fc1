"""Machined parts with surface defects, each seen under several lights."""

from .defect_world import DefectView, DefectWorld

__all__ = ['DefectView', 'DefectWorld']
