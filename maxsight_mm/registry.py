"""Child registries of MMDetection's, under the scope ``maxsight_mm``.

With ``default_scope = 'maxsight_mm'`` both our names and MMDetection's build
without a prefix: a name that is not found here is looked up in the parent. From
a plain MMDetection config ``type='maxsight_mm.X'`` builds ours.
"""

from mmdet import registry as mmdet_registry
from mmengine.registry import Registry


def _child(name: str, parent: Registry, *locations: str) -> Registry:
    return Registry(
        name, parent=parent, scope='maxsight_mm', locations=list(locations)
    )


MODELS = _child('model', mmdet_registry.MODELS, 'maxsight_mm.models')
TASK_UTILS = _child('task util', mmdet_registry.TASK_UTILS, 'maxsight_mm.models')
DATASETS = _child('dataset', mmdet_registry.DATASETS, 'maxsight_mm.datasets')
TRANSFORMS = _child(
    'transform', mmdet_registry.TRANSFORMS, 'maxsight_mm.datasets.transforms'
)
METRICS = _child('metric', mmdet_registry.METRICS, 'maxsight_mm.evaluation')
HOOKS = _child('hook', mmdet_registry.HOOKS, 'maxsight_mm.engine.hooks')
