import numpy as np
import pytest

from maxsight_mm.registry import TRANSFORMS

DISTORTION = {'type': 'PhotoMetricDistortion'}
CONDITION = {'type': 'SimulateCondition', 'prob': 1.0}


def built(transform):
    return TRANSFORMS.build({'type': 'ChangeColours', 'transform': transform})


def sample(length=3):
    image = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    return {'img': image, 'clip': np.stack([image] * length), 'gt_tasks': {}}


@pytest.mark.parametrize('transform', [DISTORTION, CONDITION])
def test_frames_alike_stay_alike(transform):
    """Every frame is the image here, and has to be after the change."""
    step = built(transform)
    for seed in range(8):
        np.random.seed(seed)
        results = step(sample())
        expected = np.clip(np.rint(results['img']), 0, 255)
        assert results['clip'].dtype == np.uint8
        for frame in results['clip']:
            np.testing.assert_array_equal(frame, expected)
    assert not np.array_equal(results['clip'], sample()['clip'])


def test_draws_go_on_as_without_a_clip():
    step, after = built(DISTORTION), []
    for data in (sample(), {'img': sample()['img']}):
        np.random.seed(3)
        step(data)
        after.append(np.random.rand())
    assert after[0] == after[1]


def test_label_of_the_change_is_that_of_the_image():
    np.random.seed(0)
    results = built(CONDITION)(sample())
    assert (results['gt_tasks']['condition_severity'] > 0).sum() == 1


def test_picture_without_a_clip_is_changed_too():
    np.random.seed(0)
    results = built(CONDITION)({'img': sample()['img']})
    assert 'clip' not in results
    assert not np.array_equal(results['img'], sample()['img'])
