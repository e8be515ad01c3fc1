"""Urgency, relations, captions, texts and COCO JSON of the street world."""

import json
import math

import numpy as np
import pytest

from maxsight_mm.synthetic import furniture
from maxsight_mm.synthetic.camera import Walk
from maxsight_mm.synthetic.relations import PREDICATES, Extent, describe, relate
from maxsight_mm.synthetic.street import (
    STREET_CLASSES,
    StreetConfig,
    StreetWorld,
    to_coco,
)
from maxsight_mm.synthetic.urgency import contact, urgency_of

IDS = {name: i for i, name in enumerate(STREET_CLASSES, start=1)}
WALK = Walk(0.0, 1.6, 1.4, 0.1, 0.0, 0.0, bob_m=0.0, sway_rad=0.0)


@pytest.fixture(scope='module')
def frames():
    world = StreetWorld()
    return [world.frame(seed) for seed in range(40, 60)]


def bollard(x, z, velocity=(0.0, 0.0), name='bollard'):
    actor = furniture.bollard(np.random.default_rng(0), x, z)
    actor.velocity, actor.name = velocity, name
    return actor


def meet(actor, time_s=0.0):
    camera = WALK.camera_at(time_s, 240.0, 240, 320)
    return contact(actor, time_s, camera, WALK.speed_mps)


def level(actor):
    x, _, z = actor.position
    return urgency_of(actor.name, actor.moving, math.hypot(x, z), meet(actor))


def test_contact_with_a_standing_thing():
    ahead = meet(bollard(0.0, 4.2))
    assert ahead.time_s == pytest.approx(3.0)
    assert ahead.gap_m == 0.0
    assert meet(bollard(0.0, 4.2), time_s=1.0).time_s == pytest.approx(2.0)
    assert meet(bollard(1.5, 4.2)).gap_m == pytest.approx(1.4, abs=0.05)


def test_contact_with_what_comes_and_goes():
    assert meet(bollard(0, 4.2, (0.0, -1.4))).time_s == pytest.approx(1.5)
    assert meet(bollard(0, 4.2, (0.0, 1.4))).time_s == math.inf
    assert meet(bollard(0, -3.0)).time_s == math.inf
    # Two metres to the side and 1.4 s to go: it is on the line when we arrive.
    assert meet(bollard(2.0, 1.96, (-1.4, 0.0))).gap_m == pytest.approx(0, abs=0.1)
    assert meet(bollard(2.0, 1.96, (1.4, 0.0))).gap_m > 3


@pytest.mark.parametrize(
    ('z', 'expected'), [(2.8, 3), (3.5, 2), (6.0, 2), (7.0, 1), (9.0, 1), (10.0, 0)]
)
def test_urgency_of_a_bollard_in_the_path_by_distance(z, expected):
    """Default urgency 1: a horizon of 2.25 s, which is 3.15 m at 1.4 m/s."""
    assert level(bollard(0.0, z)) == expected


def test_urgency_beside_the_path_and_by_class():
    assert level(bollard(1.5, 1.6)) == 1
    assert level(bollard(1.5, 6.0)) == 0
    assert level(bollard(0.0, 5.0, name='open manhole')) == 3
    assert level(bollard(0.0, 5.0, name='fire hydrant')) == 1
    assert level(bollard(0.0, 2.0, name='crosswalk')) == 1


def test_urgency_of_traffic():
    assert level(bollard(1.2, 12.0, (0.0, -8.0), 'car')) == 2
    assert level(bollard(0.0, 12.0, (0.0, -8.0), 'car')) == 3
    assert level(bollard(-3.0, 4.0, (4.0, 0.0), 'car')) == 3
    assert level(bollard(4.0, 8.0, (0.0, 5.0), 'car')) == 1
    assert level(bollard(4.0, 8.0, (0.0, 0.0), 'car')) == 0


def extent(name, x, z, low=0.0, high=1.0, half=0.2):
    return Extent(name, (x - half, low, z - half), (x + half, high, z + half))


