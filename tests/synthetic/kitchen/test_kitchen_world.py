import numpy as np
import pytest

from maxsight_mm.synthetic.kitchen import KitchenWorld, crew
from maxsight_mm.synthetic.kitchen.canvas import Canvas, Light
from maxsight_mm.synthetic.kitchen.hand_look import GLOVES, HandLook, draw_look
from maxsight_mm.synthetic.kitchen.hand_shape import POSES, make_hand
from maxsight_mm.synthetic.kitchen.kitchen_world import TROUBLES
from maxsight_mm.taxonomy.kitchen import KITCHEN_CLASSES, SCENARIOS

WITH, WITHOUT = 0, 1
LIGHT = Light(azimuth=1.0, slant=0.7, softness=1.0)


@pytest.fixture(scope='module')
def scenes():
    """Forty scenes of each scenario."""
    world = KitchenWorld(128, 112)
    return {name: [world.scene(i, name) for i in range(40)] for name in SCENARIOS}


def test_classes_are_in_the_order_of_the_labels():
    assert KITCHEN_CLASSES[WITH] == 'hand_with_glove'
    assert KITCHEN_CLASSES[WITHOUT] == 'hand_without_glove'


def test_a_scene_is_the_same_however_often_and_whatever_came_before(scenes):
    world = KitchenWorld(128, 112)
    world.scene(99, 'proper')
    again = world.scene(5, 'edge_case')
    np.testing.assert_array_equal(again.image, scenes['edge_case'][5].image)
    np.testing.assert_array_equal(again.boxes, scenes['edge_case'][5].boxes)
    other = world.scene(6, 'edge_case')
    assert (other.image != again.image).mean() > 0.3


@pytest.mark.parametrize('scenario', SCENARIOS)
def test_boxes_are_the_extents_of_the_masks(scenes, scenario):
    for scene in scenes[scenario]:
        assert scene.image.shape == (112, 128, 3) and scene.image.dtype == np.uint8
        assert len(scene.boxes) == len(scene.labels) == len(scene.masks)
        assert len(scene.looks) == len(scene.boxes)
        assert not (scene.masks.sum(axis=0) > 1).any()
        for (x0, y0, x1, y1), mask in zip(scene.boxes, scene.masks, strict=True):
            inside = mask[y0:y1, x0:x1]
            assert inside.sum() == mask.sum() > 20
            for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
                assert edge.any()


def test_scenarios_show_what_they_say(scenes):
    for scene in scenes['background']:
        assert not len(scene.boxes)
    for scene in scenes['proper']:
        assert 1 <= len(scene.boxes) <= 3 and set(scene.labels) == {WITH}
    for scene in scenes['violation']:
        assert 1 <= len(scene.boxes) <= 3 and WITHOUT in scene.labels
        assert not any(look.torn for look in scene.looks)
    for name in ('background', 'proper', 'violation'):
        assert not any(scene.troubles for scene in scenes[name])
    found = {trouble for scene in scenes['edge_case'] for trouble in scene.troubles}
    assert found == set(TROUBLES)
    assert {look.glove for scene in scenes['proper'] for look in scene.looks} == set(
        GLOVES
    )


def test_a_torn_glove_is_no_glove(scenes):
    torn = [scene for scene in scenes['edge_case'] if 'torn' in scene.troubles]
    assert torn
    for scene in torn:
        assert scene.looks[0].torn and scene.looks[0].glove
        assert scene.labels[0] == WITHOUT
    for scene in scenes['edge_case']:
        for look, label in zip(scene.looks, scene.labels, strict=True):
            assert (label == WITH) == (look.glove is not None and not look.torn)


def test_equipment_only_has_no_food(monkeypatch):
    drawn = []

    def food(rng, canvas, at, size):
        drawn.append(size)

    module = 'maxsight_mm.synthetic.kitchen.kitchen_world.FOODS'
    monkeypatch.setattr(module, (food,))
    world = KitchenWorld(96, 96)
    for seed in range(10):
        assert not len(world.scene(seed, 'background', equipment_only=True).boxes)
    assert not drawn
    for seed in range(10):
        world.scene(seed, 'background')
    assert drawn


