import numpy as np
import pytest
import torch

from maxsight_mm.evaluation.sample_reader import is_image_urgency_heuristic
from maxsight_mm.registry import TRANSFORMS
from maxsight_mm.structures import TaskSample

LOAD = {'type': 'LoadTaskAnnotations', 'with_bbox': True}
PACK = {'type': 'PackTaskInputs'}


def run(results, *steps):
    for step in steps:
        results = TRANSFORMS.build(step)(results)
    return results


def test_labels_are_packed_beside_their_boxes(results):
    image = results['img']
    packed = run(results, LOAD, PACK)
    sample = packed['data_samples']
    assert isinstance(sample, TaskSample)
    # (H, W, C) -> (C, H, W)
    assert torch.equal(packed['inputs'], torch.from_numpy(image).permute(2, 0, 1))
    gt = sample.gt_instances
    assert gt.labels.tolist() == [0, 2]
    assert gt.zones.tolist() == [1, -1]
    assert gt.urgencies.tolist() == [2, -1]
    assert gt.distances_m.tolist() == [3.0, 9.0]
    assert (gt.zones.dtype, gt.distances_m.dtype) == (torch.int64, torch.float32)
    assert sample.metainfo['focal_px'] == 90.0


def test_crowds_go_to_the_ignored_with_their_labels(results):
    ignored = run(results, LOAD, PACK)['data_samples'].ignored_instances
    assert ignored.labels.tolist() == [1]
    assert ignored.zones.tolist() == [2]
    assert ignored.zones_heuristic.tolist() == [True]
    assert 'distances_m' not in ignored


def test_field_nobody_labelled_is_absent(results):
    for instance in results['instances']:
        instance.pop('zone', None)
        instance.pop('zone_source', None)
    gt = run(results, LOAD, PACK)['data_samples'].gt_instances
    assert 'zones' not in gt
    assert 'findabilities' not in gt
    assert 'distances_m' in gt


def test_image_labels_become_tensors_and_relations_count_the_kept(results):
    results['heuristic_tasks'] = ('urgency',)
    tasks = run(results, LOAD, PACK)['data_samples'].gt_tasks
    assert torch.equal(tasks.urgency, torch.tensor([2]))
    assert torch.equal(tasks.glare, torch.tensor([0.5]))
    assert tasks.lighting == 'day'
    # Object 1 is ignored: object 2 becomes 1, and its relation to 1 is lost.
    assert tasks.relations == [[0, 'left of', 1]]
    assert tasks.metainfo['heuristic'] == ('urgency',)


def test_heuristic_marks_survive_the_way_to_the_metrics(results):
    results['heuristic_tasks'] = ('urgency', 'glare')
    del results['tasks']['glare']
    results['instances'][1]['ignore_flag'] = 0
    sample = run(results, LOAD, PACK)['data_samples'].to('cpu').to_dict()
    assert sample['gt_tasks']['heuristic'] == ('urgency',)
    marks = sample['gt_instances']['zones_heuristic']
    assert marks.tolist() == [False, True, False]
    assert is_image_urgency_heuristic(sample)


@pytest.mark.parametrize('written', [1, 1.0])
def test_a_task_has_one_type_however_its_number_is_written(results, written):
    names = ('glare', 'contrast', 'urgency')
    results['tasks'] = dict.fromkeys(names, written)
    tasks = run(results, LOAD, PACK)['data_samples'].gt_tasks
    assert [tasks.get(name).dtype for name in names] == [
        torch.float32,
        torch.float32,
        torch.int64,
    ]
    assert [tasks.get(name).tolist() for name in names] == [[1]] * 3


def test_task_of_no_known_type_is_kept_as_written(results):
    results['tasks'] = {'people': 3, 'haze': 0.5}
    tasks = run(results, LOAD, PACK)['data_samples'].gt_tasks
    assert (tasks.people.dtype, tasks.haze.dtype) == (torch.int64, torch.float32)


def test_image_without_objects_or_labels_packs(results):
    results.update(instances=[], tasks={})
    sample = run(results, LOAD, PACK)['data_samples']
    assert len(sample.gt_instances.bboxes) == 0
    assert 'zones' not in sample.gt_instances
    assert len(sample.gt_tasks.keys()) == 0


def test_crop_of_another_package_is_found_out(results):
    np.random.seed(0)
    crop = {'type': 'RandomCrop', 'crop_size': (30, 30), 'allow_negative_crop': True}
    with pytest.raises(ValueError, match=r'a\.png: \d boxes but 3 zones: .*RandomZoom'):
        run(results, LOAD, crop, PACK)


def test_resizing_of_another_package_leaves_the_labels_alone(results):
    resize = {'type': 'Resize', 'scale': (50, 40), 'keep_ratio': False}
    gt = run(results, LOAD, resize, PACK)['data_samples'].gt_instances
    assert gt.bboxes.tensor[0].tolist() == [5, 5, 15, 25]
    assert gt.zones.tolist() == [1, -1]


def test_clip_and_sound_are_packed_beside_the_image(results):
    clip = np.stack([results['img'] // 2, results['img']])
    results.update(clip=clip, clip_valid=np.array([False, True]))
    results['audio'] = np.ones((2, 5), np.float32)
    step = {**PACK, 'modalities': ('img', 'clip', 'audio')}
    inputs = run(results, LOAD, step)['inputs']
    assert inputs.keys() == {'img', 'clip', 'clip_valid', 'audio'}
    assert torch.equal(inputs['clip'][1], inputs['img'])
    assert torch.equal(inputs['clip'][0], inputs['img'] // 2)
    assert inputs['clip'].dtype == torch.uint8
    assert inputs['clip_valid'].tolist() == [False, True]
    assert torch.equal(inputs['audio'], torch.ones(2, 5))


def test_modality_that_nobody_loaded_is_named(results):
    with pytest.raises(ValueError, match=r'a\.png: no audio to pack; put LoadAudio'):
        run(results, LOAD, {**PACK, 'modalities': ('img', 'audio')})


@pytest.mark.parametrize('modalities', [('img', 'lidar'), ('clip',), ()])
def test_modalities_are_checked(modalities):
    with pytest.raises(ValueError, match="modalities must be 'img' and others"):
        TRANSFORMS.build({**PACK, 'modalities': modalities})


def test_maps_and_arrays_of_any_task_become_tensors(results):
    results['tasks'] = {'depth': np.full((1, 80, 100), np.nan, np.float32)}
    results['tasks']['concepts'] = np.array([1, 0])[::-1]
    tasks = run(results, LOAD, PACK)['data_samples'].gt_tasks
    assert (tasks.depth.shape, tasks.depth.dtype) == ((1, 80, 100), torch.float32)
    assert torch.equal(tasks.concepts, torch.tensor([0, 1]))
