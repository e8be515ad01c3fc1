import copy
import json
import logging

import numpy as np
import pytest
from torch.utils.data import DataLoader

from maxsight_mm.datasets import DatasetError, InvalidImageError, MaxSightCocoDataset
from maxsight_mm.datasets.coco_json import DatasetNotFoundError
from maxsight_mm.registry import DATASETS


def build(root, **options):
    return MaxSightCocoDataset(ann_file='train.json', data_root=str(root), **options)


@pytest.fixture
def logged(monkeypatch):
    """The lines the data set logs."""
    lines = []
    monkeypatch.setattr(
        'maxsight_mm.datasets.bad_images.print_log',
        lambda message, logger, level: lines.append((message, level)),
    )
    return lines


def test_builds_by_name_and_takes_classes_in_id_order(coco, write):
    options = {'ann_file': 'train.json', 'data_root': str(write(coco))}
    dataset = DATASETS.build({'type': 'MaxSightCocoDataset', **options})
    assert dataset.metainfo['classes'] == ('person', 'car')
    assert len(dataset.metainfo['palette']) == 2
    assert len(dataset) == 2


def test_annotated_labels_are_read_and_nothing_else(coco, write):
    root = write(coco)
    info = build(root)[0]
    assert info['img_path'] == str(root / 'images/a.png')
    assert (info['height'], info['width'], info['img_id']) == (48, 64, 1)
    assert (info['video_id'], info['frame_id'], info['focal_px']) == (7, 0, 60.0)
    car, person = info['instances']
    assert car == {
        'bbox': [4, 8, 24, 28],
        'bbox_label': 1,
        'ignore_flag': 0,
        'ann_id': 11,
        'distance_m': 4.0,
        'zone': 1,
        'zone_source': 'annotated',
        'moving': True,
        'text': 'TAXI',
        'instance_id': 5,
    }
    assert person['zone'] == 0
    assert person['urgency'] == 2
    assert person['urgency_source'] == 'annotated'
    assert 'distance_m' not in person
    assert info['tasks']['relations'] == [[0, 'left of', 1]]
    assert 'urgency' not in info['tasks']


def test_crowds_and_ignored_objects_are_flagged(coco, write):
    coco['annotations'][0]['ignore'] = 1
    dataset = build(write(coco))
    assert [i['ignore_flag'] for i in dataset[0]['instances']] == [1, 0]
    assert [i['ignore_flag'] for i in dataset[1]['instances']] == [1]


def test_heuristic_labels_are_marked_and_never_replace_annotated_ones(coco, write):
    coco['annotations'][0].pop('distance_m')
    dataset = build(write(coco), labels_for_missing='heuristic')
    car, person = dataset[0]['instances']
    # 400 of 3072 pixels are 13 %: near by the area rule. A moving car is danger.
    assert (car['zone'], car['zone_source']) == (0, 'heuristic')
    assert (car['urgency'], car['urgency_source']) == (3, 'heuristic')
    assert (person['zone'], person['zone_source']) == (0, 'annotated')
    assert (person['urgency'], person['urgency_source']) == (2, 'annotated')
    assert dataset[0]['tasks']['urgency'] == 3
    assert dataset[0]['heuristic_tasks'] == ('urgency',)


def test_pinhole_zones_use_the_focal_length_of_the_image(coco, write):
    coco['annotations'][0].pop('distance_m')
    # 60 px * 1.5 m / 20 px = 4.5 m
    dataset = build(write(coco), labels_for_missing='pinhole')
    assert dataset[0]['instances'][0]['zone'] == 1
    coco['images'][0]['focal_px'] = 200.0
    dataset = build(write(coco), labels_for_missing='pinhole')
    assert dataset[0]['instances'][0]['zone'] == 2


def test_image_without_labelled_objects_is_not_called_safe(coco, write):
    coco['annotations'].pop()
    dataset = build(write(coco), labels_for_missing='heuristic')
    assert 'urgency' not in dataset[1]['tasks']


def test_class_order_other_than_the_files_maps_by_name(coco, write):
    dataset = build(write(coco), metainfo={'classes': ('car', 'person')})
    assert [i['bbox_label'] for i in dataset[0]['instances']] == [0, 1]
    assert dataset.get_cat_ids(0) == [0, 1]


def test_misspelt_class_is_an_error_with_the_nearest_name(coco, write):
    with pytest.raises(DatasetError, match="'persn' .nearest: 'person'"):
        build(write(coco), metainfo={'classes': ('car', 'persn')})


