"""Loads boxes as MMDetection does, and the labels of all tasks beside them."""

from mmdet.datasets.transforms import LoadAnnotations

from ...registry import TRANSFORMS
from .object_labels import object_arrays


@TRANSFORMS.register_module()
class LoadTaskAnnotations(LoadAnnotations):
    """``LoadAnnotations`` plus the labels of ``MaxSightCocoDataset``.

    Adds ``gt_instance_tasks``, a dict of arrays (N,) in the order of the boxes
    (see ``object_labels.OBJECT_FIELDS``), and ``gt_tasks``, the dict of
    image-level labels with relations as box indices. What nobody labelled has no
    key; an image without objects in a file that calls a label complete has an empty
    array of it.

    Raises:
        ValueError: If masks are wanted (``with_mask=True``) and an instance has none.
    """

    def transform(self, results: dict) -> dict:
        """Reads ``instances`` and ``tasks``."""
        instances = results.get('instances', [])
        if self.with_mask and not all('mask' in instance for instance in instances):
            raise ValueError(
                f'{results.get("img_path", "image")}: with_mask=True, but an instance '
                'has no mask; MaxSightCocoDataset(load_masks=True) keeps those of the '
                'file'
            )
        results = super().transform(results)
        results['gt_instance_tasks'] = object_arrays(
            instances, results.get('complete_labels', ())
        )
        results['gt_tasks'] = dict(results.get('tasks', {}))
        # Labels in pixels are in the coordinates of this moment, as the boxes are.
        results['homography_at_load'] = results.get('homography_matrix')
        return results
