import cv2
import numpy as np
import pytest

from maxsight_mm.datasets import InvalidImageError, MaxSightCocoDataset
from maxsight_mm.registry import TRANSFORMS
from maxsight_mm.synthetic import map_files

LOAD = [
    {'type': 'LoadSafeImage'},
    {'type': 'LoadTaskAnnotations', 'with_bbox': True},
]
RESIZE = {'type': 'Resize', 'scale': (96, 80), 'keep_ratio': False}
FLIP = {'type': 'TaskRandomFlip', 'prob': 1.0}
CLIP = {'type': 'LoadClip'}
MAPS = {'type': 'LoadTaskMaps'}


def street(root, *steps):
    return MaxSightCocoDataset(
        data_root=str(root),
        ann_file='annotations/train.json',
        clip_length=2,
        pipeline=[*LOAD, *steps],
    )


def sample(tmp_path, depth=None, flow=None, occlusion=None):
    """Results of a frame of 6 x 4 pixels with hand-made maps."""
    results = {
        'img': np.zeros((4, 6, 3), np.uint8),
        'ori_shape': (4, 6),
        'img_shape': (4, 6),
        'frame_id': 3,
        'instances': [],
        'gt_tasks': {},
    }
    frame = {'frame_id': 2}
    if depth is not None:
        map_files.write_depth(tmp_path / 'd.png', np.asarray(depth, np.float32))
        results['gt_tasks']['depth_file'] = str(tmp_path / 'd.png')
    if flow is not None:
        map_files.write_flow(tmp_path / 'f.png', np.asarray(flow, np.float32))
        frame['flow_file'] = str(tmp_path / 'f.png')
    if occlusion is not None:
        map_files.write_occlusion(tmp_path / 'o.png', occlusion)
        frame['occlusion_file'] = str(tmp_path / 'o.png')
    results['clip_frames'] = [frame]
    return results


def run(results, *steps):
    for step in steps:
        results = TRANSFORMS.build(step)(results)
    return results


def test_maps_as_stored_where_nothing_moved(tmp_path):
    depth = 1 + np.arange(24).reshape(4, 6) / 8
    flow = np.dstack([depth, -depth])
    tasks = run(sample(tmp_path, depth, flow), MAPS)['gt_tasks']
    assert tasks['depth'].shape == (1, 4, 6)
    assert tasks['depth'].dtype == tasks['flow'].dtype == np.float32
    np.testing.assert_allclose(tasks['depth'][0], depth, atol=5e-4)
    np.testing.assert_array_equal(tasks['flow'], flow.transpose(2, 0, 1))


def test_flip_mirrors_the_maps_and_turns_the_motion_round(tmp_path):
    depth = 1 + np.arange(24).reshape(4, 6) / 8
    flow = np.dstack([depth, depth / 2])
    flip = {'type': 'RandomFlip', 'prob': 1.0}
    tasks = run(sample(tmp_path, depth, flow), flip, MAPS)['gt_tasks']
    np.testing.assert_allclose(tasks['depth'][0], depth[:, ::-1], atol=5e-4)
    np.testing.assert_array_equal(tasks['flow'][0], -flow[:, ::-1, 0])
    np.testing.assert_array_equal(tasks['flow'][1], flow[:, ::-1, 1])


def test_motion_is_in_pixels_of_the_network_input_and_depth_in_metres(tmp_path):
    results = sample(tmp_path, np.full((4, 6), 5.0), np.full((4, 6, 2), 4.0))
    resize = {'type': 'Resize', 'scale': (12, 2), 'keep_ratio': False}
    tasks = run(results, resize, MAPS)['gt_tasks']
    assert tasks['flow'].shape == (2, 2, 12)
    assert np.unique(tasks['flow'][0]).tolist() == [8.0]
    assert np.unique(tasks['flow'][1]).tolist() == [2.0]
    assert np.unique(tasks['depth']).tolist() == [5.0]


def test_zoom_brings_depth_nearer_and_its_border_is_unknown(tmp_path):
    results = sample(tmp_path, np.full((4, 6), 5.0), np.ones((4, 6, 2)))
    zoom = {'type': 'RandomZoom', 'factor': (0.5, 0.5), 'prob': 1}
    tasks = run(results, zoom, MAPS)['gt_tasks']
    known = np.isfinite(tasks['depth'][0])
    assert known.sum() == 6
    assert np.unique(tasks['depth'][0][known]).tolist() == [10.0]
    assert np.unique(tasks['flow'][:, known]).tolist() == [0.5]
    assert np.isnan(tasks['flow'][:, ~known]).all()


