"""What ``codebase_config.module`` of the deploy configs names.

mmdeploy imports it before it builds anything; the imports register our rewriters and
our task processor. Needs the ``export`` extra.
"""

from maxsight_mm.deploy import object_detection_task
from maxsight_mm.deploy.rewriters import (
    bbox_head,
    dense_head,
    maxsight_detector,
    rpn_head,
)

__all__ = [
    'bbox_head',
    'dense_head',
    'maxsight_detector',
    'object_detection_task',
    'rpn_head',
]
