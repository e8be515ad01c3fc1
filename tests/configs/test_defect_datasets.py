"""The data of the defect configs: what is drawn, changed, linked and compared."""

import copy
import json
import math
import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmdet.structures.bbox import bbox_overlaps, bbox_project
from mmengine.runner import Runner

from maxsight_mm.datasets.coco_json import DatasetNotFoundError
from maxsight_mm.datasets.label_split import write_split
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.registry import DATASETS, TRANSFORMS
from maxsight_mm.synthetic.defects.defect_dataset import (
    DefectSetSettings,
    write_defect_set,
)
from maxsight_mm.taxonomy.defects import DEFECT_CLASSES

BASES = 'configs/_base_/datasets'
GEOMETRIC = ('Rotate', 'ShearX', 'ShearY', 'TranslateX', 'TranslateY')
SSOD_BASES = ('defects_ssod', 'defects_ssod_recipe', 'defects_ssod_mild')
# Side of the square, and the upright rectangle in it.
SIDE, BOX = 160, (60, 50, 100, 110)


@pytest.fixture(scope='module')
def drawn_set(tmp_path_factory):
    root = tmp_path_factory.mktemp('defects') / 'set'
    settings = DefectSetSettings(train=40, val=2)
    write_defect_set(root, settings, workers=1)
    write_split(root / 'annotations/instances_train.json', 10)
    return root


@pytest.fixture
def load(drawn_set):
    """Loads a base as if the set of 40 parts were the one that it names."""

    def loaded(name, **options):
        config = load_config(f'{BASES}/{name}.py', options)
        data = config.train_dataloader.dataset
        for leaf in [*data.get('datasets', [data]), config.val_dataloader.dataset]:
            leaf.data_root = str(drawn_set)
        return config

    return loaded


def first_batches(config, number=1, seed=0):
    np.random.seed(seed)
    loader = iter(Runner.build_dataloader(config.train_dataloader, seed=seed))
    return [next(loader) for _ in range(number)]


def present(branch):
    return [sample for sample in branch if sample is not None]


def test_classes_are_those_of_the_taxonomy(load):
    for name in (*SSOD_BASES, 'defects_supervised'):
        assert tuple(load(name).classes) == DEFECT_CLASSES


def test_batch_holds_linked_views_in_three_branches(load):
    for batch in first_batches(load('defects_ssod'), 3):
        samples = {name: present(each) for name, each in batch['data_samples'].items()}
        inputs = {name: present(each) for name, each in batch['inputs'].items()}
        weak, strong = samples['unsup_teacher'], samples['unsup_student']
        assert {name: len(each) for name, each in samples.items()} == dict(
            sup=4, unsup_teacher=4, unsup_student=4
        )
        assert [s.img_id for s in weak] == [s.img_id for s in strong]
        for name, branch in samples.items():
            parts = [sample.part_id for sample in branch]
            views = [sample.view_id for sample in branch]
            assert parts[::2] == parts[1::2]
            assert views[::2] != views[1::2]
            for sample, image in zip(branch, inputs[name], strict=True):
                assert image.shape[1:] == sample.img_shape
                assert sample.homography_matrix.shape == (3, 3)
        assert all(len(sample.gt_instances) for sample in samples['sup'])
        assert not any(len(sample.gt_instances) for sample in weak + strong)


def test_batch_and_views_change_by_small_overrides(load):
    config = load(
        'defects_ssod',
        **{
            'train_dataloader.batch_size': 6,
            'train_dataloader.sampler.batch_size': 6,
            'train_dataloader.sampler.source_ratio': [1, 2],
            'train_dataloader.sampler.views_per_part': 1,
        },
    )
    (batch,) = first_batches(config)
    counts = {name: len(present(b)) for name, b in batch['data_samples'].items()}
    assert counts == dict(sup=2, unsup_teacher=4, unsup_student=4)


def test_supervised_twin_sees_the_same_labelled_views_in_the_same_order(load):
    semi = first_batches(load('defects_ssod'), 6)
    alone = first_batches(load('defects_supervised'), 6)
    for ours, twin in zip(semi, alone, strict=True):
        labelled = present(ours['data_samples']['sup'])
        assert [s.img_id for s in twin['data_samples']] == [s.img_id for s in labelled]


@pytest.mark.parametrize('prefix', ['defects', 'neu_det', 'deeppcb'])
def test_supervised_twin_has_the_labelled_pipeline_and_file(prefix):
    semi = load_config(f'{BASES}/{prefix}_ssod.py').train_dataloader
    alone = load_config(f'{BASES}/{prefix}_supervised.py').train_dataloader
    labelled = semi.dataset.datasets[0].to_dict()
    *steps, branches = labelled.pop('pipeline')
    twin = alone.dataset.to_dict()
    assert twin.pop('pipeline') == [*steps, branches['sup']]
    assert twin == labelled
    assert alone.batch_size * 2 == semi.batch_size


