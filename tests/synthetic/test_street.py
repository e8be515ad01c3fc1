"""The street world: determinism, shapes, settings, shares of its labels."""

import numpy as np
import pytest

from maxsight_mm.synthetic.street import (
    LIGHTINGS,
    STREET_CLASSES,
    StreetConfig,
    StreetWorld,
)
from maxsight_mm.taxonomy import by_name

SMALL = StreetConfig(height=120, width=160)


def same(a, b):
    """Whether two frames are equal in every field."""
    for name, value in vars(a).items():
        other = getattr(b, name)
        if name == 'texts':
            assert [(t.text, t.object_index) for t in value] == [
                (t.text, t.object_index) for t in other
            ]
        elif isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, other, err_msg=name)
        else:
            assert value == other, name


def test_same_seed_gives_the_same_frame_in_another_world():
    same(StreetWorld(SMALL).frame(7), StreetWorld(SMALL).frame(7))


def test_seeds_differ():
    world = StreetWorld(SMALL)
    assert (world.frame(1).image != world.frame(2).image).mean() > 0.3


def test_a_frame_does_not_depend_on_how_many_are_asked_for():
    world = StreetWorld(SMALL)
    long = world.clip(11, 4)
    short = world.clip(11, 2)
    same(long[0], world.frame(11))
    same(long[1], short[1])


def test_global_random_state_is_left_alone():
    np.random.seed(5)
    expected = np.random.RandomState(5).rand()
    StreetWorld(SMALL).frame(3)
    assert np.random.rand() == expected


def test_shapes_and_dtypes():
    frame = StreetWorld(SMALL).frame(4)
    n = len(frame.names)
    assert n > 0
    assert frame.image.shape == (120, 160, 3) and frame.image.dtype == np.uint8
    assert frame.boxes.shape == (n, 4) and frame.boxes.dtype == np.float32
    assert frame.depth.shape == (120, 160) and frame.depth.dtype == np.float32
    assert frame.flow.shape == (120, 160, 2) and frame.flow.dtype == np.float32
    assert frame.occlusion.shape == (120, 160) and frame.occlusion.dtype == bool
    assert frame.instance_map.dtype == np.int32
    for field in ('zones', 'urgencies', 'track_ids'):
        assert getattr(frame, field).shape == (n,)
        assert getattr(frame, field).dtype == np.int64
    for field in ('distances_m', 'findability', 'time_to_contact_s', 'visibility'):
        assert getattr(frame, field).shape == (n,)
        assert getattr(frame, field).dtype == np.float32
    assert np.isfinite(frame.flow).all() and np.isfinite(frame.depth).all()
    assert frame.depth.min() > 0 and frame.depth.max() <= SMALL.far_m
    assert frame.focal_px == pytest.approx(80 / np.tan(np.radians(33)))


def test_every_class_is_in_the_class_table():
    assert len(set(STREET_CLASSES)) == len(STREET_CLASSES) == 24
    assert all(by_name(name).name == name for name in STREET_CLASSES)


def test_classes_urgencies_lights_and_zones_all_occur():
    world = StreetWorld(StreetConfig(height=180, width=240))
    names, objects, images, lights, zones = {}, [], [], set(), set()
    for seed in range(120):
        frame = world.frame(seed)
        for name in frame.names:
            names[name] = names.get(name, 0) + 1
        objects.extend(frame.urgencies.tolist())
        images.append(frame.urgency)
        lights.add(frame.lighting)
        zones.update(frame.zones.tolist())
        assert frame.urgency == max(frame.urgencies.tolist(), default=0)
    assert set(names) == set(STREET_CLASSES)
    assert max(names, key=names.get) == 'person'
    image_shares = np.bincount(images, minlength=4) / len(images)
    object_shares = np.bincount(objects, minlength=4) / len(objects)
    assert image_shares.min() >= 0.08
    assert 0.01 <= object_shares[3] < object_shares[1]
    assert lights == set(LIGHTINGS)
    assert zones == {0, 1, 2}


def test_an_empty_world_has_no_objects_and_is_safe():
    frame = StreetWorld(StreetConfig(height=96, width=128, max_objects=0)).frame(0)
    assert frame.names == [] and frame.boxes.shape == (0, 4)
    assert frame.urgency == 0 and frame.relations == []
    assert not frame.instance_map.any()
    assert frame.caption.endswith('nothing near.')


def test_max_objects_is_kept():
    world = StreetWorld(StreetConfig(height=96, width=128, max_objects=3))
    assert all(len(world.frame(seed).names) <= 3 for seed in range(8))


def test_night_is_darker_than_day():
    world = StreetWorld(SMALL)
    means = {}
    for seed in range(40):
        frame = world.frame(seed)
        means.setdefault(frame.lighting, []).append(frame.image.mean())
    assert np.mean(means['night']) < 0.7 * np.mean(means['day'])


@pytest.mark.parametrize(
    'setting',
    [
        {'height': 10},
        {'width': 0},
        {'width': 320.5},
        {'height': True},
        {'fps': 0},
        {'fps': float('nan')},
        {'hfov_deg': 180},
        {'max_objects': -1},
        {'far_m': '100'},
    ],
)
def test_a_bad_setting_is_named(setting):
    with pytest.raises(ValueError, match=next(iter(setting))):
        StreetConfig(**setting)


def test_bad_arguments_are_refused():
    world = StreetWorld(SMALL)
    with pytest.raises(ValueError, match='num_frames'):
        world.clip(0, 0)
    with pytest.raises(ValueError, match='seed'):
        world.frame(-1)
    with pytest.raises(ValueError, match='duration_s'):
        world.sound(0, 0.0)
