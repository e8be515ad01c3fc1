"""Errors of graphs, on outputs worked out by hand."""

import numpy as np
import pytest

from maxsight_mm.deploy.quantization.decision_error import decision_error

SETTINGS = dict(score_thr=0.05, nms_pre=100, iou_threshold=0.5, max_per_img=10)
SAFE = dict(urgency=0.5, object_urgency=0.5)


def outputs(**changed):
    """Two clear objects far apart and a faint one, in an image of 64 x 64."""
    found = dict(
        scores=[[0.9, 0.8, 0.1]],
        labels=np.array([[0, 1, 0]]),
        boxes=[[[2, 2, 12, 12], [30, 30, 50, 50], [50, 2, 60, 12]]],
        zone_scores=[[[0.8, 0.1, 0.1]] * 3],
        object_urgency_scores=[[[0.7, 0.1, 0.1, 0.1]] * 3],
        urgency_scores=[[0.1, 0.7, 0.1, 0.1]],
        uncertainty=[[0.25]],
    )
    return {
        name: value if name == 'labels' else np.array(value, np.float32)
        for name, value in (found | changed).items()
    }


def error(**changed):
    return decision_error([outputs()], [outputs(**changed)], (64, 64), SETTINGS, SAFE)


def test_equal_graphs_have_no_error():
    found = error()
    assert (found.score, found.box_px, found.changed, found.uncertainty) == (0, 0, 0, 0)


def test_a_lost_detection_is_one_of_the_clear_ones():
    """One pair of two detections, and one without a partner: 1 of 3."""
    found = error(scores=[[0.9, 0.02, 0.1]])
    assert found.detections == pytest.approx(1 / 3)
    assert found.levels == 0
    assert found.score == pytest.approx(0.78 / 3, rel=1e-5)


def test_a_faint_detection_is_no_loss():
    assert error(scores=[[0.9, 0.8, 0.01]]).detections == 0


def test_another_class_is_a_loss_in_both():
    assert error(labels=np.array([[0, 2, 0]])).detections == pytest.approx(2 / 4)


def test_a_changed_zone_is_a_changed_level_of_a_shared_detection():
    zones = [[[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.8, 0.1, 0.1]]]
    found = error(zone_scores=zones)
    assert (found.detections, found.levels) == (0, 0.5)
    assert found.changed == pytest.approx(0.5 / 3)


def test_the_urgency_of_the_picture_counts_by_picture():
    pair = [outputs(), outputs()]
    changed = [outputs(), outputs(urgency_scores=[[0.1, 0.1, 0.7, 0.1]])]
    assert decision_error(pair, changed, (64, 64), SETTINGS, SAFE).urgency == 0.5


def test_differences_are_means():
    boxes = outputs()['boxes'] + 2
    found = error(boxes=boxes, uncertainty=[[0.75]])
    assert (found.box_px, found.uncertainty) == (2, 0.5)


def test_no_pictures_are_refused():
    with pytest.raises(ValueError, match='no pictures'):
        decision_error([], [], (64, 64), SETTINGS, SAFE)


def test_pictures_in_which_nothing_is_found_prove_nothing():
    faint = outputs(scores=[[0.1, 0.1, 0.1]])
    with pytest.raises(ValueError, match='nothing scores 0.3 in 1 pictures'):
        decision_error([faint], [faint], (64, 64), SETTINGS, SAFE)
