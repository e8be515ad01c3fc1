import cv2
import numpy as np
import pytest

from maxsight_mm.datasets import InvalidImageError, MaxSightCocoDataset
from maxsight_mm.registry import TRANSFORMS

LOAD = [
    {'type': 'LoadSafeImage'},
    {'type': 'LoadTaskAnnotations', 'with_bbox': True},
]
RESIZE = {'type': 'Resize', 'scale': (96, 80), 'keep_ratio': False}
FLIP = {'type': 'TaskRandomFlip', 'prob': 1.0}
CLIP = {'type': 'LoadClip'}


def dataset(root, steps, **options):
    return MaxSightCocoDataset(
        data_root=str(root),
        ann_file='annotations/train.json',
        clip_length=3,
        pipeline=[*LOAD, *steps],
        **options,
    )


def test_frames_are_oldest_first_and_the_last_is_the_image(street_clips):
    results = dataset(street_clips, [CLIP])[3]
    assert results['clip'].shape == (3, 120, 160, 3)
    assert results['clip'].dtype == np.uint8
    assert results['clip_valid'].tolist() == [True] * 3
    for slot, frame in enumerate((1, 2)):
        path = street_clips / f'images/train/00000{frame}.jpg'
        assert np.array_equal(results['clip'][slot], cv2.imread(str(path)))
    assert np.array_equal(results['clip'][-1], results['img'])


def test_short_start_repeats_the_oldest_frame(street_clips):
    data = dataset(street_clips, [CLIP])
    first, second = data[0], data[5]
    assert first['clip_valid'].tolist() == [False, False, True]
    assert all(np.array_equal(frame, first['img']) for frame in first['clip'])
    assert second['clip_valid'].tolist() == [False, True, True]
    assert np.array_equal(second['clip'][0], second['clip'][1])
    assert not np.array_equal(second['clip'][1], second['clip'][2])


def test_frames_before_are_moved_as_the_image_is(street_clips):
    steps = [FLIP, {'type': 'RandomZoom', 'factor': (1.2, 1.4), 'prob': 1}, RESIZE]
    data = dataset(street_clips, [*steps, CLIP])
    results = data.get_data_info(3)
    # The current frame stands for the frames before: both ways must agree.
    results['clip_frames'] = [{'img_path': results['img_path']}]
    np.random.seed(0)
    results = data.pipeline(results)
    assert results['clip'].shape == (3, 80, 96, 3)
    # The image was interpolated twice and at other places, the frame once.
    difference = np.abs(results['clip'][1].astype(int) - results['img']).mean()
    mirrored = np.abs(results['clip'][1][:, ::-1].astype(int) - results['img']).mean()
    assert difference < 4
    assert mirrored > 4 * difference


def test_resizing_alone_agrees_to_rounding(street_clips):
    data = dataset(street_clips, [RESIZE, CLIP])
    results = data.get_data_info(3)
    results['clip_frames'] = [{'img_path': results['img_path']}]
    results = data.pipeline(results)
    assert np.abs(results['clip'][1].astype(int) - results['img']).mean() < 1


def test_float_picture_becomes_whole_numbers(street_clips):
    colour = {'type': 'PhotoMetricDistortion'}
    np.random.seed(1)
    results = dataset(street_clips, [colour, CLIP])[3]
    assert results['clip'].dtype == np.uint8
    difference = results['clip'][-1] - results['img'].clip(0, 255)
    assert np.abs(difference).max() <= 0.5


def test_broken_frame_is_an_invalid_image(street_clips, tmp_path):
    data = dataset(street_clips, [CLIP], test_mode=True)
    results = data.get_data_info(3)
    (tmp_path / 'broken.jpg').write_bytes(b'no image')
    results['clip_frames'][0]['img_path'] = str(tmp_path / 'broken.jpg')
    with pytest.raises(InvalidImageError, match=r'broken\.jpg: not an image'):
        data.pipeline(results)


def test_frame_of_another_size_is_refused(street_clips, tmp_path):
    data = dataset(street_clips, [CLIP], test_mode=True)
    results = data.get_data_info(3)
    cv2.imwrite(str(tmp_path / 'small.png'), np.zeros((12, 16, 3), np.uint8))
    results['clip_frames'][0]['img_path'] = str(tmp_path / 'small.png')
    with pytest.raises(InvalidImageError, match='16 x 12, annotated as 160 x 120'):
        data.pipeline(results)


def test_flip_behind_the_clip_is_found_out(street_clips):
    with pytest.raises(ValueError, match='put LoadTaskMaps and LoadClip after'):
        dataset(street_clips, [CLIP, FLIP, {'type': 'PackTaskInputs'}])[3]


def test_length_must_be_known():
    with pytest.raises(ValueError, match=r'clip_length=T'):
        TRANSFORMS.build(CLIP)({'img': np.zeros((4, 4, 3), np.uint8)})


def test_single_picture_becomes_a_clip_of_itself():
    image = np.full((4, 4, 3), 7, np.uint8)
    results = TRANSFORMS.build({**CLIP, 'clip_length': 2})({'img': image})
    assert results['clip'].shape == (2, 4, 4, 3)
    assert results['clip_valid'].tolist() == [False, True]
