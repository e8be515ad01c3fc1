"""Which object to look at first."""

from maxsight_mm.registry import MODELS

from .instance_share_head import InstanceShareHead


@MODELS.register_module()
class RoiPriorityHead(InstanceShareHead):
    """Priority of each object, by its urgency, distance and time to contact."""

    task = 'roi_priority'
    targets = ('roi_priorities',)
