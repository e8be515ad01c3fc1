import math

import cv2
import numpy as np
import pytest

from maxsight_mm.engine.ssod_monitor import KINDS, RunRecords
from maxsight_mm.visualization.ssod_dashboard import plot_ssod_dashboard, thinned
from tests.tool_run import run_tool


def row(**more):
    figures = dict(AP=0.1, AP50=0.2, baseline=0.05, AP_difference=0.05, share=0.2)
    return figures | dict(efficiency=0.5) | more


def label_row(**more):
    figures = dict(mean=0.4, median=0.3, histogram=[1] * 10, kept_ratio=0.2)
    return figures | dict(seen=5, kept=1, threshold=0.5) | more


@pytest.fixture
def records():
    classes = {'rust': row(), 'chip': row(AP=None, efficiency=None, baseline=None)}
    labels = {'rust': label_row(), 'chip': label_row(mean=None, kept_ratio=None)}
    return {
        'class_progress': [dict(step=step, classes=classes) for step in (10, 20)],
        'pseudo_labels': [dict(step=10, mean=0.4, median=None, classes=labels)],
        'positive_anchors': [
            dict(step=10, images=1, boxes=4, by_aspect={'0.50': [4, 2], '2.00': [0, 0]})
        ],
        'loss': [dict(step=10, mean=None, cv=None, count=0, burn_in=True)],
        'validation': [],
        'guard_events': [dict(step=10, rule='not_improved/rust', text='x')],
    }


def said(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_neighbours_are_averaged_and_the_unfinite_left_out():
    steps, values = thinned(range(240), [1.0, 3.0, None, math.nan] * 60)
    assert (len(steps), steps[0], steps[-1]) == (60, 3, 239)
    assert (values == 2.0).all()
    steps, values = thinned([5, 6], [None, 1.0])
    assert steps.tolist() == [5, 6]
    assert np.isnan(values[0]) and values[1] == 1.0
    assert len(thinned([], [])[0]) == 0


def test_every_panel_shows_its_records(records):
    figure = plot_ssod_dashboard(records)
    progress, efficiency, _, kept, histogram, anchors, loss, _ = figure.axes
    lines = [line for line in progress.lines if line.get_linestyle() == '--']
    assert [line.get_ydata()[0] for line in lines] == [0.05]
    assert [bar.get_width() for bar in efficiency.patches] == [0.5]
    # baseline AP / share
    assert efficiency.lines[0].get_xdata()[0] == 0.25
    assert kept.lines[0].get_ydata()[0] == 0.2
    assert sum(bar.get_height() for bar in histogram.patches) == 20
    assert [bar.get_height() for bar in anchors.patches] == [1.0, 0.0, 0.5, 0.0]
    names = [text.get_text() for text in loss.get_legend().get_texts()]
    assert names == ['loss', 'burn-in', 'not improved']
    assert said(figure) == ['0.50']


def test_panels_without_records_say_so():
    figure = plot_ssod_dashboard({kind: [] for kind in KINDS})
    assert said(figure) == ['not recorded'] * 8


def test_pictures_without_boxes_are_told_of(records):
    records['positive_anchors'][0]['boxes'] = 0
    assert 'no labelled box' in said(plot_ssod_dashboard(records))


@pytest.mark.parametrize(('dark', 'bright'), [([], True), (['--dark'], False)])
def test_tool_draws_a_run(tmp_path, records, dark, bright):
    for kind, each in records.items():
        for record in each:
            RunRecords(tmp_path, kind).append(record)
    out = tmp_path / 'plots/dashboard.png'
    run = run_tool(
        'analysis_tools/ssod_dashboard.py', str(tmp_path), '--out', str(out), *dark
    )
    assert run.returncode == 0, run.stderr
    assert '6 records' in run.stdout
    assert (cv2.imread(str(out))[0, 0].mean() > 128) == bright


def test_tool_names_a_folder_without_records_in_one_line(tmp_path):
    run = run_tool('analysis_tools/ssod_dashboard.py', str(tmp_path), '--out', 'a.png')
    assert run.returncode == 2
    assert run.stderr.startswith('ssod_dashboard: ') and run.stderr.count('\n') == 1
