"""Two players in a moment of contact: three tasks a picture, one with 1000 : 1."""

from .incident_world import TASKS, draw_incident

__all__ = ['TASKS', 'draw_incident']
