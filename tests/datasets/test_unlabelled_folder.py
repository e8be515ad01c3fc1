"""Pictures of a folder as unlabelled views, and what a name says about them."""

import cv2
import numpy as np
import pytest
from mmengine.dataset import ConcatDataset

from maxsight_mm.datasets.coco_json import DatasetError, DatasetNotFoundError
from maxsight_mm.datasets.samplers import LinkedViewSampler
from maxsight_mm.datasets.unlabelled_folder import UnlabelledFolder
from maxsight_mm.registry import DATASETS

CLASSES = ('Severe_Rust', 'Chipped')
PIPELINE = [
    dict(type='LoadSafeImage'),
    dict(type='LoadEmptyAnnotations'),
    dict(type='PackDetInputs', meta_keys=('img_id', 'img_path', 'part_id', 'view_id')),
]
NAMES = ('a_0.jpg', 'a_1.jpg', 'below/b_0.PNG', 'below/b_3.png', 'other.jpg')
REGEX = r'(?P<part>[^/]+)_(?P<view>\d+)\.\w+$'


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        path = tmp_path / 'pictures' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((12, 16, 3), 80, np.uint8))
    (tmp_path / 'pictures' / 'notes.txt').write_text('no picture')
    return tmp_path / 'pictures'


def build(folder, **settings):
    settings = {'metainfo': dict(classes=CLASSES), 'pipeline': PIPELINE} | settings
    return DATASETS.build(
        dict(type='UnlabelledFolder', data_root=str(folder), **settings)
    )


def views(dataset):
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    return [(info.get('part_id'), info.get('view_id')) for info in infos]


def test_all_pictures_below_the_folder_are_loaded_without_boxes(folder):
    dataset = build(folder)
    samples = [dataset[index]['data_samples'] for index in range(len(dataset))]
    assert [s.img_path for s in samples] == [str(folder / name) for name in NAMES]
    assert [s.img_id for s in samples] == [0, 1, 2, 3, 4]
    assert all(len(sample.gt_instances) == 0 for sample in samples)
    assert dataset[0]['inputs'].shape == (3, 12, 16)
    assert dataset.metainfo['classes'] == CLASSES


def test_without_regex_no_picture_is_linked(folder):
    assert views(build(folder)) == [(None, None)] * 5


def test_regex_links_views_and_leaves_others_alone(folder):
    dataset = build(folder, part_regex=REGEX)
    (a, zero), (a_again, one), (b, _), (b_again, three), alone = views(dataset)
    assert a == a_again != b == b_again
    assert (zero, one, three) == (0, 1, 3)
    assert alone == (None, None)
    sample = dataset[3]['data_samples']
    assert (sample.part_id, sample.view_id) == (b, 3)


def test_views_without_number_are_counted_by_name(folder):
    found = views(build(folder, part_regex=r'(?P<part>\w+)_'))
    assert [view for _, view in found] == [0, 1, 0, 1, None]


def test_parts_of_two_folders_differ_and_those_of_one_stay_the_same(folder):
    whole = views(build(folder, part_regex=REGEX))
    assert views(build(folder, part_regex=REGEX)) == whole
    below = views(build(folder / 'below', part_regex=REGEX))
    assert {part for part, _ in below}.isdisjoint(part for part, _ in whole)


def test_image_folder_may_lie_below_the_root(folder):
    assert len(build(folder.parent, data_prefix=dict(img='pictures/below'))) == 2


def test_linked_views_come_side_by_side_beside_another_source(folder):
    linked = build(folder, part_regex=REGEX)
    dataset = ConcatDataset([build(folder), linked])
    # The first batch alone lies within a round of the five pictures.
    for seed in range(20):
        sampler = iter(
            LinkedViewSampler(dataset, batch_size=8, source_ratio=[1, 1], seed=seed)
        )
        parts = [dataset.get_data_info(next(sampler)).get('part_id') for _ in range(8)]
        assert parts[:4] == [None] * 4
        for part in set(parts[4:]) - {None}:
            first = parts.index(part)
            assert parts[first : first + parts.count(part)] == [part] * parts.count(
                part
            )


def test_broken_picture_is_replaced_in_training_and_named_in_testing(folder):
    (folder / 'a_1.jpg').write_bytes(b'no picture')
    training = build(folder, max_bad_images=0.5)
    assert training[1]['data_samples'].img_path != str(folder / 'a_1.jpg')
    with pytest.raises(ValueError, match=r'a_1\.jpg: not an image'):
        build(folder, test_mode=True)[1]


def test_too_many_broken_pictures_stop_the_training(folder):
    for name in NAMES:
        (folder / name).write_bytes(b'no picture')
    with pytest.raises(DatasetError, match=r'pictures: \d of 5 images are unusable'):
        build(folder, max_bad_images=0.5)[0]


def test_absent_folder_is_named_with_what_to_do(tmp_path):
    with pytest.raises(DatasetNotFoundError, match='no such image folder; copy them'):
        build(tmp_path, data_prefix=dict(img='absent'), if_missing='copy them')


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(part_regex='(?P<part'), 'part_regex'),
        (dict(part_regex='(a)'), r'has no group \(\?P<part>\.\.\.\)'),
        (dict(part_regex='(?P<part>zzz)'), "fits no picture, such as 'a_0.jpg'"),
        (dict(part_regex='(?P<part>a)_0.(?P<view>j)'), "'j', which is no number"),
        (dict(metainfo=None), "needs the labelled set's classes"),
    ],
)
def test_bad_settings_are_one_line(folder, settings, message):
    with pytest.raises(ValueError, match=message) as caught:
        build(folder, **settings)
    assert '\n' not in str(caught.value)


def test_folder_without_pictures_is_an_error(tmp_path):
    (tmp_path / 'notes.txt').write_text('no picture')
    with pytest.raises(DatasetError, match=r'no pictures \(\.jpg'):
        UnlabelledFolder(data_root=str(tmp_path), metainfo=dict(classes=CLASSES))
