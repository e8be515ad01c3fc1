import json
import math

import numpy as np
import pytest

from maxsight_mm.datasets.anchor_overlap import level_shapes
from maxsight_mm.engine.anchor_setting import (
    anchor_generator,
    anchor_levels,
    has_free_aspects,
)
from maxsight_mm.engine.class_coverage import (
    _thinned,
    class_coverage,
    propose_anchors,
)
from maxsight_mm.engine.dataset_leaves import training_leaves
from maxsight_mm.engine.network_boxes import network_boxes
from maxsight_mm.engine.step_timing import read_model_config


def config_of(ann_file, scale=(100, 100), ratios=(1.0,), **head):
    generator = dict(type='AnchorGenerator', strides=[10], ratios=ratios, scales=[2])
    leaf = dict(
        type='CocoDataset',
        ann_file=str(ann_file),
        pipeline=[dict(type='Resize', scale=scale, keep_ratio=True)],
    )
    return dict(
        default_scope='mmdet',
        model=dict(
            data_preprocessor=dict(pad_size_divisor=32),
            bbox_head=dict(anchor_generator=generator, **head),
        ),
        train_dataloader=dict(
            dataset=dict(type='RepeatDataset', dataset=dict(datasets=[leaf, leaf]))
        ),
    )


@pytest.fixture
def ann_file(tmp_path):
    """One picture of 100 x 100, a square, a flat box, a crowd and an empty box."""
    boxes = [(40, 40, 20, 20, 2, 0), (40, 45, 20, 10, 1, 0)]
    boxes += [(0, 0, 50, 50, 1, 1), (0, 0, 0, 9, 1, 0), (0, 0, 9, math.inf, 1, 0)]
    annotations = [
        dict(id=i, image_id=7, bbox=box[:4], category_id=box[4], iscrowd=box[5])
        for i, box in enumerate(boxes)
    ]
    names = ('flat', 'square', 'absent')
    content = dict(
        images=[dict(id=7, file_name='a.png', width=100, height=100)],
        annotations=annotations,
        categories=[dict(id=i, name=name) for i, name in enumerate(names, 1)],
    )
    path = tmp_path / 'a.json'
    path.write_text(json.dumps(content))
    return path


def test_coverage_by_hand(ann_file):
    config = config_of(ann_file)
    found = network_boxes(config)
    assert found.labels.tolist() == [1, 0]
    assert found.image_wh.tolist() == [[128, 128]] * 2
    _, generator = anchor_generator(config)
    flat, square, absent = class_coverage(found, anchor_levels(generator))
    # Anchors of 20 x 20 lie on multiples of 10, so both boxes have a centred one.
    assert (square.count, square.centred_median, square.grid_70) == (1, 1.0, 1.0)
    assert flat.aspect_quartiles == (2, 2, 2)
    assert (flat.centred_median, flat.grid_50, flat.grid_70) == (0.5, 1.0, 0.0)
    assert absent.count == 0 and math.isnan(absent.grid_50)


def test_boxes_are_scaled_to_the_network_input(ann_file):
    found = network_boxes(config_of(ann_file, scale=(400, 300)))
    assert found.boxes[0].tolist() == [120, 120, 180, 180]
    assert found.image_wh[0].tolist() == [320, 320]


def test_another_file_and_the_classes_of_the_config(ann_file, tmp_path):
    config = config_of(tmp_path / 'none.json')
    with pytest.raises(FileNotFoundError, match='no such file'):
        network_boxes(config)
    assert network_boxes(config, ann_file).classes == ('flat', 'square', 'absent')
    config = config_of(ann_file)
    training_leaves(config)[0]['metainfo'] = dict(classes=('square',))
    found = network_boxes(config)
    assert found.classes == ('square',) and found.labels.tolist() == [0]


def test_pictures_without_a_size_are_refused(ann_file):
    data = json.loads(ann_file.read_text())
    del data['images'][0]['width']
    ann_file.write_text(json.dumps(data))
    with pytest.raises(ValueError, match='no width and height'):
        network_boxes(config_of(ann_file))


def test_proposal_covers_what_the_config_did_not(ann_file):
    config = config_of(ann_file, scale=(400, 400))
    found = network_boxes(config)
    _, generator = anchor_generator(config)
    proposal = propose_anchors(found, generator, 2)
    assert proposal.aspects_wh == [1.0, 2.0]
    before = class_coverage(found, anchor_levels(generator))[0]
    after = class_coverage(found, proposal.levels)[0]
    assert before.grid_50 == 0 and after.grid_70 == 1
    shapes = level_shapes(proposal.levels)
    assert np.allclose(shapes[:, 0] / shapes[:, 1], proposal.aspects_wh)


def test_rpn_comes_before_other_heads_and_inside_a_teacher():
    name = 'soft-teacher_faster-rcnn_r50-caffe_fpn_180k_semi-0.1-coco.py'
    config = read_model_config(f'mmdet::soft_teacher/{name}')
    place, generator = anchor_generator(config)
    assert place == 'model.detector.rpn_head.anchor_generator'
    assert [level.stride for level in anchor_levels(generator)][0] == (4, 4)
    assert has_free_aspects(generator)


def test_head_without_anchors_is_refused():
    with pytest.raises(ValueError, match='no anchor_generator'):
        anchor_generator(dict(model=dict(bbox_head=dict(type='FCOSHead'))))


def test_config_without_training_data_is_refused():
    with pytest.raises(ValueError, match='no train_dataloader'):
        network_boxes(dict(model=dict()))


def test_large_files_are_thinned_evenly_and_small_ones_not():
    labels = np.repeat([0, 1], [5000, 7])
    kept = _thinned(labels)
    assert 1000 < (labels[kept] == 0).sum() <= 2000
    assert kept[labels[kept] == 1].tolist() == list(range(5000, 5007))
    assert set(np.diff(kept[labels[kept] == 0])) == {3}