def test_holes_and_invalid_motion_are_unknown(tmp_path):
    depth, flow = np.full((4, 6), 5.0), np.zeros((4, 6, 2))
    depth[1, 2] = 0
    flow[2, 3] = 1e6
    tasks = run(sample(tmp_path, depth, flow), MAPS)['gt_tasks']
    assert np.argwhere(np.isnan(tasks['depth'][0])).tolist() == [[1, 2]]
    assert np.argwhere(np.isnan(tasks['flow'][0])).tolist() == [[2, 3]]


@pytest.mark.parametrize(('option', 'unknown'), [('keep', 0), ('ignore', 1)])
def test_hidden_points_are_kept_or_ignored(tmp_path, option, unknown):
    hidden = np.zeros((4, 6), bool)
    hidden[0, 5] = True
    results = sample(tmp_path, flow=np.zeros((4, 6, 2)), occlusion=hidden)
    tasks = run(results, {**MAPS, 'flow_occluded': option})['gt_tasks']
    assert np.isnan(tasks['flow'][0]).sum() == unknown


def test_only_the_frame_right_before_gives_flow(tmp_path):
    results = sample(tmp_path, flow=np.zeros((4, 6, 2)))
    results['frame_id'] = 4
    assert 'flow' not in run(results, MAPS)['gt_tasks']
    del results['clip_frames']
    assert 'flow' not in run(results, MAPS)['gt_tasks']


def test_unwanted_maps_are_not_read(tmp_path):
    results = sample(tmp_path, np.ones((4, 6)))
    assert 'depth' not in run(results, {**MAPS, 'maps': ['flow']})['gt_tasks']


def test_map_of_another_size_or_kind_is_an_invalid_image(tmp_path):
    results = sample(tmp_path, np.ones((4, 6)))
    results['ori_shape'] = (8, 6)
    with pytest.raises(InvalidImageError, match='the map is 6 x 4, its image 6 x 8'):
        run(results, MAPS)
    results = sample(tmp_path, np.ones((4, 6)))
    cv2.imwrite(str(tmp_path / 'd.png'), np.zeros((4, 6), np.uint8))
    with pytest.raises(InvalidImageError, match='expected uint16 with 2 axes'):
        run(results, MAPS)
    (tmp_path / 'd.png').unlink()
    with pytest.raises(InvalidImageError, match=r'd\.png: cannot be read'):
        run(results, MAPS)


@pytest.mark.parametrize('option', [{'maps': ['normals']}, {'flow_occluded': 'drop'}])
def test_options_are_checked(option):
    with pytest.raises(ValueError, match='must be'):
        TRANSFORMS.build({**MAPS, **option})


def warp_error(results):
    """Mean grey difference of the frame before to the image, warped and not."""
    before, image = results['clip'].astype(np.float32)
    flow = results['gt_tasks']['flow']
    height, width = flow.shape[1:]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    to_x, to_y = (x + flow[0]), (y + flow[1])
    seen = np.isfinite(to_x) & (to_x > 0) & (to_x < width - 1)
    seen &= (to_y > 0) & (to_y < height - 1)
    place = [np.nan_to_num(v).astype(np.float32) for v in (to_x, to_y)]
    warped = cv2.remap(image, *place, cv2.INTER_LINEAR)
    still = np.abs(before - image)[seen].mean()
    return np.abs(before - warped)[seen].mean(), still


@pytest.mark.parametrize('steps', [[], [RESIZE], [FLIP], [FLIP, RESIZE]])
def test_flow_carries_the_frame_before_onto_the_current_one(street_clips, steps):
    maps = {**MAPS, 'flow_occluded': 'ignore'}
    data = street(street_clips, *steps, CLIP, maps)
    warped, still = np.array([warp_error(data[i]) for i in (1, 2, 3, 5, 6, 7)]).T
    # Fog, glare and noise do not move with the surfaces.
    assert warped.mean() < 0.6 * still.mean()


def test_flipped_street_depth_is_the_mirrored_one(street_clips):
    plain = street(street_clips, MAPS)[2]['gt_tasks']['depth']
    flipped = street(street_clips, FLIP, MAPS)[2]['gt_tasks']['depth']
    assert np.array_equal(flipped, plain[..., ::-1])
    assert np.isfinite(plain).all()
