import importlib.util
import json
import math
from pathlib import Path

import cv2
import pytest

from maxsight_mm.visualization.learning_curves import (
    loss_keys,
    plot_learning_curves,
    read_history,
)

TOOL = Path(__file__).parents[2] / 'tools/analysis_tools/learning_curves.py'


def train_line(step, epoch=1, loss=3.0):
    record = {'lr': 1e-3, 'loss': loss, 'loss_box': loss / 2, 'loss_zone': loss / 3}
    return json.dumps(record | {'epoch': epoch, 'iter': step, 'step': step})


def val_line(epoch, ap50=0.5):
    record = {'det/AP50': ap50, 'det/mAP': 0.2, 'safety/zone_accuracy': float('nan')}
    return json.dumps(record | {'step': epoch})


def write_log(run, stamp, lines):
    folder = run / stamp / 'vis_data'
    folder.mkdir(parents=True)
    (folder / 'scalars.json').write_text('\n'.join(lines) + '\n')


def titles(figure):
    return [axes.get_title(loc='left') for axes in figure.axes if axes.axison]


def test_resumed_run_counts_repeated_steps_once(tmp_path):
    first = [train_line(2), train_line(4), val_line(1, 0.1)]
    first += [train_line(6, epoch=2, loss=9.0), val_line(2, 0.9)]
    write_log(tmp_path, '20260101_000000', first)
    again = [train_line(6, epoch=2, loss=2.0), val_line(2, 0.3)]
    write_log(tmp_path, '20260102_000000', again)
    history = read_history(tmp_path)
    assert [record['step'] for record in history.training] == [2, 4, 6]
    assert history.training[-1]['loss'] == 2.0
    assert [record['det/AP50'] for record in history.validation] == [0.1, 0.3]
    assert history.unit == 'epoch'


def test_half_written_line_and_log_of_a_test_are_passed_over(tmp_path):
    write_log(tmp_path, '20260101_000000', [train_line(2), '{"loss": 1.'])
    write_log(tmp_path, '20260102_000000', [val_line(1)])
    history = read_history(tmp_path)
    assert len(history.training) == 1
    assert not history.validation


def test_folder_without_log_is_refused(tmp_path):
    with pytest.raises(ValueError, match='no log of a training'):
        read_history(tmp_path)


def test_iterations_are_the_unit_without_epochs(tmp_path):
    line = '{"lr": 0.1, "loss": 1.0, "iter": 5, "step": 5}'
    write_log(tmp_path, '20260101_000000', [line, '{"det/AP50": 0.5, "step": 5}'])
    history = read_history(tmp_path)
    assert history.unit == 'iteration'
    assert [record['step'] for record in history.validation] == [5]


def test_every_task_has_a_panel_and_unfinite_values_are_told(tmp_path):
    lines = [train_line(2), train_line(4, loss=math.nan), train_line(6), val_line(1)]
    write_log(tmp_path, '20260101_000000', lines)
    history = read_history(tmp_path)
    assert loss_keys(history.training) == ['loss_box', 'loss_zone']
    figure = plot_learning_curves(history)
    assert {'Total loss', 'Loss: box', 'Loss: zone', 'Zone accuracy'} < {
        *titles(figure)
    }
    legend = figure.axes[0].get_legend().get_texts()
    assert [text.get_text() for text in legend] == ['1 not finite']


def test_run_without_validation_says_so(tmp_path):
    write_log(tmp_path, '20260101_000000', [train_line(2)])
    figure = plot_learning_curves(read_history(tmp_path))
    shown = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert shown == ['no validation yet']


def load_tool():
    spec = importlib.util.spec_from_file_location(TOOL.stem, TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(('dark', 'bright'), [([], True), (['--dark'], False)])
def test_tool_writes_a_picture_on_the_paper_asked_for(tmp_path, dark, bright):
    write_log(tmp_path, '20260101_000000', [train_line(2), train_line(4)])
    out = tmp_path / 'plots/curves.png'
    load_tool().main([str(tmp_path), '--out', str(out), *dark])
    assert (cv2.imread(str(out))[0, 0].mean() > 128) == bright


def test_tool_names_a_wrong_folder_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        load_tool().main([str(tmp_path), '--out', 'curves.png'])
    assert end.value.code == 2
    assert capsys.readouterr().err.count('\n') == 1
