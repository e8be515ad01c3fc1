from .graph_encoder import GraphEncoder
from .instance_pooler import InstancePooler
from .spatial_relations import SPATIAL_RELATIONS, Triple, as_triples, spatial_relations

__all__ = [
    'SPATIAL_RELATIONS',
    'GraphEncoder',
    'InstancePooler',
    'Triple',
    'as_triples',
    'spatial_relations',
]