def test_relations_of_hand_placed_things():
    things = [
        extent('person', 0.0, 5.0, high=1.7),
        extent('trash bin', 1.0, 5.2),
        extent('bench', 0.1, 7.5),
        extent('crosswalk', 0.0, 5.0, high=0.0, half=0.9),
        extent('traffic light', 1.0, 5.2, low=2.3, high=3.3),
        extent('car', 30.0, 30.0),
    ]
    found = set(relate(things))
    assert (0, 'left of', 1) in found and (1, 'right of', 0) in found
    assert (0, 'in front of', 2) in found and (2, 'behind', 0) in found
    assert (0, 'on', 3) in found
    assert (4, 'above', 1) in found and (1, 'below', 4) in found
    assert (0, 'near', 1) in found and (0, 'near', 2) not in found
    assert not any(5 in (a, b) for a, _, b in found)


def test_relations_agree_with_the_depth_map(frames):
    """Sides and order from the masks' own points, for things seen almost whole."""
    agree = total = 0
    for frame in frames:
        height, width = frame.depth.shape
        y, x = np.mgrid[:height, :width]
        across = (x - (width - 1) / 2) / frame.focal_px * frame.depth
        down = (y - (height - 1) / 2) / frame.focal_px * frame.depth
        points = np.stack([across, down, frame.depth], -1)
        points = points @ frame.camera_to_world[:3, :3].T
        middles = [
            points[frame.instance_map == i + 1].mean(0) for i in range(len(frame.names))
        ]
        for a, predicate, b in frame.relations:
            assert predicate in PREDICATES and a != b
            upright = {'person', 'bollard', 'pole', 'trash bin', 'fire hydrant'}
            whole = min(frame.visibility[a], frame.visibility[b]) > 0.95
            if not whole or not {frame.names[a], frame.names[b]} <= upright:
                continue
            gap = middles[a] - middles[b]
            sign = {'left of': -gap[0], 'right of': gap[0]}
            sign |= {'in front of': -gap[2], 'behind': gap[2]}
            if predicate in sign:
                total += 1
                agree += sign[predicate] > 0
    assert total >= 30
    assert agree == total


def test_opposite_relations_come_in_pairs(frames):
    opposite = {'left of': 'right of', 'in front of': 'behind', 'above': 'below'}
    opposite |= {value: key for key, value in opposite.items()}
    for frame in frames:
        found = set(frame.relations)
        for a, predicate, b in found:
            if predicate in opposite:
                assert (b, opposite[predicate], a) in found


def test_a_caption_names_the_most_urgent_thing(frames):
    for frame in frames:
        if frame.urgency == 0:
            assert frame.caption.endswith('The way ahead is clear.')
            continue
        worst = frame.names[int(frame.urgencies.argmax())]
        level_name = ('safe', 'caution', 'warning', 'danger')[frame.urgency]
        assert worst in frame.caption
        assert frame.caption.endswith(f'{level_name}.')


def test_captions_count_and_join():
    things = [extent('person', 0, 3), extent('person', 1, 4), extent('bus', 2, 9)]
    caption = describe(
        'fog',
        things,
        np.array([2.8, 4.0, 9.0]),
        np.array([2, 0, 0]),
        np.array([True, False, False]),
    )
    assert caption == (
        'A street in fog with two people and a bus. A moving person 2.8 m ahead: '
        'warning.'
    )


@pytest.mark.parametrize(
    ('name', 'many'),
    [
        ('low branch', 'two low branches'),
        ('bench', 'two benches'),
        ('person', 'two people'),
        ('stairs up', 'two stairs up'),
        ('pole', 'two poles'),
    ],
)
def test_captions_know_their_plurals(name, many):
    things = [extent(name, 0, 3), extent(name, 1, 4)]
    caption = describe('day', things, np.array([3, 4]), np.zeros(2, int), np.zeros(2))
    assert caption == f'A street in daylight with {many}. The way ahead is clear.'


def test_texts_lie_in_the_image_and_on_their_sign(frames):
    texts = [(frame, text) for frame in frames for text in frame.texts]
    assert len(texts) >= 8
    for frame, text in texts:
        height, width = frame.depth.shape
        assert (text.quad >= 0).all() and (text.quad < (width, height)).all()
        assert text.quad[0, 0] < text.quad[1, 0] and text.quad[0, 1] < text.quad[3, 1]
        if text.object_index >= 0:
            x, y = text.quad.mean(0).round().astype(int)
            x0, y0, x1, y1 = frame.boxes[text.object_index]
            assert x0 <= x < x1 and y0 <= y < y1


