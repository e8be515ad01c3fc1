import json
import math

import pytest
import torch

from maxsight_mm.evaluation import SafetyMetric
from maxsight_mm.evaluation.functional.safety import clopper_pearson_upper

A, B, C = [10.0, 10, 40, 40], [50.0, 50, 90, 90], [0.0, 60, 20, 90]
SAFE, DANGER = [0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]


def evaluate(samples, **settings):
    metric = SafetyMetric(**settings)
    metric.process(None, samples)
    return metric.evaluate(len(samples))


def levels(zones, urgencies):
    return {'zones': torch.tensor(zones), 'urgencies': torch.tensor(urgencies)}


def street(make_sample, **changes):
    """A found under a wrong class, B called safe, C below the threshold."""
    settings = {
        'gt': [(A, 0), (B, 1), (C, 2)],
        'pred': [(A, 0.9, 5), (B, 0.8, 1), (C, 0.2, 2)],
        'gt_extra': levels([0, 1, 2], [3, 2, 3]),
        'pred_extra': levels([0, 2, 2], [3, 0, 3]),
        **changes,
    }
    return make_sample(**settings)


def test_objects_hand_worked(make_sample):
    result = evaluate([street(make_sample)])
    assert result['safety/zone_accuracy'] == 0.5
    assert result['safety/object_urgency_accuracy'] == 0.5
    assert result['safety/missed_rate'] == pytest.approx(1 / 3)
    assert result['safety/object_false_reassurance'] == pytest.approx(2 / 3)
    assert result['safety/object_hazard_missed'] == pytest.approx(1 / 3)
    assert result['safety/object_hazard_called_safe'] == pytest.approx(1 / 3)
    assert result['safety/object_false_reassurance_upper95'] == pytest.approx(
        clopper_pearson_upper(2, 3)
    )
    assert result['safety/hazard_objects'] == 3


def test_lower_threshold_finds_the_third_object(make_sample):
    result = evaluate([street(make_sample)], score_thr=0.1)
    assert result['safety/missed_rate'] == 0
    assert result['safety/object_false_reassurance'] == pytest.approx(1 / 3)


def test_images_hand_worked(make_sample):
    samples = [
        make_sample(urgency=3, urgency_scores=SAFE),
        make_sample(urgency=3, urgency_scores=DANGER),
        make_sample(urgency=2, urgency_scores=DANGER),
        make_sample(urgency=0, urgency_scores=SAFE),
        make_sample(urgency=-1, urgency_scores=SAFE),
        make_sample(urgency_scores=SAFE),
        make_sample(urgency=3),
    ]
    result = evaluate(samples)
    assert result['safety/image_urgency_accuracy'] == 0.5
    assert result['safety/image_urgency_majority_accuracy'] == 0.5
    assert result['safety/image_urgency_balanced_accuracy'] == pytest.approx(0.5)
    assert result['safety/image_false_reassurance'] == pytest.approx(1 / 3)
    assert result['safety/image_false_reassurance_upper95'] == pytest.approx(
        clopper_pearson_upper(1, 3)
    )
    assert result['safety/hazard_images'] == 3


def test_always_answering_the_common_level_equals_its_baseline(make_sample):
    samples = [
        make_sample(urgency=level, urgency_scores=SAFE) for level in (0, 0, 0, 3)
    ]
    result = evaluate(samples)
    assert result['safety/image_urgency_accuracy'] == 0.75
    assert result['safety/image_urgency_majority_accuracy'] == 0.75
    assert result['safety/image_urgency_balanced_accuracy'] == 0.5
    assert result['safety/image_false_reassurance'] == 1


def test_unlabelled_objects_are_left_out(make_sample):
    sample = street(make_sample, gt_extra=levels([0, -1, -1], [3, -1, -1]))
    result = evaluate([sample])
    assert result['safety/zone_accuracy'] == 1
    assert result['safety/object_false_reassurance'] == 0
    assert result['safety/hazard_objects'] == 1
    assert result['safety/missed_rate'] == pytest.approx(1 / 3)


def test_cautious_answer_counts_and_not_the_best_score(make_sample):
    scores = [0.4, 0.35, 0.15, 0.1]
    samples = [
        make_sample(urgency=1, urgency_scores=scores, urgency_answer=1),
        make_sample(urgency=3, urgency_scores=scores, urgency_answer=1),
    ]
    result = evaluate(samples)
    assert result['safety/image_false_reassurance'] == 0
    assert result['safety/image_urgency_accuracy'] == 0.5
    # Without an answer of its own the best-scored level is the answer.
    for sample in samples:
        del sample['pred_tasks']['urgency']
    result = evaluate(samples)
    assert result['safety/image_false_reassurance'] == 1
    assert result['safety/image_urgency_accuracy'] == 0


def test_unavailable_answer_is_no_answer_whatever_the_scores(make_sample):
    sample = make_sample(urgency=3, urgency_scores=SAFE, urgency_answer=-1)
    result = evaluate([sample])
    assert math.isnan(result['safety/image_false_reassurance'])
    assert result['safety/hazard_images'] == 0


