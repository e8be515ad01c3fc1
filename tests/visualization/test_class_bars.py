import json
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from maxsight_mm.visualization.class_bars import classes_by_ap50, plot_class_bars

TOOL = Path(__file__).parents[2] / 'tools/analysis_tools/class_bars.py'


def test_best_class_is_on_top_and_absent_classes_are_left_out(det):
    assert [row['objects'] for row in classes_by_ap50(det['classes'])] == [5, 3]
    axes = plot_class_bars(det['classes']).axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ['<b>kerb</b>  (5)', 'car  (3)']
    assert [bar.get_width() for bar in axes.containers[0]] == [0.75, 0.25]
    assert axes.yaxis_inverted()


def test_no_objects_at_all_is_said():
    axes = plot_class_bars([]).axes[0]
    assert axes.texts[0].get_text() == 'no class has objects'


def test_tool_writes_a_picture(tmp_path, det):
    table, out = tmp_path / 'test.det.json', tmp_path / 'classes.png'
    table.write_text(json.dumps(det))
    call = (sys.executable, str(TOOL), str(table), '--out', str(out))
    run = subprocess.run(call, capture_output=True, text=True, check=True)
    assert '2 of 3 classes' in run.stdout
    assert cv2.imread(str(out)) is not None


@pytest.mark.parametrize('content', ['no json', '{"metrics": 1}', None])
def test_tool_refuses_another_file_in_one_line(tmp_path, content):
    table = tmp_path / 'test.det.json'
    if content is not None:
        table.write_text(content)
    call = (sys.executable, str(TOOL), str(table), '--out', str(tmp_path / 'a.png'))
    run = subprocess.run(call, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.count('\n') == 1
    assert 'test.det.json' in run.stderr
