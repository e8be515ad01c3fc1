"""How easily an object is found by sight."""

from maxsight_mm.registry import MODELS

from .instance_share_head import InstanceShareHead


@MODELS.register_module()
class FindabilityHead(InstanceShareHead):
    """Findability of each object, by its size, contrast and visible share."""

    task = 'findability'
    targets = ('findabilities',)
