import numpy as np
import pytest


@pytest.fixture
def results():
    """What a data set hands to the pipeline, with the image already there."""
    return {
        'img': np.random.default_rng(0).integers(0, 256, (80, 100, 3), np.uint8),
        'img_path': 'a.png',
        'img_id': 1,
        'img_shape': (80, 100),
        'ori_shape': (80, 100),
        'height': 80,
        'width': 100,
        'focal_px': 90.0,
        'instances': [
            {
                'bbox': [10, 10, 30, 50],
                'bbox_label': 0,
                'ignore_flag': 0,
                'zone': 1,
                'zone_source': 'annotated',
                'urgency': 2,
                'distance_m': 3.0,
            },
            {
                'bbox': [0, 0, 8, 8],
                'bbox_label': 1,
                'ignore_flag': 1,
                'zone': 2,
                'zone_source': 'heuristic',
            },
            {
                'bbox': [60, 20, 90, 70],
                'bbox_label': 2,
                'ignore_flag': 0,
                'distance_m': 9.0,
            },
        ],
        'tasks': {
            'urgency': 2,
            'lighting': 'day',
            'glare': 0.5,
            'relations': [[0, 'left of', 2], [2, 'near', 1]],
        },
    }
