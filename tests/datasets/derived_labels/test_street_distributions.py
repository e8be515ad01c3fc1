"""Labels that hardly vary teach nothing: their spread on the street world."""

import numpy as np
import pytest
import torch
from mmdet.structures.bbox import HorizontalBoxes

from maxsight_mm.datasets.derived_labels import DERIVED
from maxsight_mm.synthetic.street import STREET_CLASSES, StreetConfig, StreetWorld

# label -> least standard deviation
LEAST_SPREAD = {
    'contrast_map': 0.05,
    'fatigue': 0.08,
    'focus_depth_m': 1.0,
    'navigation_difficulty': 0.1,
    'roi_priorities': 0.1,
    'scene_contrast': 0.03,
}


@pytest.fixture(scope='module')
def street():
    world = StreetWorld(StreetConfig(height=120, width=160))
    return [_results(world.frame(seed)) for seed in range(80)]


def _results(frame):
    labels = [STREET_CLASSES.index(name) for name in frame.names]
    return {
        'img': frame.image,
        'img_shape': frame.image.shape[:2],
        'focal_px': frame.focal_px,
        'classes': STREET_CLASSES,
        'gt_bboxes': HorizontalBoxes(torch.from_numpy(frame.boxes)),
        'gt_bboxes_labels': np.array(labels, np.int64),
        'gt_instance_tasks': {
            'distances_m': frame.distances_m,
            'urgencies': frame.urgencies,
            'moving': frame.moving.astype(np.int64),
            'times_to_contact_s': frame.time_to_contact_s,
        },
        'gt_tasks': {'lighting': frame.lighting, 'glare': frame.glare},
    }


@pytest.mark.parametrize(('name', 'least'), LEAST_SPREAD.items())
def test_number_varies(street, name, least):
    values = np.concatenate([DERIVED[name](results).ravel() for results in street])
    assert np.isfinite(values).all() and values.std() > least
    if not name.endswith('_m'):
        assert values.min() >= 0 and values.max() <= 1


def test_each_way_is_often_free_and_often_not(street):
    share = np.mean([DERIVED['free_path'](results) for results in street], axis=0)
    assert (share > 0.3).all() and (share < 0.8).all()


def test_head_obstacles_are_not_too_rare(street):
    share = np.mean([DERIVED['head_obstacle'](results) for results in street])
    assert 0.05 < share < 0.3


def test_every_light_occurs(street):
    found = {int(DERIVED['lighting_label'](results)[0]) for results in street}
    assert found == set(range(5))
