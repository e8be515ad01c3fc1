"""Parts with defects: what is drawn is what is labelled, and as hard as it is said."""

from collections import defaultdict

import numpy as np
import pytest

from maxsight_mm.synthetic.defects import DefectWorld
from maxsight_mm.taxonomy.defects import DEFECT_CLASSES, DEFECT_KINDS

RUST, CHIPPED, BROKEN = (
    DEFECT_CLASSES.index(name) for name in ('Severe_Rust', 'Chipped', 'Broken')
)


@pytest.fixture(scope='module')
def first_views():
    world = DefectWorld()
    return [next(world.views(seed, 1)) for seed in range(400)]


def test_classes_come_in_their_shares(first_views):
    labels = np.concatenate([view.labels for view in first_views])
    shares = np.bincount(labels, minlength=len(DEFECT_KINDS)) / len(labels)
    for kind, share in zip(DEFECT_KINDS, shares, strict=True):
        # Three standard deviations of a share of 1,600.
        assert share == pytest.approx(kind.share, abs=0.033), kind.name


@pytest.mark.parametrize('label', range(len(DEFECT_KINDS)), ids=DEFECT_CLASSES)
def test_boxes_have_the_aspects_of_their_class(first_views, label):
    sides = np.concatenate(
        [(v.boxes[:, 2:] - v.boxes[:, :2])[v.labels == label] for v in first_views]
    )
    found = np.quantile(sides[:, 0] / sides[:, 1], [0.25, 0.5, 0.75])
    # Those of the first two were measured; the others are wide, and ours.
    rtol = 0.07 if label in (RUST, CHIPPED) else 0.12
    np.testing.assert_allclose(found, DEFECT_KINDS[label].aspect_quartiles, rtol=rtol)


def test_boxes_are_the_extents_of_masks_inside_the_picture(first_views):
    for view in first_views[:50]:
        height, width = view.image.shape[:2]
        assert (height, width) == (160, 160)
        for (x0, y0, x1, y1), mask in zip(view.boxes, view.masks, strict=True):
            rows, columns = np.nonzero(mask)
            assert (columns.min(), rows.min()) == (x0, y0)
            assert (columns.max() + 1, rows.max() + 1) == (x1, y1)
            assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height


def test_sizes_are_those_of_small_defects(first_views):
    longest = np.concatenate(
        [(v.boxes[:, 2:] - v.boxes[:, :2]).max(axis=1) for v in first_views]
    )
    assert np.quantile(longest, 0.02) >= 10
    assert np.quantile(longest, 0.98) <= 60


def test_all_views_of_a_part_show_the_same_defects_under_other_light():
    world = DefectWorld()
    for seed in range(20):
        views = list(world.views(seed, 3))
        assert len({tuple(view.labels) for view in views}) == 1
        assert len({view.light for view in views}) == 3
        centres = [(view.boxes[:, :2] + view.boxes[:, 2:]) / 2 for view in views]
        # A modest change of pose.
        assert np.abs(centres[0] - centres[1]).max(initial=0) < 25
        assert not np.array_equal(views[0].image, views[1].image)


def test_a_seed_is_a_part_and_views_do_not_depend_on_their_number():
    world = DefectWorld()
    (alone,) = world.views(7, 1)
    first, _ = world.views(7, 2)
    np.testing.assert_array_equal(alone.image, first.image)
    assert not np.array_equal(next(world.views(8, 1)).image, alone.image)


def _contrast(view, index) -> float:
    """Difference of mean colour inside a mask and in its box's surroundings."""
    mask = view.masks[index]
    x0, y0, x1, y1 = view.boxes[index]
    around = np.zeros_like(mask)
    around[max(y0 - 4, 0) : y1 + 4, max(x0 - 4, 0) : x1 + 4] = True
    image = view.image.astype(np.float64) / max(view.image.mean(), 1)
    outside = image[around & ~view.masks.any(axis=0)]
    return float(np.abs(image[mask].mean(axis=0) - outside.mean(axis=0)).mean())


def test_rust_depends_on_light_and_chips_are_faint_beside_breaks():
    world = DefectWorld()
    spread, level = defaultdict(list), defaultdict(list)
    for seed in range(60):
        views = list(world.views(seed, 4))
        for index, label in enumerate(views[0].labels):
            seen = [_contrast(view, index) for view in views]
            spread[label].append(np.std(seen) / np.mean(seen))
            level[label].append(np.mean(seen))
    assert np.mean(spread[RUST]) > 1.5 * np.mean(spread[BROKEN])
    assert np.mean(level[CHIPPED]) < 0.5 * np.mean(level[BROKEN])


def test_visibility_says_how_much_of_the_rust_shows(first_views):
    rust = np.concatenate([v.visibility[v.labels == RUST] for v in first_views])
    other = np.concatenate([v.visibility[v.labels != RUST] for v in first_views])
    assert (other == 1).all()
    assert rust.min() < 0.1 and rust.max() > 0.9


@pytest.mark.parametrize('size', [(320, 240), (96, 200)])
def test_other_sizes_are_drawn(size):
    view = next(DefectWorld(*size).views(0, 1))
    assert view.image.shape == (size[1], size[0], 3)


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [(dict(width=40), '96 to 1024'), (dict(least=4, most=2), 'least <= most')],
)
def test_what_cannot_be_drawn_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        DefectWorld(**arguments)