@pytest.mark.parametrize('seed', range(8))
def test_masks_are_where_a_blue_glove_is_seen(monkeypatch, seed):
    """Against the picture: grey below, a bare forearm, nothing in the hand."""
    monkeypatch.setattr(crew, 'draw_sleeve', lambda rng: (np.ones(3), 99.0))
    monkeypatch.setattr(crew, 'tool', lambda *_: None)
    canvas = Canvas(np.full((160, 160, 3), 0.5, np.float32), LIGHT)
    look = HandLook('blue', np.array([0.8, 0.5, 0.4]), np.array([0, 0.2, 1]))
    hands = crew.Crew(canvas)
    hands.add(np.random.default_rng(seed), look)
    (mask,) = hands.visible_masks()
    red, blue = canvas.image[..., 0], canvas.image[..., 2]
    seen = blue > red + 0.15
    both = (seen & mask).sum()
    assert both / (seen | mask).sum() > 0.85
    rows, columns = np.nonzero(mask)
    other_rows, other_columns = np.nonzero(seen)
    for own, other in ((rows, other_rows), (columns, other_columns)):
        assert abs(own.min() - other.min()) <= 2 and abs(own.max() - other.max()) <= 2


def test_enough_of_every_hand_and_every_hole_is_seen():
    light = Canvas(np.full((160, 160, 3), 0.5, np.float32), LIGHT)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        canvas = Canvas(light.image.copy(), LIGHT)
        hands = crew.Crew(canvas)
        for look in crew.draw_looks(rng, 'edge_case', torn=True):
            hands.add(rng, look)
        hands.cover_one(rng)
        for index, (area, hole) in enumerate(hands._areas):
            visible = (np.abs(canvas.owners) == index + 1).sum()
            assert visible >= crew.LEAST_VISIBLE * area
            if hands.looks[index].torn:
                shown = (canvas.owners == -index - 1).sum()
                assert shown >= crew.LEAST_VISIBLE * hole
                assert shown >= crew.LEAST_TORN * area


@pytest.mark.parametrize('pose', POSES)
def test_hands_of_every_pose_are_as_large_as_asked_and_point_ahead(pose):
    rng = np.random.default_rng(0)
    at = np.array([50.0, 60.0])
    for _ in range(5):
        form = make_hand(rng, at, scale=40.0, angle=0.0, pose=pose)
        points = np.concatenate([o for part in form.parts for o in part.outlines])
        extent = np.ptp(points, axis=0)
        assert np.isfinite(points).all() and len(form.parts) == 6
        # Half a palm to three palms in each direction.
        assert (extent > 20).all() and (extent < 120).all()
        # Fingers to the right, the wrist to the left.
        assert form.wrist[0] < at[0] < form.tips[:, 0].max()
        assert form.outward @ (1, 0) < -0.99


def test_bare_hands_wear_nothing_and_skins_differ():
    rng = np.random.default_rng(0)
    looks = [draw_look(rng, gloved=False) for _ in range(50)]
    assert all(look.glove is None and look.colour is look.skin for look in looks)
    brightness = [look.skin.mean() for look in looks]
    assert min(brightness) < 0.3 < 0.7 < max(brightness)


def test_small_and_oblong_pictures_are_drawn():
    for width, height in ((96, 96), (200, 96), (96, 256)):
        for seed, name in enumerate(SCENARIOS):
            scene = KitchenWorld(width, height).scene(seed, name)
            assert scene.image.shape == (height, width, 3)


@pytest.mark.parametrize('size', [(95, 160), (160, 1025)])
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match='96 to 1024 pixels, got'):
        KitchenWorld(*size)


def test_an_unknown_scenario_is_refused():
    with pytest.raises(ValueError, match="scenario must be one of .*'party'"):
        KitchenWorld().scene(0, 'party')
