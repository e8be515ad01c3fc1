import json
import math

import numpy as np
import pytest

from maxsight_mm.evaluation import DetectionMetric

A, B = [10.0, 10.0, 50.0, 50.0], [60.0, 60.0, 90.0, 90.0]
CLASSES = ('person', 'car', 'kerb')


def evaluate(samples, **settings):
    metric = DetectionMetric(**settings)
    metric.dataset_meta = {'classes': CLASSES}
    metric.process(None, samples)
    return metric.evaluate(len(samples))


def test_hand_worked(make_sample):
    """Person: found and one false alarm. Car: missed. Kerb: not in the set."""
    result = evaluate(
        [
            make_sample([(A, 0), (B, 1)], [(A, 0.9, 0), (B, 0.4, 0)]),
            make_sample(),
        ]
    )
    assert result['det/AP/person'] == 1 and result['det/AP/car'] == 0
    assert result['det/mAP'] == result['det/AP50'] == 0.5
    assert result['det/precision/person'] == 0.5
    assert result['det/F1/person'] == pytest.approx(2 / 3)
    assert result['det/recall'] == 0.5
    assert result['det/best_F1'] == 1  # a threshold above 0.4 leaves only the hit
    assert result['det/unlabelled_images'] == 1
    assert not any('kerb' in key for key in result)


def test_operating_threshold_is_respected(make_sample):
    samples = [make_sample([(A, 0)], [(A, 0.9, 0), (B, 0.4, 0)])]
    assert evaluate(samples, score_thr=0.5)['det/precision'] == 1
    assert evaluate(samples, score_thr=0.95)['det/recall'] == 0


def test_detections_on_a_crowd_region_cost_nothing(make_sample):
    gt, pred = [(A, 0)], [(B, 0.95, 0), (A, 0.9, 0)]
    assert evaluate([make_sample(gt, pred)])['det/mAP'] == pytest.approx(0.5)
    result = evaluate([make_sample(gt, pred, ignored=[(B, 0)])])
    assert result['det/mAP'] == result['det/precision'] == 1


def test_boxes_are_compared_in_the_original_image(make_sample):
    twice = [2 * value for value in A]
    sample = make_sample([(twice, 0)], [(A, 0.9, 0)], scale_factor=(2.0, 2.0))
    assert evaluate([sample])['det/mAP'] == 1


def test_nothing_labelled_is_nan(make_sample):
    result = evaluate([make_sample(pred=[(A, 0.9, 0)])])
    assert math.isnan(result['det/mAP']) and math.isnan(result['det/F1'])


def test_no_samples_at_all_is_nan():
    assert math.isnan(evaluate([])['det/mAP'])


def test_absent_class_is_a_dash_in_the_table(make_sample, monkeypatch):
    logged = []
    monkeypatch.setattr(
        'maxsight_mm.evaluation.metrics.detection.print_log',
        lambda message, logger: logged.append(message),
    )
    evaluate([make_sample([(A, 0)], [(A, 0.9, 0)])])
    rows = [line for line in logged[0].splitlines() if 'kerb' in line]
    assert len(rows) == 1
    assert '-' in rows[0] and 'nan' not in logged[0]


def test_report_holds_rows_and_curves(make_sample, tmp_path):
    evaluate(
        [make_sample([(A, 0)], [(A, 0.9, 0)])], outfile_prefix=str(tmp_path / 'run')
    )
    text = (tmp_path / 'run.det.json').read_text()
    report = json.loads(text, parse_constant=pytest.fail)
    rows = {row['class']: row for row in report['classes']}
    assert rows['person']['best_thr'] == pytest.approx(0.9)
    assert rows['kerb']['AP'] is None
    curves = {curve['class']: curve['precision'] for curve in report['pr_curves_iou50']}
    assert curves['person'] == [1.0] * 101
    assert curves['kerb'] == [None] * 101


def test_backends_agree_through_the_shell(make_sample):
    pytest.importorskip('faster_coco_eval')
    rng = np.random.default_rng(0)
    samples = []
    for i in range(8):
        gt = [(A, int(rng.integers(3))), (B, int(rng.integers(3)))]
        pred = [
            ((np.array(box) + rng.normal(0, 3, 4)).tolist(), float(rng.random()), label)
            for box, label in gt * 2
        ]
        samples.append(make_sample(gt, pred, img_id=i))
    fast, reference = (
        evaluate(samples, backend=name) for name in ('faster_coco_eval', 'pycocotools')
    )
    assert fast == pytest.approx(reference, abs=1e-6, nan_ok=True)
    assert 0 < fast['det/mAP'] < 1


def test_label_without_a_class_is_refused(make_sample):
    with pytest.raises(ValueError, match='image 7: gt_labels.*got 3 to 3'):
        evaluate([make_sample([(A, 3)])])


def test_classes_are_required(make_sample):
    with pytest.raises(ValueError, match='classes'):
        DetectionMetric().process(None, [make_sample([(A, 0)])])


def test_unknown_scale_is_refused():
    with pytest.raises(ValueError, match="gt_scale.*'input'"):
        DetectionMetric(gt_scale='input')
