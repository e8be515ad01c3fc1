import numpy as np
import pytest

from maxsight_mm.datasets.transforms import SimulateCondition
from maxsight_mm.datasets.transforms.vision_conditions import CONDITION_TABLE, simulate
from maxsight_mm.registry import TRANSFORMS
from maxsight_mm.taxonomy.conditions import CONDITIONS


def picture():
    rng = np.random.default_rng(0)
    return np.repeat(np.repeat(rng.integers(0, 256, (12, 16, 3), np.uint8), 5, 0), 5, 1)


def results():
    return {'img': picture(), 'gt_tasks': {'lighting': 'day'}, 'img_path': 'a.png'}


@pytest.mark.parametrize('name', CONDITIONS)
def test_each_condition_is_a_picture_of_its_own(name):
    assert np.array_equal(simulate(picture(), name, 0.0), picture())
    seen = simulate(picture(), name, 0.6, seed=1)
    assert np.array_equal(seen, simulate(picture(), name, 0.6, seed=1))
    assert np.abs(seen.astype(int) - picture()).mean() > 1
    for other in CONDITIONS:
        if other != name:
            assert not np.array_equal(seen, simulate(picture(), other, 0.6, seed=1))


def test_table_is_in_the_order_of_the_labels():
    assert tuple(CONDITION_TABLE) == CONDITIONS and len(CONDITIONS) == 13


def test_label_says_which_and_how_severe():
    np.random.seed(0)
    step = TRANSFORMS.build(
        dict(
            type='SimulateCondition', conditions=['cvi'], prob=1.0, severity=(0.5, 0.5)
        )
    )
    data = step(results())
    expected = np.zeros(13, np.float32)
    expected[CONDITIONS.index('cvi')] = 0.5
    label = data['gt_tasks']['condition_severity']
    assert label.dtype == np.float32 and np.array_equal(label, expected)
    assert data['gt_tasks']['lighting'] == 'day'
    assert not np.array_equal(data['img'], picture())


def test_healthy_image_is_labelled_healthy():
    data = SimulateCondition(prob=0.0)(results())
    assert np.array_equal(data['img'], picture())
    assert not data['gt_tasks']['condition_severity'].any()


def test_draws_follow_the_seed_of_numpy_and_reach_every_condition():
    step = SimulateCondition(prob=0.7, severity=(0.2, 0.9))

    def labels(seed, count):
        np.random.seed(seed)
        small = {'img': np.zeros((8, 8, 3), np.uint8)}
        return np.stack(
            [step(dict(small))['gt_tasks']['condition_severity'] for _ in range(count)]
        )

    drawn = labels(3, 300)
    assert np.array_equal(drawn[:20], labels(3, 20))
    assert ((drawn > 0).sum(axis=0) > 5).all() and (drawn > 0).sum(axis=1).max() == 1
    assert 0.6 < (drawn > 0).any(axis=1).mean() < 0.8
    assert drawn[drawn > 0].min() >= 0.2 and drawn.max() <= 0.9


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(conditions=['gout']), 'gout'),
        (dict(conditions=[]), 'conditions must be'),
        (dict(severity=(0.8, 0.2)), 'severity must be'),
        (dict(prob=1.5), 'prob must lie'),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        SimulateCondition(**options)


def test_wrong_images_and_severities_are_refused():
    with pytest.raises(ValueError, match='uint8'):
        SimulateCondition()({'img': np.zeros((8, 8, 3), np.int32)})
    with pytest.raises(ValueError, match='severity must lie'):
        simulate(picture(), 'myopia', 1.2)
    with pytest.raises(ValueError, match='unknown condition'):
        simulate(picture(), 'gout', 0.2)


def test_floats_are_seen_as_their_whole_numbers_are():
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    seen = []
    for dtype in (np.uint8, np.float32):
        np.random.seed(0)
        results = SimulateCondition(prob=1.0)({'img': image.astype(dtype)})
        assert results['img'].dtype == dtype
        seen.append(results['img'])
    assert np.array_equal(seen[0], seen[1])


def test_an_image_looks_the_same_in_every_test():
    step = SimulateCondition(prob=0.9, seed_by_image=True)
    first = [step(results() | {'img_id': i}) for i in range(40)]
    np.random.seed(1)
    again = [step(results() | {'img_id': i}) for i in range(40)]
    for one, two in zip(first, again, strict=True):
        assert np.array_equal(one['img'], two['img'])
    labels = np.stack([data['gt_tasks']['condition_severity'] for data in first])
    assert (labels.max(axis=0) > 0).sum() > 8
    assert not labels.any(axis=1).all()


def test_a_seed_by_image_leaves_the_draws_of_others_alone():
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    SimulateCondition(seed_by_image=True)(results())
    assert np.random.rand() == expected
