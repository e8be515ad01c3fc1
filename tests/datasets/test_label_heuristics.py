import math

import pytest

from maxsight_mm.datasets.label_heuristics import (
    focal_from_fov,
    height_of_class,
    pinhole_distance_m,
    touches_border,
    urgency_from_class,
    zone_from_box_area,
    zone_from_pinhole,
)


@pytest.mark.parametrize(
    ('area', 'zone'),
    [(0, 2), (10, 2), (11, 1), (100, 1), (101, 0), (1000, 0)],
)
def test_zone_from_area_has_its_limits_at_one_and_ten_percent(area, zone):
    assert zone_from_box_area(area, 1000) == zone


@pytest.mark.parametrize('arguments', [(1, 0), (-1, 10), (float('nan'), 10)])
def test_zone_from_area_refuses_impossible_areas(arguments):
    with pytest.raises(ValueError, match='area'):
        zone_from_box_area(*arguments)


@pytest.mark.parametrize(
    ('name', 'moving', 'urgency'),
    [
        ('person', None, 1),
        ('car', None, 2),
        ('bicycle', None, 2),
        ('fire_hydrant', None, 0),
        ('stop sign', None, 1),
        ('car', True, 3),
        ('truck', True, 3),
        ('bus', True, 3),
        ('ambulance', False, 3),
        ('person', True, 2),
        ('bicycle', True, 2),
        ('e-scooter', True, 2),
        ('bear', True, 3),
        ('trash bin', True, 1),
        ('pin-hole', True, None),
    ],
)
def test_urgency_of_class_and_motion(name, moving, urgency):
    assert urgency_from_class(name, moving) == urgency


def test_focal_length_of_a_right_angle_view_is_half_the_width():
    assert focal_from_fov(640, 90) == pytest.approx(320)
    assert focal_from_fov(640) == pytest.approx(320 * math.sqrt(3))


def test_focal_length_refuses_a_flat_angle():
    with pytest.raises(ValueError, match='hfov_deg'):
        focal_from_fov(640, 180)


def test_pinhole_distance_by_similar_triangles():
    # A person of 1.7 m seen 170 px high with a focal length of 500 px.
    assert pinhole_distance_m(170, 1.7, 500) == pytest.approx(5.0)
    assert pinhole_distance_m(340, 1.7, 500) == pytest.approx(2.5)


@pytest.mark.parametrize('arguments', [(0, 1, 1), (1, 0, 1), (1, 1, float('nan'))])
def test_pinhole_distance_refuses_what_is_not_positive(arguments):
    with pytest.raises(ValueError, match='positive'):
        pinhole_distance_m(*arguments)


def test_flat_and_unknown_classes_have_no_height():
    assert height_of_class('crosswalk') is None
    assert height_of_class('scratches') is None
    assert height_of_class('fire_hydrant') == pytest.approx(0.75)


@pytest.mark.parametrize(
    ('box', 'cut'),
    [
        ([2, 2, 98, 78], False),
        ([1, 2, 98, 78], True),
        ([2, 0, 98, 78], True),
        ([2, 2, 99, 78], True),
        ([2, 2, 98, 80], True),
    ],
)
def test_box_is_cut_within_a_pixel_of_the_border(box, cut):
    assert touches_border(box, 100, 80) is cut


def test_pinhole_zone_of_a_whole_and_of_a_cut_person():
    # 1.7 m * 500 px / 170 px = 5 m: medium when whole.
    assert zone_from_pinhole('person', [50, 10, 90, 180], 640, 480, 500) == 1
    # The same box at the lower border says at most 5 m: near or medium.
    assert zone_from_pinhole('person', [50, 310, 90, 480], 640, 480, 500) is None
    # At most 2.1 m is near, whatever is hidden.
    assert zone_from_pinhole('person', [50, 80, 90, 480], 640, 480, 500) == 0
    assert zone_from_pinhole('crosswalk', [50, 10, 90, 180], 640, 480, 500) is None