def test_mild_set_differs_in_the_colours_alone():
    wide = load_config(f'{BASES}/defects_ssod_recipe.py')
    mild = load_config(f'{BASES}/defects_ssod_mild.py')
    as_mild = json.dumps(wide.train_dataloader.to_dict()).replace(
        json.dumps(wide.color_space), json.dumps(mild.color_space)
    )
    assert as_mild == json.dumps(mild.train_dataloader.to_dict())
    assert wide.color_space != mild.color_space


def test_recipe_turns_and_shears_and_ours_moves():
    spaces = {name: load_config(f'{BASES}/{name}.py').geometric for name in SSOD_BASES}
    kinds = {name: [op['type'] for (op,) in space] for name, space in spaces.items()}
    assert kinds['defects_ssod'] == ['TranslateX', 'TranslateY']
    assert kinds['defects_ssod_recipe'] == kinds['defects_ssod_mild'] == [*GEOMETRIC]


def tenths(low, high):
    return {value / 10 for value in range(low, high + 1)}


@pytest.mark.parametrize(
    ('name', 'magnitudes'),
    [
        (
            'defects_ssod',
            dict(
                Brightness=tenths(7, 14),
                Contrast=tenths(7, 15),
                Sharpness=tenths(7, 20),
                Posterize=tenths(0, 40),
            ),
        ),
        (
            'defects_ssod_mild',
            dict(
                # A magnitude is rounded: 1.25 itself is never reached.
                Brightness=tenths(8, 12),
                Contrast=tenths(8, 13),
                Sharpness=tenths(8, 15),
            ),
        ),
    ],
)
def test_drawn_magnitudes_are_tenths_of_the_range(name, magnitudes):
    np.random.seed(0)
    space = load_config(f'{BASES}/{name}.py').color_space
    drawn = {}
    for (settings,) in space:
        transform = TRANSFORMS.build(settings)
        drawn[settings['type']] = {transform._get_mag() for _ in range(3000)}
    assert {kind: drawn[kind] for kind in magnitudes} == magnitudes
    assert set(drawn) - set(magnitudes) == {'AutoContrast', 'Equalize'}


def test_posterize_leaves_one_to_four_bits_and_seldom_none():
    np.random.seed(0)
    transform = TRANSFORMS.build(dict(type='Posterize'))
    bits = Counter(math.ceil(transform._get_mag()) for _ in range(20_000))
    assert 0.008 < bits[0] / 20_000 < 0.018
    assert all(0.22 < bits[left] / 20_000 < 0.28 for left in (1, 2, 3, 4))


@pytest.mark.parametrize('name', ['defects_ssod', 'defects_ssod_mild'])
def test_one_colour_operation_is_chosen_and_then_done_with_its_chance(name):
    config = load_config(f'{BASES}/{name}.py')
    recoloured = TRANSFORMS.build(config.recoloured)
    done = Counter()
    for choice in recoloured.transforms:
        (transform,) = choice.transforms
        kind = type(transform).__name__
        transform._transform_img = lambda results, mag, kind=kind: done.update([kind])
    np.random.seed(0)
    number = 12_000
    for _ in range(number):
        recoloured({'img': np.zeros((2, 2, 3), np.uint8)})
    for (settings,) in config.color_space:
        expected = settings['prob'] / len(config.color_space)
        # 0.015 is five standard deviations of the largest share.
        assert done[settings['type']] / number == pytest.approx(expected, abs=0.015)


def rectangle():
    image = np.full((SIDE, SIDE, 3), 20, np.uint8)
    x1, y1, x2, y2 = BOX
    image[y1:y2, x1:x2] = 250
    return image


def extent(image):
    """Upright box (4,) of the bright pixels."""
    rows, columns = np.nonzero(image[..., 0] > 190)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


@pytest.mark.parametrize('kind', GEOMETRIC)
@pytest.mark.parametrize('sign', [0.0, 1.0])
def test_pixels_go_where_the_homography_says(kind, sign):
    settings = dict(type=kind, level=10, reversal_prob=sign)
    if not kind.startswith('Translate'):
        settings['max_mag'] = 10.0
    resize = dict(type='Resize', scale=(144, 144))
    weak = Compose([resize, dict(type='RandomFlip', prob=1.0)])
    results = weak({'img': rectangle(), 'img_shape': (SIDE, SIDE)})
    results = TRANSFORMS.build(settings)(results)
    box = bbox_project(
        torch.tensor([BOX], dtype=torch.float32),
        torch.from_numpy(results['homography_matrix']),
    )
    found = torch.tensor([extent(results['img'])], dtype=torch.float32)
    assert bbox_overlaps(box, found).item() > 0.93


def test_resize_and_flip_are_in_the_weak_homography():
    np.random.seed(0)
    weak = Compose(load_config(f'{BASES}/defects_ssod.py').weak)
    seen = Counter()
    for _ in range(60):
        results = weak({'img': rectangle(), 'img_shape': (SIDE, SIDE)})
        box = bbox_project(
            torch.tensor([BOX], dtype=torch.float32),
            torch.from_numpy(results['homography_matrix']),
        )
        found = torch.tensor([extent(results['img'])], dtype=torch.float32)
        assert bbox_overlaps(box, found).item() > 0.93
        assert 128 <= results['img_shape'][0] <= SIDE
        seen[results['flip_direction']] += 1
    assert set(seen) == {None, 'horizontal', 'vertical', 'diagonal'}


