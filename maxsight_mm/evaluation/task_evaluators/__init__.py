"""One small evaluator for each kind of task, and the table of who judges what."""

from .evaluator_table import TASK_EVALUATORS
from .task_evaluator import Figure, Record, TaskEvaluator
from .task_view import TaskView

__all__ = ['TASK_EVALUATORS', 'Figure', 'Record', 'TaskEvaluator', 'TaskView']
