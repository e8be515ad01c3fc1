from .base_head import BaseHead, Criticality
from .dense_head import DenseHead
from .global_head import GlobalHead
from .head_set import HeadSet, NonFiniteLossError

__all__ = [
    'BaseHead',
    'Criticality',
    'DenseHead',
    'GlobalHead',
    'HeadSet',
    'NonFiniteLossError',
]
