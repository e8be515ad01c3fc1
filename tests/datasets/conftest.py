import json

import cv2
import numpy as np
import pytest

from maxsight_mm.synthetic.street_dataset import StreetSetSettings, write_street_set


@pytest.fixture(scope='session')
def street_clips(tmp_path_factory):
    """Two street worlds of four frames in training, one in validation; all labels."""
    root = tmp_path_factory.mktemp('street') / 'clips'
    settings = StreetSetSettings(
        train=8, val=4, width=160, height=120, clip_length=4, maps=True, audio=True
    )
    write_street_set(root, settings, workers=1)
    return root


@pytest.fixture
def coco():
    """Two images, three objects, every optional label at least once."""
    return {
        'images': [
            {
                'id': 1,
                'file_name': 'images/a.png',
                'width': 64,
                'height': 48,
                'video_id': 7,
                'frame_id': 0,
                'focal_px': 60.0,
                'tasks': {
                    'lighting': 'night',
                    'glare': 0.25,
                    'caption': 'a car on the left',
                    'relations': [[11, 'left of', 12]],
                },
            },
            {'id': 2, 'file_name': 'images/b.png', 'width': 64, 'height': 48},
        ],
        'annotations': [
            {
                'id': 11,
                'image_id': 1,
                'category_id': 3,
                'bbox': [4, 8, 20, 20],
                'distance_m': 4.0,
                'moving': True,
                'text': 'TAXI',
                'instance_id': 5,
            },
            {
                'id': 12,
                'image_id': 1,
                'category_id': 1,
                'bbox': [40, 8, 10, 30],
                'zone': 0,
                'urgency': 2,
                'findability': 0.5,
            },
            {
                'id': 13,
                'image_id': 2,
                'category_id': 1,
                'bbox': [2, 2, 50, 40],
                'iscrowd': 1,
            },
        ],
        'categories': [{'id': 3, 'name': 'car'}, {'id': 1, 'name': 'person'}],
    }


@pytest.fixture
def write(tmp_path):
    """Writes a COCO dict, and its images where they can be, below a root."""

    def write_set(data, name='train.json'):
        rng = np.random.default_rng(0)
        for image in data['images'] if isinstance(data, dict) else []:
            path = tmp_path / image['file_name']
            if path.resolve().is_relative_to(tmp_path) and 'height' in image:
                path.parent.mkdir(parents=True, exist_ok=True)
                size = (image['height'], image['width'], 3)
                cv2.imwrite(str(path), rng.integers(0, 256, size, np.uint8))
        (tmp_path / name).write_text(json.dumps(data))
        return tmp_path

    return write_set
