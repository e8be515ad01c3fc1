from pathlib import Path

import numpy as np
import pytest

from maxsight_mm.evaluation.detection_files import ImageDetections, ImageObjects
from maxsight_mm.evaluation.functional.detection import precision_recall_curve
from maxsight_mm.evaluation.functional.matching import HIT, MISS
from maxsight_mm.evaluation.recall_study import arms_of, class_curve, recall_table


def test_arms_are_named_by_the_folder_above_the_seeds():
    runs = [
        'work_dirs/kitchen/demo_natural/seed0/predictions.pkl',
        'work_dirs/kitchen/demo_natural/seed1/predictions.pkl',
        'work_dirs/other/predictions.pkl',
        'mine=work_dirs/kitchen/demo_both/seed0/predictions.pkl',
    ]
    arms = arms_of(runs)
    assert {name: len(paths) for name, paths in arms.items()} == dict(
        demo_natural=2, other=1, mine=1
    )
    assert arms['mine'] == [Path('work_dirs/kitchen/demo_both/seed0/predictions.pkl')]


def test_runs_that_are_given_twice_or_without_a_name_are_refused():
    with pytest.raises(ValueError, match='given twice'):
        arms_of(['a/seed0/p.pkl', 'b=a/seed0/p.pkl'])
    with pytest.raises(ValueError, match='names no arm'):
        arms_of(['=p.pkl'])


def table(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def test_a_curve_joins_the_images_and_looks_at_one_class():
    empty = np.empty((0, 4), np.float32), np.empty(0, np.int64)
    truth = {
        1: ImageObjects(table([0, 0, 10, 10]), np.array([1]), *empty),
        2: ImageObjects(table([0, 0, 10, 10]), np.array([0]), *empty),
        3: ImageObjects(table([5, 5, 9, 9], [20, 20, 30, 30]), np.ones(2, int), *empty),
    }
    found = {
        # Right; found under the other class; two false alarms.
        1: ImageDetections(table([0, 0, 10, 9]), np.array([0.9]), np.array([1])),
        2: ImageDetections(table([0, 0, 10, 10]), np.array([0.7]), np.array([1])),
        3: ImageDetections(
            table([20, 20, 30, 30], [5, 5, 9, 9]),
            np.array([0.8, 0.6]),
            np.array([0, 1]),
        ),
    }
    curve = class_curve(found, truth, 1)
    assert curve.num_objects == 3
    np.testing.assert_allclose(curve.scores, [0.9, 0.7, 0.6])
    np.testing.assert_allclose(curve.recall, [1 / 3, 1 / 3, 2 / 3])
    np.testing.assert_allclose(curve.precision, [1, 1 / 2, 2 / 3])
    strict = class_curve(found, truth, 1, iou_thr=0.95)
    np.testing.assert_allclose(strict.recall, [0, 0, 1 / 3])


def test_table_has_mean_and_range():
    def curve(*outcome):
        return precision_recall_curve(
            -np.arange(len(outcome), dtype=float), np.array(outcome), 4
        )

    arms = dict(
        natural=[curve(HIT, MISS)], both=[curve(HIT, HIT), curve(HIT, HIT, HIT, HIT)]
    )
    assert recall_table(arms, [0.5, 0.9]).splitlines() == [
        '| arm | seeds | recall at 0.5 precision | recall at 0.9 precision |',
        '| --- | ---: | ---: | ---: |',
        '| natural | 1 | 0.250 | 0.250 |',
        '| both | 2 | 0.750 (0.500 to 1.000) | 0.750 (0.500 to 1.000) |',
    ]