def test_ignored_categories_are_counted_in_one_log_line(coco, write, logged):
    dataset = build(
        write(coco), metainfo={'classes': ('car',)}, extra_categories='ignore'
    )
    assert [len(dataset[i]['instances']) for i in range(2)] == [1, 0]
    lines = [line for line, _ in logged if 'ignored 1 categories' in line]
    assert len(lines) == 1
    assert '2 annotations' in lines[0]


@pytest.fixture
def with_bad_boxes(coco):
    for annotation_id, bbox in (
        (21, [60, 40, 20, 20]),
        (22, [1, 1, 0, 5]),
        (23, [1, 1, float('nan'), 5]),
        (24, [100, 1, 5, 5]),
    ):
        coco['annotations'].append(
            {'id': annotation_id, 'image_id': 2, 'category_id': 1, 'bbox': bbox}
        )
    return coco


def test_bad_boxes_are_an_error_that_names_each(with_bad_boxes, write):
    with pytest.raises(DatasetError) as caught:
        build(write(with_bad_boxes))
    for annotation_id in (21, 22, 23, 24):
        assert f'annotation {annotation_id}:' in str(caught.value)
    assert '\n' not in str(caught.value)


def test_clip_mends_what_reaches_out_and_drops_the_rest(with_bad_boxes, write, logged):
    dataset = build(write(with_bad_boxes), bad_boxes='clip')
    assert [i['ann_id'] for i in dataset[1]['instances']] == [13, 21]
    assert dataset[1]['instances'][1]['bbox'] == [60, 40, 64, 48]
    text = ' '.join(line for line, _ in logged)
    assert 'clipped 1 box: annotation 21' in text
    assert 'dropped 3 boxes: annotation 22' in text


def test_drop_leaves_out_every_bad_box_and_its_relations(with_bad_boxes, write, logged):
    with_bad_boxes['annotations'][1]['bbox'] = [60, 8, 10, 30]
    dataset = build(write(with_bad_boxes), bad_boxes='drop')
    assert [i['ann_id'] for i in dataset[0]['instances']] == [11]
    assert [i['ann_id'] for i in dataset[1]['instances']] == [13]
    assert dataset[0]['tasks']['relations'] == []
    text = ' '.join(line for line, _ in logged)
    assert 'dropped 5 boxes' in text
    assert '1 relations lost an object' in text


def test_log_and_error_name_ten_of_many(coco, write):
    for i in range(12):
        annotation = {'id': 100 + i, 'image_id': 1, 'category_id': 1}
        coco['annotations'].append({**annotation, 'bbox': [0, 0, 0, 0]})
    with pytest.raises(DatasetError, match='12 errors.*annotation 109.*and 2 more'):
        build(write(coco))


def test_box_a_fraction_over_the_border_is_cut_to_it(coco, write):
    coco['annotations'][0]['bbox'] = [-0.5, 8, 20, 20]
    assert build(write(coco))[0]['instances'][0]['bbox'] == [0, 8, 19.5, 28]


def test_duplicate_image_id_is_an_error(coco, write):
    coco['images'].append(copy.deepcopy(coco['images'][0]))
    with pytest.raises(DatasetError, match='image 1: id used again'):
        build(write(coco), bad_boxes='drop')


@pytest.mark.parametrize('name', ['../x.png', '/etc/x.png', 'a/../../x.png'])
def test_file_name_outside_the_root_is_refused_unless_allowed(coco, write, name):
    coco['images'][1]['file_name'] = name
    root = write(coco)
    with pytest.raises(DatasetError, match='image 2: .* leads out of'):
        build(root)
    assert len(build(root, allow_outside=True)) == 2


def test_task_file_outside_the_root_is_refused(coco, write):
    coco['images'][0]['tasks']['depth_file'] = '../depth.npy'
    with pytest.raises(DatasetError, match='depth.npy'):
        build(write(coco))


def test_absolute_name_inside_the_root_is_accepted(coco, write):
    root = write(coco)
    coco['images'][1]['file_name'] = str(root / 'images/b.png')
    (root / 'train.json').write_text(json.dumps(coco))
    assert build(root)[1]['img_path'] == str(root / 'images/b.png')


def test_auto_prefix_finds_the_images(coco, write):
    for image in coco['images']:
        image['file_name'] = image['file_name'].removeprefix('images/')
    root = write(coco)
    (root / 'train2017').mkdir()
    for name in ('a.png', 'b.png'):
        (root / name).rename(root / 'train2017' / name)
    dataset = build(root, data_prefix={'img': 'auto'})
    assert dataset[0]['img_path'] == str(root / 'train2017' / 'a.png')


