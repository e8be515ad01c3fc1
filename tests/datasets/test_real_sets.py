"""Real sets, where they are: ``MAXSIGHT_DATA`` or ``data/``."""

import os
from pathlib import Path

import pytest

from maxsight_mm.datasets import MaxSightCocoDataset, load_coco_json, validate_coco

ROOT = Path(os.environ.get('MAXSIGHT_DATA', Path(__file__).parents[2] / 'data'))
FILES = sorted(ROOT.glob('*/coco/instances_*.json'))
PIPELINE = [
    {'type': 'LoadSafeImage'},
    {'type': 'LoadTaskAnnotations', 'with_bbox': True},
    {'type': 'RandomZoom', 'prob': 1.0},
    {'type': 'Resize', 'scale': (96, 96), 'keep_ratio': False},
    {'type': 'TaskRandomFlip', 'prob': 0.5},
    {'type': 'PackTaskInputs'},
]

pytestmark = pytest.mark.skipif(not FILES, reason=f'no real data sets in {ROOT}')


@pytest.mark.parametrize(
    'path', FILES, ids=lambda path: f'{path.parts[-3]}-{path.stem}'
)
def test_real_set_validates_loads_and_packs(path):
    data = load_coco_json(path)
    report = validate_coco(data)
    assert report.ok, report.summary()
    dataset = MaxSightCocoDataset(
        ann_file=str(path),
        data_root=str(path.parents[1]),
        data_prefix={'img': 'auto'},
        labels_for_missing='pinhole',
        pipeline=PIPELINE,
    )
    assert len(dataset) == len(data['images'])
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert sum(len(info['instances']) for info in infos) == len(data['annotations'])
    for index in (0, len(dataset) // 2, len(dataset) - 1):
        packed = dataset[index]
        boxes = packed['data_samples'].gt_instances.bboxes.tensor
        assert packed['inputs'].shape == (3, 96, 96)
        assert boxes.isfinite().all()
        assert ((boxes >= 0) & (boxes <= 96)).all()
