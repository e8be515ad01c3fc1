"""Pipeline results with hand-placed objects, for the tests of derived labels."""

import numpy as np
import torch
from mmdet.structures.bbox import HorizontalBoxes

# 45 degrees either way.
WIDTH, HEIGHT, FOCAL_PX = 200, 100, 100.0


def box_at(left_deg: float, right_deg: float) -> list[float]:
    """xyxy of a box between two bearings."""
    tangents = np.tan(np.radians([left_deg, right_deg]))
    left, right = WIDTH / 2 + FOCAL_PX * tangents
    return [float(left), 30.0, float(right), 70.0]


def results_of(objects=(), image=None, tasks=None, **fields):
    """Objects are (class name, left deg, right deg); fields are arrays of them."""
    names = [name for name, _, _ in objects]
    classes = tuple(dict.fromkeys(names)) or ('person',)
    boxes = torch.tensor([box_at(*ends) for _, *ends in objects]).reshape(-1, 4)
    kinds = {'urgencies': np.int64, 'moving': np.int64}
    return {
        'img': np.zeros((HEIGHT, WIDTH, 3), np.uint8) if image is None else image,
        'img_shape': (HEIGHT, WIDTH),
        'focal_px': FOCAL_PX,
        'classes': classes,
        'gt_bboxes': HorizontalBoxes(boxes),
        'gt_bboxes_labels': np.array([classes.index(n) for n in names], np.int64),
        'gt_instance_tasks': {
            name: np.array(values, kinds.get(name, np.float32))
            for name, values in fields.items()
        },
        'gt_tasks': tasks or {},
    }