def test_missing_root_and_truncated_file_say_so_in_one_line(coco, write, tmp_path):
    with pytest.raises(FileNotFoundError, match='none: no such data root'):
        build(tmp_path / 'none')
    root = write(coco)
    text = (root / 'train.json').read_text()
    (root / 'train.json').write_text(text[:200])
    with pytest.raises(DatasetError, match='train.json: line 1 column'):
        build(root)


def test_filtered_images_are_counted_and_test_mode_keeps_them(coco, write, logged):
    coco['images'].append(
        {'id': 3, 'file_name': 'images/c.png', 'width': 64, 'height': 8}
    )
    options = {'filter_cfg': {'filter_empty_gt': True, 'min_size': 16}}
    root = write(coco)
    assert [info['img_id'] for info in build(root, **options)] == [1]
    assert any('1 images without objects, 1 under 16 px' in line for line, _ in logged)
    assert len(build(root, test_mode=True, **options)) == 3


def test_nothing_left_after_filtering_is_an_error(coco, write):
    coco['annotations'] = []
    coco['images'][0].pop('tasks')
    root = write(coco)
    assert len(build(root)) == 2
    with pytest.raises(DatasetError, match='no image is left of 2'):
        build(root, filter_cfg={'filter_empty_gt': True})


@pytest.mark.parametrize(
    'options', [{'labels_for_missing': 'guess'}, {'bad_boxes': 'keep'}]
)
def test_unknown_option_is_refused(coco, write, options):
    with pytest.raises(ValueError, match='must be one of'):
        build(write(coco), **options)


PIPELINE = [{'type': 'LoadSafeImage'}]


def many(coco, count):
    for i in range(count):
        coco['images'].append(
            {'id': 50 + i, 'file_name': f'images/{i}.png', 'width': 64, 'height': 48}
        )
    return coco


def test_broken_image_is_replaced_in_training_and_logged(coco, write, logged):
    root = write(many(coco, 120))
    (root / 'images/b.png').write_bytes(b'<html>')
    np.random.seed(0)
    dataset = build(root, pipeline=PIPELINE)
    assert dataset[1]['img'].shape == (48, 64, 3)
    assert dataset[1]['img_id'] != 2
    skipped = [line for line, level in logged if level == logging.WARNING]
    assert sum('skipped' in line and 'b.png' in line for line in skipped) == 1


def test_too_many_broken_images_stop_the_training(coco, write, logged):
    root = write(coco)
    (root / 'images/b.png').write_bytes(b'')
    with pytest.raises(DatasetError, match='1 of 2 images.*b.png'):
        build(root, pipeline=PIPELINE)[1]


def test_workers_count_broken_images_together(coco, write):
    # Each worker meets one of the two; 1 % of 122 images is one.
    root = write(many(coco, 120))
    for name in ('b', '7'):
        (root / f'images/{name}.png').write_bytes(b'')
    dataset = build(root, pipeline=PIPELINE)
    broken = [i for i in range(122) if dataset.get_data_info(i)['img_id'] in (2, 57)]
    loader = DataLoader(
        dataset, batch_size=1, sampler=broken, num_workers=2, collate_fn=list
    )
    with pytest.raises(DatasetError, match='2 of 122 images'):
        list(loader)


def test_segmentations_are_kept_on_request_only(coco, write):
    polygon = [[4, 8, 24, 8, 24, 28]]
    for annotation in coco['annotations']:
        annotation['segmentation'] = polygon
    root = write(coco)
    assert 'mask' not in build(root)[0]['instances'][0]
    dataset = build(root, load_masks=True)
    assert dataset[0]['instances'][0]['mask'] == polygon
    load = {'type': 'LoadTaskAnnotations', 'with_bbox': True, 'with_mask': True}
    pipeline = [*PIPELINE, load]
    masks = build(root, load_masks=True, pipeline=pipeline)[0]['gt_masks']
    assert len(masks) == 2
    with pytest.raises(ValueError, match='load_masks=True'):
        build(root, pipeline=pipeline)[0]


def test_broken_image_is_its_own_error_in_testing(coco, write):
    root = write(coco)
    (root / 'images/b.png').write_bytes(b'')
    dataset = build(root, pipeline=PIPELINE, test_mode=True)
    assert dataset[0]['img'].shape == (48, 64, 3)
    with pytest.raises(InvalidImageError, match=r'b\.png: the file is empty'):
        dataset[1]


def test_missing_image_folder_is_named(coco, write):
    with pytest.raises(DatasetNotFoundError, match='no such image folder'):
        build(write(coco), data_prefix=dict(img='pictures/'))
