import numpy as np
import pytest

from maxsight_mm.visualization import contact_sheet, draw_safety
from maxsight_mm.visualization.draw_safety import (
    UNLABELLED_COLOUR,
    URGENCY_COLOURS,
    _place,
)

GREY = np.full((480, 640, 3), 128, np.uint8)
CLASSES = ['person', 'car']


def count(image_bgr, colour_rgb):
    return int((image_bgr[..., ::-1] == colour_rgb).all(-1).sum())


@pytest.mark.parametrize('level', range(4))
def test_box_has_the_colour_of_its_urgency(level):
    drawn = draw_safety(GREY, [[100, 100, 300, 300]], [1], CLASSES, urgencies=[level])
    for other, colour in enumerate(URGENCY_COLOURS):
        assert (count(drawn, colour) > 500) is (other == level)


def test_unlabelled_box_is_drawn_in_no_level_colour():
    drawn = draw_safety(GREY, [[100, 100, 300, 300]], [1], CLASSES, urgencies=[-1])
    assert (drawn != GREY).any()
    assert not any(count(drawn, colour) for colour in URGENCY_COLOURS)


def test_ignored_box_is_a_thin_line_below_the_others_and_says_nothing():
    box = [100, 100, 300, 300]
    ignored = draw_safety(GREY, [], [], CLASSES, ignored_boxes=[box])
    changed = (ignored != GREY).any(-1)
    # Four sides of 201 pixels, the corners shared.
    assert changed.sum() == count(ignored, UNLABELLED_COLOUR) == 800
    both = draw_safety(
        GREY, [box], [1], CLASSES, urgencies=[3], ignored_boxes=[[0, 0, 9, 9], box]
    )
    only = draw_safety(GREY, [box], [1], CLASSES, urgencies=[3])
    np.testing.assert_array_equal(both[10:], only[10:])
    assert (both[:10] != only[:10]).any()


def test_input_is_left_alone_and_nothing_is_drawn_without_boxes():
    image = GREY.copy()
    draw_safety(image, [[0, 0, 9, 9]], [0], CLASSES)
    np.testing.assert_array_equal(image, GREY)
    np.testing.assert_array_equal(draw_safety(GREY, [], [], CLASSES), GREY)


def test_small_image_is_enlarged_with_its_boxes():
    drawn = draw_safety(GREY[:60, :80], [[10, 20, 30, 40]], [0], CLASSES, urgencies=[3])
    assert drawn.shape == (480, 640, 3)
    rows, columns = np.nonzero((drawn[..., ::-1] == URGENCY_COLOURS[3]).all(-1))
    assert columns.min() == 80
    assert rows.max() == 320


def test_image_urgency_frames_the_image():
    drawn = draw_safety(GREY, [], [], CLASSES, image_urgency=3)
    for corner in (drawn[0, 0], drawn[0, -1], drawn[-1, -1]):
        assert tuple(corner[::-1]) == URGENCY_COLOURS[3]


@pytest.mark.parametrize(
    'box', [[0, 0, 5, 5], [630, 0, 639, 9], [0, 470, 9, 479], [630, 470, 639, 479]]
)
def test_tag_lies_within_the_image(box):
    left, top, right, bottom = _place(box, 200, 20, (640, 480), [])
    assert 0 <= left < right <= 640
    assert 0 <= top < bottom <= 480


def test_tags_of_neighbours_do_not_overlap():
    first = _place([100, 100, 150, 200], 80, 20, (640, 480), [])
    second = _place([105, 102, 150, 200], 80, 20, (640, 480), [first])
    assert second[1] >= first[3] or second[3] <= first[1] or second[0] >= first[2]


@pytest.mark.parametrize('shape', [(4, 640, 3), (640, 4, 3), (1, 1, 3)])
def test_extreme_shapes_and_long_names_are_drawn(shape):
    image = np.zeros(shape, np.uint8)
    drawn = draw_safety(image, [[0, 0, 4, 4]], [0], ['x' * 500], [0], [3], [0.5], 3)
    assert drawn.shape[0] * drawn.shape[1] > 0


@pytest.mark.parametrize(
    ('arguments', 'says'),
    [
        ((GREY, [[0, 0, 1, 1]], [], CLASSES), '1 boxes but 0 labels'),
        ((GREY, [[0, 0, 1, 1]], [0], CLASSES, [0, 1]), '1 boxes but 2 zones'),
        ((GREY[..., 0], [], [], CLASSES), r'\(480, 640\)'),
    ],
)
def test_wrong_arguments_are_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        draw_safety(*arguments)


def test_sheet_holds_every_picture():
    pictures = [np.full((50, 100, 3), value, np.uint8) for value in (10, 20, 30)]
    sheet = contact_sheet(pictures, columns=2, cell_px=100)
    for value in (10, 20, 30):
        assert (sheet == value).all(-1).sum() == 50 * 100
    assert (
        contact_sheet([np.zeros((400, 200, 3), np.uint8)], cell_px=100).shape[0] < 120
    )
    with pytest.raises(ValueError, match='at least one'):
        contact_sheet([])
