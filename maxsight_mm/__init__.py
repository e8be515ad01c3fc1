"""Safety perception for MMDetection: what, where, how far, how urgent, how sure."""

__version__ = '0.1.0'