def test_words_differ_from_their_board(frames):
    contrasts = []
    for frame in frames:
        if frame.lighting in ('fog', 'night'):
            continue
        for text in frame.texts:
            (x0, y0), (x1, y1) = text.quad.min(0).astype(int), text.quad.max(0)
            patch = frame.image[y0 : int(y1) + 1, x0 : int(x1) + 1].astype(int).max(2)
            contrasts.append(np.ptp(patch))
    assert len(contrasts) >= 5 and np.median(contrasts) > 60


def test_findability_is_a_share_and_falls_with_distance():
    world = StreetWorld()
    near, far = [], []
    for seed in range(30):
        frame = world.frame(seed)
        assert ((frame.findability >= 0) & (frame.findability <= 1)).all()
        near.extend(frame.findability[frame.distances_m < 5])
        far.extend(frame.findability[frame.distances_m > 12])
    assert np.mean(near) > np.mean(far) + 0.2


def test_coco_json_is_complete_and_plain(frames):
    frame = frames[0]
    image, annotations = to_coco(frame, 42, 100, IDS)
    json.dumps([image, annotations], allow_nan=False)
    assert image['file_name'] == '000042.jpg'
    assert (image['width'], image['height']) == (320, 240)
    assert [a['id'] for a in annotations] == list(range(100, 100 + len(frame.names)))
    for i, annotation in enumerate(annotations):
        x, y, w, h = annotation['bbox']
        np.testing.assert_allclose([x, y, x + w, y + h], frame.boxes[i])
        assert annotation['image_id'] == 42 and annotation['iscrowd'] == 0
        assert 0 < annotation['area'] <= w * h
        assert annotation['category_id'] == IDS[frame.names[i]]
        assert annotation['zone'] == frame.zones[i]
        assert annotation['urgency'] == frame.urgencies[i]
        time_s = frame.time_to_contact_s[i]
        said = annotation['time_to_contact_s']
        assert said is None if np.isinf(time_s) else abs(said - time_s) < 1e-3
    known = {annotation['id'] for annotation in annotations}
    relations = image['tasks']['relations']
    assert len(relations) == len(frame.relations)
    assert all(a in known and b in known for a, _, b in relations)
    assert image['tasks']['urgency'] == frame.urgency


def test_coco_json_leaves_out_other_classes(frames):
    frame = next(f for f in frames if 'person' in f.names and len(set(f.names)) > 1)
    image, annotations = to_coco(frame, 0, 0, {'person': 1})
    assert len(annotations) == frame.names.count('person')
    known = {annotation['id'] for annotation in annotations}
    assert all({a, b} <= known for a, _, b in image['tasks']['relations'])


def test_pycocotools_reads_the_json(frames, tmp_path):
    coco_module = pytest.importorskip('pycocotools.coco')
    data = {'images': [], 'annotations': [], 'info': {}}
    data['categories'] = [{'id': i, 'name': name} for name, i in IDS.items()]
    for k, frame in enumerate(frames):
        image, annotations = to_coco(frame, k, len(data['annotations']) + 1, IDS)
        data['images'].append(image)
        data['annotations'].extend(annotations)
    path = tmp_path / 'street.json'
    path.write_text(json.dumps(data))
    coco = coco_module.COCO(str(path))
    assert len(coco.getAnnIds()) == sum(len(frame.names) for frame in frames)


def test_contrast_and_glare_are_shares():
    world = StreetWorld(StreetConfig(height=120, width=160))
    frames = [world.frame(seed) for seed in range(40)]
    assert all(0 < f.contrast < 1 and 0 <= f.glare <= 1 for f in frames)
    dazzling = [f for f in frames if f.lighting in ('day', 'dusk') and f.glare > 0.05]
    assert dazzling
    assert all(f.glare == 0 for f in frames if f.lighting in ('overcast', 'fog'))
