import json

import cv2
import numpy as np
import pytest

CONFIG = """
randomness = dict(seed=7)
resume = False
optim_wrapper = dict(optimizer=dict(lr=0.002, type='AdamW'), type='OptimWrapper')
train_dataloader = dict(batch_size=4, dataset=dict(data_root={root!r}))
test_dataloader = dict(
    dataset=dict(ann_file='annotations/val.json', data_root={root!r}))
ran = __import__('pathlib').Path({root!r}, 'ran').touch()
"""

LOG = """\
{"lr": 0.002, "loss": 4.0, "loss_box": 2.0, "epoch": 1, "iter": 2, "step": 2}
{"lr": 0.001, "loss": 3.0, "loss_box": 1.0, "epoch": 1, "iter": 4, "step": 4}
{"det/AP50": 0.5, "det/mAP": NaN, "step": 1}
"""


def det_row(name, objects, ap50):
    figures = dict.fromkeys(('AP', 'AP50', 'recall', 'precision'), ap50)
    return {'class': name, 'objects': objects, 'detections': 2, **figures}


def bins(cases, confidence, outcome):
    return {'cases': cases, 'confidence': confidence, 'outcome': outcome}


@pytest.fixture
def det():
    return {
        'settings': {'score_thr': 0.3, 'max_dets': 100},
        'metrics': {'mAP': 0.3, 'AP50': 0.4},
        'images': 6,
        'classes': [
            det_row('car', 3, 0.25),
            det_row('dog', 0, None),
            det_row('<b>kerb</b>', 5, 0.75),
        ],
    }


@pytest.fixture
def safety():
    accuracies = {
        'zone_accuracy': None,
        'zone_majority_accuracy': None,
        'object_urgency_accuracy': 0.5,
        'object_urgency_majority_accuracy': 0.75,
        'image_urgency_accuracy': 0.8,
        'image_urgency_majority_accuracy': 0.6,
    }
    rates = {
        'image_false_reassurance': 0.25,
        'image_false_reassurance_upper95': 0.7514,
        'object_false_reassurance': 1.0,
        'object_false_reassurance_upper95': 1.0,
    }
    none = {'judged': 0, 'missed': 9, 'unanswered': 0, 'unlabelled': 0}
    some = none | {'judged': 6, 'missed': 0}
    empty, urgency = np.zeros((3, 3), int).tolist(), np.eye(4, dtype=int)
    urgency[3, 0] = 1
    urgencies = ['safe', 'caution', 'warning', 'danger']
    return {
        'settings': {'score_thr': 0.3, 'iou_thr': 0.5},
        'metrics': accuracies | rates,
        'levels': {
            'zone': ['near', 'medium', 'far'],
            'object_urgency': urgencies,
            'image_urgency': urgencies,
        },
        'confusion': {
            'zone': empty,
            'object_urgency': urgency.tolist(),
            'image_urgency': urgency.tolist(),
        },
        'counts': {'zone': none, 'object_urgency': some, 'image_urgency': some},
        'false_reassurance': {
            'image': dict(
                num_hazards=4, num_missed=0, num_called_safe=1, num_unanswered=2
            ),
            'object': dict(
                num_hazards=3, num_missed=2, num_called_safe=1, num_unanswered=0
            ),
        },
    }


@pytest.fixture
def calibration():
    sources = ('class', 'urgency', 'uncertainty')
    found = bins([2, 4], [0.4, 0.8], [0.5, 0.75])
    empty = bins([], [], [])
    keys = ('ECE', 'ECE_equal_mass', 'cases')
    return {
        'settings': {'score_thr': 0.3},
        'metrics': {
            f'{source}_{key}': None if source == 'class' else 0.1
            for source in sources
            for key in keys
        },
        'images': 6,
        'bins': {
            source: dict.fromkeys(
                ('equal_width', 'equal_mass'), empty if source == 'class' else found
            )
            for source in sources
        },
    }


@pytest.fixture
def run(tmp_path, det, safety, calibration):
    """A finished run with its data set, as the tools leave them."""
    data, run = tmp_path / 'data', tmp_path / 'street'
    (data / 'annotations').mkdir(parents=True)
    settings = dict(world='street', train=8, val=16, width=32, height=24, seed=0)
    (data / 'dataset.json').write_text(json.dumps(settings | {'classes': ['car']}))
    box = {'image_id': 3, 'category_id': 1}
    truth = {
        'categories': [{'id': 1, 'name': 'car'}],
        'images': [
            {'id': i, 'file_name': f'val/{i:06d}.jpg', 'tasks': {'urgency': 3}}
            for i in range(16)
        ],
        'annotations': [box | {'urgency': 3}, box | {'urgency': 3}, box],
    }
    (data / 'annotations/val.json').write_text(json.dumps(truth))
    log = run / '20260101_000000/vis_data'
    log.mkdir(parents=True)
    (log / 'config.py').write_text(CONFIG.format(root=str(data)))
    (log / 'scalars.json').write_text(LOG)
    (run / 'evaluation').mkdir()
    tables = {'det': det, 'safety': safety, 'calibration': calibration}
    for kind, table in tables.items():
        (run / f'evaluation/test.{kind}.json').write_text(json.dumps(table))
    pictures = run / '20260101_000100/pictures'
    pictures.mkdir(parents=True)
    for i in range(16):
        cv2.imwrite(str(pictures / f'{i:06d}.png'), np.full((24, 32, 3), i, np.uint8))
    return run
