from .base_head import BaseHead, Criticality
from .context_global_head import ContextGlobalHead
from .dense_head import DenseHead
from .global_head import GlobalHead
from .head_set import HeadSet, NonFiniteLossError
from .instance_head import InstanceHead
from .map_head import MapHead
from .sequence_head import SequenceHead

__all__ = [
    'BaseHead',
    'ContextGlobalHead',
    'Criticality',
    'DenseHead',
    'GlobalHead',
    'HeadSet',
    'InstanceHead',
    'MapHead',
    'NonFiniteLossError',
    'SequenceHead',
]
