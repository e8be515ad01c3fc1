import json
import math

import numpy as np
import pytest

from maxsight_mm.evaluation.decision_figures import (
    NO_GROUP,
    decision_content,
    study_figures,
    subgroup_rows,
)
from maxsight_mm.evaluation.decision_study import study_decision
from maxsight_mm.evaluation.functional.decisions import Costs
from maxsight_mm.evaluation.task_predictions import read_predictions
from tests.toy_predictions import toy_predictions


def made(tmp_path, calibrate=True, costs=(20, 1), unsafe=('unsafe',), **settings):
    def read(seed, num_images):
        path = tmp_path / f'{seed}.json'
        content = toy_predictions(num_images, seed=seed, **settings)
        path.write_text(json.dumps(content))
        return read_predictions(path)

    return study_decision(
        read(0, 80), 'risk', unsafe, Costs(*costs), read(1, 200) if calibrate else None
    )


@pytest.fixture
def study(tmp_path):
    return made(tmp_path)


def test_costs_are_those_of_the_mistakes(study):
    figures = study_figures(study, images_per_year=5000)
    own = figures['policies']['threshold']
    cost = (20 * own['misses'] + own['false_alarms']) / 72
    assert own['cost_per_1000'] == pytest.approx(1000 * cost)
    assert own['cost_per_year'] == pytest.approx(5000 * cost)
    assert figures['policies']['always unsafe']['cost_per_1000'] == pytest.approx(
        1000 * own['num_safe'] / 72
    )
    assert study_figures(study)['policies']['threshold']['cost_per_year'] is None
    assert np.sum(figures['decision_confusion']) == np.sum(figures['confusion']) == 72
    assert figures['decision_confusion'][1][0] == own['misses']


def test_calibration_is_that_of_the_judged_scores(study):
    functional = pytest.importorskip('torchmetrics.functional.classification')
    torch = pytest.importorskip('torch')
    figures = study_figures(study)['calibration']
    logits = torch.from_numpy(study.answers.logits)
    truth = torch.from_numpy(study.answers.labels)
    for when, temperature in (('before', 1.0), ('after', study.fit.temperature)):
        scores = (logits / temperature).softmax(1)
        unsafe = functional.binary_calibration_error(
            scores[:, 1].contiguous(), truth, 10
        )
        best = functional.multiclass_calibration_error(scores, truth, 2, 10)
        nll = torch.nn.functional.cross_entropy(logits / temperature, truth)
        own = figures[when]
        assert own['unsafe_ece'] == pytest.approx(unsafe.item(), abs=1e-6)
        assert own['confidence_ece'] == pytest.approx(best.item(), abs=1e-6)
        assert own['nll'] == pytest.approx(nll.item(), abs=1e-9)
        assert own['bins']['cases'].sum() == 72


def test_best_scored_classes_agree_with_sklearn(tmp_path):
    metrics = pytest.importorskip('sklearn.metrics')
    study = made(tmp_path, num_classes=4, unsafe=('trench',))
    own = study_figures(study)['best_scored']
    truth, answers = study.answers.labels, study.best_scored
    assert own['accuracy'] == pytest.approx(metrics.accuracy_score(truth, answers))
    assert own['macro_f1'] == pytest.approx(
        metrics.f1_score(truth, answers, average='macro')
    )
    assert own['macro_recall'] == own['balanced_accuracy']


def test_decision_holds_what_inference_needs(study):
    content = decision_content(study, 'risk', 'abc', (0.05, 0.6))
    histogram = content.pop('score_histogram')
    assert content == {
        'version': 1,
        'task': 'risk',
        'classes': ('safe', 'unsafe'),
        'unsafe': ['unsafe'],
        'activation': 'softmax',
        'temperature': study.fit.temperature,
        'threshold': study.fit.threshold,
        'costs': {'miss': 20, 'false_alarm': 1},
        'review': {'low': 0.05, 'high': 0.6},
        'images': 72,
        'model': 'abc',
    }
    assert histogram['edges'].tolist() == [i / 10 for i in range(11)]
    expected = np.bincount((study.scores * 10).astype(int), minlength=10)
    assert histogram['counts'].tolist() == expected.tolist()
    assert decision_content(study, 'risk', None)['review'] is None


def test_review_leaves_the_clear_cases(study):
    review = study_figures(study, review=(0.2, 0.7))['review']
    between = (study.scores >= 0.2) & (study.scores < 0.7)
    assert review['reviewed'] == between.sum()
    assert review['misses'] == (study.is_unsafe & (study.scores < 0.2)).sum()
    assert review['false_alarms'] == (~study.is_unsafe & (study.scores >= 0.7)).sum()


@pytest.mark.parametrize('review', [(0.6, 0.2), (-0.1, 0.5), (0.5, 2), (math.nan, 1)])
def test_review_that_is_no_range_is_refused(study, review):
    with pytest.raises(ValueError, match='review must be a range'):
        study_figures(study, review=review)


def test_groups_add_up_and_small_ones_are_flagged(study):
    rows = subgroup_rows(study, 'site')
    assert [row['group'] for row in rows][-2:] == ['C', NO_GROUP]
    assert {row['group'] for row in rows} == {'A', 'B', 'C', NO_GROUP}
    for name in ('num_unsafe', 'num_safe', 'misses', 'false_alarms'):
        assert sum(row[name] for row in rows) == getattr(study.outcome, name)
    assert 'fewer than 20 unsafe images' in rows[-1]['flags']


def test_group_that_is_worse_than_all_images_is_flagged(tmp_path):
    # 60 unsafe images in A are found, 25 in B are not.
    sites = ['A'] * 60 + ['B'] * 25 + ['A'] * 40
    labels = [1] * 85 + [0] * 40
    found = [1] * 60 + [0] * 65
    content = toy_predictions()
    content['images'] = [
        {
            'img_path': f'{i}.png',
            'labels': {'risk': label},
            'logits': {'risk': [0.0, 3.0 if held else -3.0]},
            'groups': {'site': site},
        }
        for i, (site, label, held) in enumerate(zip(sites, labels, found, strict=True))
    ]
    path = tmp_path / 'predictions.json'
    path.write_text(json.dumps(content))
    costs = Costs(1, 10)
    study = study_decision(read_predictions(path), 'risk', ['unsafe'], costs)
    rows = {row['group']: row for row in subgroup_rows(study, 'site')}
    assert rows['A']['flags'] == []
    assert rows['B']['recall'] == 0
    assert rows['B']['flags'] == [
        'fewer than 20 safe images',
        'finds less than in all images',
    ]


def test_unknown_column_names_the_known(study):
    with pytest.raises(ValueError, match="no image has a group 'town'; known: site"):
        study_figures(study, ['town'])
