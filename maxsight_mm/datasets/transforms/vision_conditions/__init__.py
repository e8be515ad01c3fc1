"""What the world looks like with an eye condition, made of a few symptoms."""

from .condition_table import CONDITION_TABLE, simulate
from .simulate_condition import SimulateCondition

__all__ = ['CONDITION_TABLE', 'SimulateCondition', 'simulate']
