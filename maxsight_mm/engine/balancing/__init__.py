"""What several losses that share a model weigh, decided while it trains."""

from .balanced_optim_wrapper import BalancedAmpOptimWrapper, BalancedOptimWrapper
from .metric_balancer import MetricBalancer
from .task_balancer import TASK_BALANCERS, TaskBalancer

__all__ = [
    'TASK_BALANCERS',
    'BalancedAmpOptimWrapper',
    'BalancedOptimWrapper',
    'MetricBalancer',
    'TaskBalancer',
]