def heuristic_street(make_sample):
    """Zone of A and urgency of B, both answered wrongly, are rules of thumb."""
    marks = {
        'zones_heuristic': torch.tensor([True, False, False]),
        'urgencies_heuristic': torch.tensor([False, True, False]),
    }
    return [
        street(
            make_sample,
            gt_extra=levels([1, 2, -1], [3, 2, 3]) | marks,
            urgency=3,
            urgency_scores=SAFE,
            urgency_heuristic=True,
        )
    ]


def heuristic_report(samples, folder, **settings):
    result = evaluate(samples, outfile_prefix=str(folder / 'run'), **settings)
    return result, json.loads((folder / 'run.safety.json').read_text())


def test_heuristic_labels_are_left_out_and_counted(make_sample, tmp_path):
    result, report = heuristic_report(heuristic_street(make_sample), tmp_path)
    assert result['safety/zone_accuracy'] == 1
    assert result['safety/object_urgency_accuracy'] == 1
    assert result['safety/object_hazard_called_safe'] == 0
    assert result['safety/hazard_objects'] == 2
    assert math.isnan(result['safety/image_false_reassurance'])
    assert report['counts']['zone'] == {
        'judged': 1,
        'missed': 0,
        'unanswered': 0,
        'unlabelled': 1,
        'heuristic': 1,
    }
    assert report['counts']['image_urgency']['heuristic'] == 1
    assert report['counts']['image_urgency']['unlabelled'] == 0


def test_heuristic_labels_are_judged_on_request_and_it_is_said(
    make_sample, tmp_path, monkeypatch
):
    logged = []
    monkeypatch.setattr(
        'maxsight_mm.evaluation.metrics.safety.print_log',
        lambda text, **_: logged.append(text),
    )
    samples = heuristic_street(make_sample)
    result, report = heuristic_report(samples, tmp_path, count_heuristic=True)
    assert result['safety/zone_accuracy'] == 0.5
    assert result['safety/hazard_objects'] == 3
    assert result['safety/image_false_reassurance'] == 1
    assert report['counts']['zone']['heuristic'] == 1
    assert report['counts']['zone']['judged'] == 2
    assert report['labels'] == 'heuristic labels counted'
    assert report['settings']['count_heuristic'] is True
    assert 'heuristic labels counted' in logged[0]


def test_detector_without_urgency_head_gets_no_reassurance_rate(make_sample):
    result = evaluate([street(make_sample, pred_extra={})])
    for key in ('object_false_reassurance', 'object_hazard_missed', 'zone_accuracy'):
        assert math.isnan(result[f'safety/{key}'])
    assert result['safety/missed_rate'] == pytest.approx(1 / 3)


def test_image_without_detections_misses_every_hazard(make_sample):
    result = evaluate([street(make_sample, pred=(), pred_extra=levels([], []))])
    assert result['safety/object_false_reassurance'] == 1
    assert result['safety/missed_rate'] == 1
    assert math.isnan(result['safety/object_urgency_accuracy'])


def test_boxes_are_compared_in_the_original_image(make_sample):
    twice = [2 * value for value in A]
    sample = make_sample([(twice, 0)], [(A, 0.9, 0)], scale_factor=(2.0, 2.0))
    assert evaluate([sample])['safety/missed_rate'] == 0
    assert evaluate([sample], gt_scale='original')['safety/missed_rate'] == 1


def test_no_samples_at_all_is_nan():
    result = evaluate([])
    assert math.isnan(result['safety/image_false_reassurance'])
    assert math.isnan(result['safety/missed_rate'])


def test_report_holds_confusions_and_counts(make_sample, tmp_path):
    samples = [street(make_sample), make_sample(urgency=3, urgency_scores=SAFE)]
    evaluate(samples, outfile_prefix=str(tmp_path / 'run'))
    text = (tmp_path / 'run.safety.json').read_text()
    report = json.loads(text, parse_constant=pytest.fail)
    assert report['confusion']['zone'] == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert report['confusion']['image_urgency'][3] == [1, 0, 0, 0]
    assert report['counts']['zone'] == {
        'judged': 2,
        'missed': 1,
        'unanswered': 0,
        'unlabelled': 0,
        'heuristic': 0,
    }
    assert report['labels'] == 'annotated labels'
    assert report['counts']['image_urgency']['unlabelled'] == 1
    assert report['false_reassurance']['object']['num_missed'] == 1


def test_score_that_is_not_finite_is_refused(make_sample):
    sample = street(make_sample, pred=[(A, float('nan'), 0)] * 3, img_id=11)
    with pytest.raises(ValueError, match=r'image 11: pred_instances\.scores'):
        evaluate([sample])


def test_unknown_scale_is_refused():
    with pytest.raises(ValueError, match="gt_scale.*'input'"):
        SafetyMetric(gt_scale='input')
