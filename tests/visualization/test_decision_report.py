import json
import re

import cv2
import numpy as np
import pytest

from maxsight_mm.evaluation.decision_figures import study_figures
from maxsight_mm.evaluation.decision_study import study_decision
from maxsight_mm.evaluation.functional.decisions import Costs
from maxsight_mm.evaluation.task_predictions import read_predictions
from maxsight_mm.visualization.decision_gallery import (
    Case,
    case_picture,
    plot_gallery,
    wrong_cases,
)
from maxsight_mm.visualization.decision_plots import (
    plot_before_after,
    plot_confusions,
    plot_sweep,
)
from maxsight_mm.visualization.decision_report import (
    ReportSettings,
    write_decision_report,
)
from maxsight_mm.visualization.decision_words import cautions, interval, money, share
from tests.toy_predictions import toy_predictions

SETTINGS = ReportSettings('risk', 'abcdef', 'EUR', 250000, (0.05, 0.6), ['site'])


@pytest.fixture
def make(tmp_path):
    """A study; some of the pictures are there."""
    folder = tmp_path / 'images'
    folder.mkdir()

    def build(calibrate=True, unsafe=('unsafe',), costs=(20, 1), **settings):
        def read(seed):
            path = tmp_path / f'{seed}.json'
            content = toy_predictions(seed=seed, folder=str(folder), **settings)
            path.write_text(json.dumps(content))
            for index, image in enumerate(content['images']):
                if index % 3:
                    card = np.full((30, 20, 3), index, np.uint8)
                    cv2.imwrite(image['img_path'], card)
            return read_predictions(path)

        other = read(1) if calibrate else None
        return study_decision(read(0), 'risk', unsafe, Costs(*costs), other)

    return build


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_words():
    assert share(0.1234) == '12.3 %' and share(float('nan')) == '–'
    assert interval((0.5, 1)) == '50.0 to 100.0 %'
    assert interval((float('nan'),) * 2) == '–'
    found = [money(value) for value in (1234.4, 20, 1, 0.25, 0)]
    assert found == ['1,234', '20', '1', '0.25', '0']


def test_cautions_name_what_weakens_the_figures(make):
    said = ' '.join(cautions(study_figures(make())))
    assert 'want of a label: 8' in said and 'of these images are unsafe' in said
    dear = study_figures(make(costs=(1, 100)))
    dear['policies']['always safe']['cost_per_1000'] = 0
    dear['policies']['threshold']['num_unsafe'] = 3
    dear['fitted']['temperature'] = 20
    said = ' '.join(cautions(dear))
    assert '“always safe” would have cost less' in said
    assert 'Only 3 unsafe images' in said and 'at its limit, 20' in said


def test_confusions_show_counts_and_mark_misses():
    counts, decided = np.array([[5, 1, 0], [2, 3, 0], [0, 1, 4]]), np.eye(2, dtype=int)
    figure = plot_confusions(counts, ['a', 'b', 'c'], [1], decided, 'Decision')
    left, right = figure.axes
    assert texts(left)[:4] == ['5\n83%', '1\n17%', '0\n0%', '2\n40%']
    # b is unsafe: answering a or c for it lets it through.
    marked = [(round(p.get_x() + 0.44), round(p.get_y() + 0.44)) for p in left.patches]
    assert marked == [(0, 1), (2, 1)]
    assert right.get_title(loc='left') == 'Decision' and len(right.patches) == 1


def test_class_without_images_is_no_division_by_zero():
    counts = np.array([[0, 0], [1, 3]])
    axes = plot_confusions(counts, ['a', 'b'], [1], counts, 'Decision').axes[0]
    assert texts(axes)[:2] == ['0\n0%', '0\n0%']


def test_reliability_before_and_after(make):
    calibration = study_figures(make())['calibration']
    before, after = plot_before_after(calibration).axes
    for axes, when in ((before, 'before'), (after, 'after')):
        bins = calibration[when]['bins']
        points = np.stack([bins['confidence'], bins['outcome']], axis=1)
        np.testing.assert_allclose(axes.collections[-1].get_offsets(), points)
        assert f'{calibration[when]["unsafe_ece"]:.1%}' in texts(axes)[0]


@pytest.mark.parametrize('calibrate', [True, False])
def test_sweep_marks_the_chosen_point(make, calibrate):
    study = make(calibrate)
    costs = {n: r['cost_per_1000'] for n, r in study_figures(study)['policies'].items()}
    chosen_on = study.fit_sweep()
    figure = plot_sweep(
        study.sweep(),
        chosen_on if calibrate else None,
        study.fit.threshold,
        costs,
        'EUR',
    )
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    (label,) = [name for name in lines if name.startswith('in use')]
    assert lines[label].get_xydata()[0] == pytest.approx(
        (study.fit.threshold, 1000 * chosen_on.cost.min())
    )
    judged = lines['judged' if calibrate else 'judged by cross-fitting']
    assert judged.get_ydata()[0] == costs['threshold']
    assert ('where it was chosen' in lines) == calibrate
    recall = figure.axes[1].lines[0].get_ydata()
    assert recall[1:].tolist() == study.sweep().recall.tolist()


