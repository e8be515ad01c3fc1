"""Child registries of MMDetection's, under the scope ``maxsight_mm``.

With ``default_scope = 'maxsight_mm'`` both our names and MMDetection's build
without a prefix: a name that is not found here is looked up in the parent. From
a plain MMDetection config ``type='maxsight_mm.X'`` builds ours.
"""

from mmdet import registry as mmdet_registry
from mmengine.registry import Registry

from .quiet import drop_onedl_notice

# Before the registries import MMDetection's data sets.
drop_onedl_notice()


def _child(name: str, parent: Registry, *locations: str) -> Registry:
    return Registry(name, parent=parent, scope='maxsight_mm', locations=list(locations))


MODELS = _child('model', mmdet_registry.MODELS, 'maxsight_mm.models')
TASK_UTILS = _child('task util', mmdet_registry.TASK_UTILS, 'maxsight_mm.models')
DATASETS = _child('dataset', mmdet_registry.DATASETS, 'maxsight_mm.datasets')
TRANSFORMS = _child(
    'transform', mmdet_registry.TRANSFORMS, 'maxsight_mm.datasets.transforms'
)
DATA_SAMPLERS = _child(
    'data sampler', mmdet_registry.DATA_SAMPLERS, 'maxsight_mm.datasets.samplers'
)
METRICS = _child('metric', mmdet_registry.METRICS, 'maxsight_mm.evaluation')
HOOKS = _child('hook', mmdet_registry.HOOKS, 'maxsight_mm.engine.hooks')
OPTIM_WRAPPERS = _child(
    'optim_wrapper', mmdet_registry.OPTIM_WRAPPERS, 'maxsight_mm.engine.balancing'
)

# Nothing of ours is registered in these; they are the way from our scope to the
# parent's entries, without which mmengine warns at each of them.
RUNNERS = _child('runner', mmdet_registry.RUNNERS)
RUNNER_CONSTRUCTORS = _child('runner constructor', mmdet_registry.RUNNER_CONSTRUCTORS)
LOOPS = _child('loop', mmdet_registry.LOOPS)
MODEL_WRAPPERS = _child('model_wrapper', mmdet_registry.MODEL_WRAPPERS)
WEIGHT_INITIALIZERS = _child('weight initializer', mmdet_registry.WEIGHT_INITIALIZERS)
OPTIMIZERS = _child('optimizer', mmdet_registry.OPTIMIZERS)
OPTIM_WRAPPER_CONSTRUCTORS = _child(
    'optimizer constructor', mmdet_registry.OPTIM_WRAPPER_CONSTRUCTORS
)
PARAM_SCHEDULERS = _child('parameter scheduler', mmdet_registry.PARAM_SCHEDULERS)
EVALUATOR = _child('evaluator', mmdet_registry.EVALUATOR)
VISUALIZERS = _child('visualizer', mmdet_registry.VISUALIZERS)
VISBACKENDS = _child('vis_backend', mmdet_registry.VISBACKENDS)
LOG_PROCESSORS = _child('log_processor', mmdet_registry.LOG_PROCESSORS)