@pytest.mark.parametrize('name', SSOD_BASES)
def test_weak_boxes_moved_to_the_strong_view_match_its_own(name, load):
    config = load(name)
    leaf = config.train_dataloader.dataset.datasets[0]
    branches = copy.deepcopy(config.train_dataloader.dataset.datasets[1].pipeline[-1])
    leaf.pipeline = [*config.load_labelled, branches]
    np.random.seed(0)
    torch.manual_seed(0)
    dataset = DATASETS.build(leaf)
    compared = turned = 0
    for index in list(range(len(dataset))) * 15:
        samples = dataset[index]['data_samples']
        weak, strong = samples['unsup_teacher'], samples['unsup_student']
        matrix = strong.homography_matrix @ np.linalg.inv(weak.homography_matrix)
        turned += not np.allclose(np.diag(np.diag(matrix)[:2]), matrix[:2, :2])
        moved = bbox_project(
            weak.gt_instances.bboxes.tensor,
            torch.from_numpy(matrix).float(),
            strong.img_shape,
        )
        own = strong.gt_instances.bboxes.tensor
        assert len(own) == len(moved)
        kept = ((own[:, 2:] - own[:, :2]) > 1).all(dim=1)
        overlaps = bbox_overlaps(moved[kept], own[kept], is_aligned=True)
        assert (overlaps > 0.9).all()
        compared += len(overlaps)
    assert compared > 200
    # Rotate and the two Shears are three of the recipe's five.
    assert turned > 20 if name != 'defects_ssod' else turned == 0


@pytest.mark.parametrize(('source', 'branch'), [(0, 'sup'), (1, 'unsup_teacher')])
def test_broken_picture_is_replaced_from_its_own_source(
    source, branch, load, drawn_set, tmp_path
):
    root = shutil.copytree(drawn_set, tmp_path / 'set')
    leaves = load('defects_ssod').train_dataloader.dataset.datasets
    for leaf in leaves:
        leaf.update(data_root=str(root), max_bad_images=0.5)
    dataset = DATASETS.build(dict(type='ConcatDataset', datasets=leaves))
    index = len(dataset.datasets[0]) * source
    path = dataset.get_data_info(index)['img_path']
    Path(path).write_bytes(b'no picture')
    source_set = dataset.datasets[source]
    names = {source_set.get_data_info(i)['img_path'] for i in range(len(source_set))}
    sample = dataset[index]['data_samples'][branch]
    assert sample.img_path in names - {path}


@pytest.fixture(params=['neu_det', 'deeppcb'])
def real_set(request, tmp_path, monkeypatch):
    """Ten black pictures in the layout of the set, two of them for validation."""
    monkeypatch.setenv('MAXSIGHT_DATA', str(tmp_path))
    name = request.param
    classes = load_config(f'{BASES}/{name}_ssod.py').classes
    root = tmp_path / name
    (root / 'coco').mkdir(parents=True)
    images = [
        dict(id=i, file_name=f'pictures/{i}.png', width=200, height=200)
        for i in range(10)
    ]
    (root / 'pictures').mkdir()
    for image in images:
        picture = np.zeros((200, 200), np.uint8)
        cv2.imwrite(str(root / image['file_name']), picture)
    categories = [dict(id=i + 1, name=label) for i, label in enumerate(classes)]
    for kind, part in (('train', images[:8]), ('val', images[8:])):
        boxes = [
            dict(id=i, image_id=image['id'], category_id=1, bbox=[20, 30, 40, 50])
            for i, image in enumerate(part)
        ]
        data = dict(images=part, annotations=boxes, categories=categories)
        (root / f'coco/instances_{kind}.json').write_text(json.dumps(data))
    return name, root


def test_real_set_is_read_after_the_split_that_its_config_names(real_set):
    name, root = real_set
    config = load_config(f'{BASES}/{name}_ssod.py')
    with pytest.raises(DatasetNotFoundError, match=r'split_labelled\.py') as caught:
        DATASETS.build(config.train_dataloader.dataset)
    assert 'MAXSIGHT_DATA' in str(caught.value)
    write_split(root / 'coco/instances_train.json', 10, 0, root)
    (batch,) = first_batches(config)
    samples = batch['data_samples']
    # One labelled picture of eight has to fill four places.
    assert len({sample.img_id for sample in present(samples['sup'])}) == 1
    weak = present(samples['unsup_teacher'])
    assert len({sample.img_id for sample in weak}) == 4
    assert all('part_id' not in sample for sample in weak)
    validation = DATASETS.build(config.val_dataloader.dataset)
    assert len(validation) == 2
    assert validation[0]['data_samples'].img_shape == tuple(config.image_size)
    (batch,) = first_batches(load_config(f'{BASES}/{name}_supervised.py'))
    assert [len(sample.gt_instances) for sample in batch['data_samples']] == [1] * 4