def test_wrong_cases_come_worst_first(make):
    study = make(costs=(2, 1))
    cases = wrong_cases(study)
    assert [len(cases[kind]) for kind in ('misses', 'false_alarms')] == [
        study.outcome.misses,
        study.outcome.false_alarms,
    ]
    misses, alarms = ([c.score for c in cases[kind]] for kind in cases)
    assert misses == sorted(misses) and alarms == sorted(alarms, reverse=True)
    assert {case.truth for case in cases['misses']} <= {'unsafe'}


def test_pictures_keep_their_shape_and_missing_ones_are_none(tmp_path):
    path, broken = tmp_path / 'tall.png', tmp_path / 'broken.png'
    cv2.imwrite(str(path), np.full((90, 10, 3), 7, np.uint8))
    broken.write_text('no picture')
    card = case_picture(str(path))
    assert card.shape == (270, 360, 3)
    assert (card[:, 165:195] == 7).all() and (card[:, :160] == 235).all()
    assert case_picture(str(broken)) is None
    assert case_picture(str(tmp_path / 'none.png')) is None


def test_gallery_has_a_placeholder_for_a_missing_picture():
    cases = [Case('a/b.png', 0.25, 'unsafe', 'safe'), Case('x' * 80, 0.5, 'c', 'd')]
    figure = plot_gallery(cases, [np.zeros((270, 360, 3), np.uint8), None])
    first, second = figure.axes
    assert first.get_title(loc='left') == '0.250  unsafe'
    assert texts(first) == ['b.png']
    assert texts(second)[1] == 'picture not found' and len(texts(second)[0]) <= 31


@pytest.mark.parametrize('calibrate', [True, False])
def test_all_files_are_written(make, tmp_path, calibrate):
    study, out = make(calibrate, costs=(1, 2)), tmp_path / 'new' / 'report'
    figures = write_decision_report(study, out, SETTINGS)
    assert figures['policies']['threshold']['misses']
    assert {path.name for path in out.iterdir()} == {
        'report.html',
        'report.md',
        'metrics.json',
        'decision.json',
        'confusion_matrix.png',
        'reliability.png',
        'threshold_sweep.png',
        'misses.png',
        'false_alarms.png',
    }
    for path in out.glob('*.png'):
        assert cv2.imread(str(path)).std() > 5
    text = (out / 'report.md').read_text()
    for name in re.findall(r'\]\((.+?\.png)\)', text):
        assert (out / name).is_file()
    assert ('cross-fitted' in text) != calibrate
    metrics = json.loads((out / 'metrics.json').read_text())
    assert metrics['task'] == 'risk' and metrics['fitted']['cross_fitted'] != calibrate
    decision = json.loads((out / 'decision.json').read_text())
    assert decision['threshold'] == study.fit.threshold
    assert sum(decision['score_histogram']['counts']) == decision['images'] == 72


def test_page_asks_for_nothing_from_outside(make, tmp_path):
    write_decision_report(make(costs=(3, 1)), tmp_path / 'report', SETTINGS)
    page = (tmp_path / 'report/report.html').read_text()
    assert "default-src 'none'" in page and '<script' not in page
    sources = re.findall(r'(?:src|srcset|href)="([^"]*)"', page)
    assert sources and all(s.startswith(('data:image/', '#')) for s in sources)
    assert 'picture not found' in page and 'image/jpeg' in page


def test_names_are_text_in_the_page_and_in_the_tables(make, tmp_path):
    study = make()
    study.answers.groups[0] = {'site': '<b>x</b>|y'}
    write_decision_report(study, tmp_path / 'report', SETTINGS)
    page = (tmp_path / 'report/report.html').read_text()
    assert '&lt;b&gt;x' in page and '<b>x' not in page
    assert '<b>x</b>\\|y |' in (tmp_path / 'report/report.md').read_text()


def test_nothing_wrong_leaves_no_gallery(make, tmp_path):
    study = make(costs=(1000, 0))
    out = tmp_path / 'report'
    write_decision_report(study, out, ReportSettings('risk'))
    assert study.outcome.misses == 0 and not (out / 'misses.png').exists()
    for name in ('report.md', 'report.html'):
        text = (out / name).read_text()
        assert 'No unsafe image was let through.' in text and 'per year' not in text


@pytest.mark.parametrize('activation', ['softmax', 'sigmoid'])
def test_several_classes(make, tmp_path, activation):
    study = make(num_classes=4, activation=activation, unsafe=('trench', 'traffic'))
    write_decision_report(study, tmp_path / 'report', SETTINGS)
    text = (tmp_path / 'report/report.md').read_text()
    assert 'Unsafe: trench, traffic.' in text and '| person | safe |' in text


def test_nothing_is_written_where_a_setting_is_wrong(make, tmp_path):
    out = tmp_path / 'report'
    with pytest.raises(ValueError, match='town'):
        write_decision_report(make(), out, SETTINGS._replace(columns=['town']))
    assert not out.exists()
