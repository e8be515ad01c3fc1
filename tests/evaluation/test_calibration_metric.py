import json
import math

import numpy as np
import pytest
import torch

from maxsight_mm.evaluation import CalibrationMetric

A, B = [10.0, 10.0, 50.0, 50.0], [60.0, 60.0, 90.0, 90.0]


def evaluate(samples, **settings):
    metric = CalibrationMetric(**settings)
    metric.process(None, samples)
    return metric.evaluate(len(samples))


def test_class_scores_hand_worked(make_sample):
    """0.9 is right, 0.6 is a wrong class, 0.1 is below the threshold."""
    sample = make_sample([(A, 0), (B, 1)], [(A, 0.9, 0), (B, 0.6, 0), (B, 0.1, 1)])
    result = evaluate([sample])
    assert result['calibration/class_ECE'] == pytest.approx((0.1 + 0.6) / 2)
    assert result['calibration/class_ECE_equal_mass'] == pytest.approx(0.35)
    assert result['calibration/class_cases'] == 2


def test_crowd_regions_are_left_out(make_sample):
    sample = make_sample([(A, 0)], [(A, 0.9, 0), (B, 0.6, 0)], ignored=[(B, 0)])
    assert evaluate([sample])['calibration/class_cases'] == 1


def test_urgency_scores_hand_worked(make_sample):
    samples = [
        make_sample(urgency=0, urgency_scores=[0.8, 0.2, 0.0, 0.0]),
        make_sample(urgency=1, urgency_scores=[0.6, 0.4, 0.0, 0.0]),
        make_sample(urgency=1),
        make_sample(urgency_scores=[1.0, 0.0, 0.0, 0.0]),
    ]
    result = evaluate(samples)
    assert result['calibration/urgency_ECE'] == pytest.approx((0.2 + 0.6) / 2)
    assert result['calibration/urgency_cases'] == 2


def test_cautious_answer_decides_the_error_and_scores_the_calibration(make_sample):
    """Best score safe, answer caution, truth caution: score wrong, answer right."""
    sample = make_sample(
        urgency=1,
        urgency_scores=[0.4, 0.35, 0.15, 0.1],
        urgency_answer=1,
        uncertainty=[0.0],
    )
    result = evaluate([sample])
    assert result['calibration/urgency_ECE'] == pytest.approx(0.4)
    assert result['calibration/uncertainty_ECE'] == 0


@pytest.mark.parametrize('counted', [False, True])
def test_heuristic_labels_are_left_out_unless_asked_for(make_sample, tmp_path, counted):
    """Zone and urgency are wrong, and both are rules of thumb."""
    sample = make_sample(
        [(A, 0)],
        [(A, 0.9, 0)],
        gt_extra={
            'zones': torch.tensor([0]),
            'zones_heuristic': torch.tensor([True]),
        },
        pred_extra={'zones': torch.tensor([2])},
        urgency=3,
        urgency_heuristic=True,
        urgency_scores=[1.0, 0.0, 0.0, 0.0],
        uncertainty=[0.0],
    )
    result = evaluate(
        [sample], count_heuristic=counted, outfile_prefix=str(tmp_path / 'run')
    )
    assert result['calibration/urgency_cases'] == int(counted)
    assert result['calibration/uncertainty_ECE'] == pytest.approx(int(counted))
    report = json.loads((tmp_path / 'run.calibration.json').read_text())
    assert report['heuristic'] == {'class': 0, 'urgency': 1, 'uncertainty': 1}
    said = 'heuristic labels counted' if counted else 'annotated labels'
    assert report['labels'] == said


def test_uncertainty_is_held_against_the_image_error(make_sample):
    """One of two objects in a wrong zone, and a right urgency: error 0.25."""
    sample = make_sample(
        [(A, 0), (B, 1)],
        [(A, 0.9, 0), (B, 0.9, 1)],
        gt_extra={'zones': torch.tensor([0, 2])},
        pred_extra={'zones': torch.tensor([0, 1])},
        urgency=0,
        urgency_scores=[1.0, 0.0, 0.0, 0.0],
        uncertainty=[0.75],
    )
    result = evaluate([sample])
    assert result['calibration/uncertainty_ECE'] == pytest.approx(0.5)
    assert result['calibration/uncertainty_AURC'] == pytest.approx(0.25)
    assert math.isnan(result['calibration/uncertainty_spearman'])
    assert math.isnan(result['calibration/uncertainty_AUROC'])


def images(make_sample, uncertainties, wrong):
    return [
        make_sample(
            urgency=int(bad),
            urgency_scores=[0.9, 0.1, 0.0, 0.0],
            uncertainty=[value],
        )
        for value, bad in zip(uncertainties, wrong, strict=True)
    ]


def test_uncertainty_that_ranks_errors_first_is_best(make_sample):
    wrong = [False, False, True, True]
    best = evaluate(images(make_sample, [0.1, 0.2, 0.8, 0.9], wrong))
    assert best['calibration/uncertainty_AUROC'] == 1
    assert best['calibration/uncertainty_excess_AURC'] == pytest.approx(0)
    worst = evaluate(images(make_sample, [0.9, 0.8, 0.2, 0.1], wrong))
    assert worst['calibration/uncertainty_AUROC'] == 0
    for key in ('spearman', 'AURC', 'excess_AURC'):
        sign = 1 if key == 'spearman' else -1
        name = f'calibration/uncertainty_{key}'
        assert sign * best[name] > sign * worst[name]


def test_images_without_uncertainty_are_left_out(make_sample):
    samples = [
        *images(make_sample, [0.5], [True]),
        make_sample(urgency=0, urgency_scores=[1.0, 0, 0, 0]),
        make_sample(uncertainty=[0.5]),
    ]
    assert evaluate(samples)['calibration/uncertainty_cases'] == 1


def test_nothing_labelled_is_nan(make_sample):
    result = evaluate([make_sample(pred=[(A, 0.9, 0)], uncertainty=[0.5])])
    figures = {k: v for k, v in result.items() if not k.endswith('_cases')}
    assert np.isnan(list(figures.values())).all()
    assert result['calibration/class_cases'] == 0


def test_no_samples_at_all_is_nan():
    assert math.isnan(evaluate([])['calibration/class_ECE'])


def test_report_holds_all_bins(make_sample, tmp_path):
    evaluate(
        images(make_sample, [0.1, 0.9], [False, True]),
        outfile_prefix=str(tmp_path / 'run'),
    )
    text = (tmp_path / 'run.calibration.json').read_text()
    report = json.loads(text, parse_constant=pytest.fail)
    bins = report['bins']['uncertainty']['equal_width']
    assert bins['cases'] == [1, 1] and bins['outcome'] == [0, 1]
    assert report['bins']['class']['equal_mass']['cases'] == []
    assert report['metrics']['class_ECE'] is None


def test_uncertainty_that_is_not_finite_is_refused(make_sample):
    sample = make_sample(urgency=0, uncertainty=[float('nan')], img_id=3)
    with pytest.raises(ValueError, match=r'image 3: pred_tasks\.uncertainty'):
        evaluate([sample])


def test_unknown_scale_is_refused():
    with pytest.raises(ValueError, match="gt_scale.*'input'"):
        CalibrationMetric(gt_scale='input')
