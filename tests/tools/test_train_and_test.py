"""Bad input ends the tools in one line and status 2, and leaves nothing behind."""

import json
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

from tests.engine.squares import make_config, write_squares
from tests.models.toy_detector import build_toy

TOOLS = Path(__file__).parents[2] / 'tools'


@pytest.fixture
def root(tmp_path):
    return write_squares(tmp_path / 'data')


@pytest.fixture
def config_file(root, tmp_path):
    path = tmp_path / 'squares.py'
    make_config(root, tmp_path / 'work', 1).dump(path)
    return path


@pytest.fixture(autouse=True)
def own_loaders(monkeypatch):
    monkeypatch.setattr(CheckpointLoader, '_schemes', CheckpointLoader._schemes.copy())


@pytest.fixture
def call(monkeypatch, capsys):
    """Run a tool in this process; its exit status and the last line on stderr."""

    def call(tool, *args) -> tuple[int, str]:
        monkeypatch.setattr(sys, 'argv', [tool, *map(str, args)])
        code = 0
        try:
            runpy.run_path(str(TOOLS / tool), run_name='__main__')
        except SystemExit as stopped:
            code = stopped.code
        return code, capsys.readouterr().err.strip().rsplit('\n', 1)[-1]

    return call


def edit_json(root: Path, change) -> None:
    path = root / 'all.json'
    content = json.loads(path.read_text())
    path.write_text(json.dumps(change(content)))


def rename_green(content):
    content['categories'][1]['name'] = 'grean'
    return content


def break_box(content):
    content['annotations'][3]['bbox'] = [10, 10, -5, 5]
    return content


FAULTS = {
    'data root missing': (
        lambda root: root.rename(root.with_name('moved')),
        'no such data root',
    ),
    'list at the top': (lambda root: edit_json(root, lambda c: [c]), 'all.json'),
    'no categories': (
        lambda root: edit_json(root, lambda c: {**c, 'categories': None}),
        'categories',
    ),
    'truncated JSON': (
        lambda root: (root / 'all.json').write_text('{"images": ['),
        'line 1',
    ),
    'class missing': (lambda root: edit_json(root, rename_green), 'grean'),
    'bad box': (lambda root: edit_json(root, break_box), 'annotation 3'),
}


@pytest.mark.parametrize('fault', FAULTS)
def test_bad_data_is_one_line_and_leaves_nothing(
    fault, root, config_file, tmp_path, call
):
    act, part = FAULTS[fault]
    act(root)
    code, line = call('train.py', config_file)
    assert code == 2
    assert line.startswith('train: ') and part in line
    assert not (tmp_path / 'work').exists()


def test_truncated_images_stop_a_training(root, config_file, call):
    for name in ('2.png', '5.png'):
        data = (root / name).read_bytes()
        (root / name).write_bytes(data[: len(data) // 2])
    code, line = call('train.py', config_file)
    assert code == 2
    assert 'max_bad_images' in line and '.png' in line


def test_truncated_image_stops_a_test(root, config_file, tmp_path, call):
    assert call('train.py', config_file)[0] == 0
    data = (root / '2.png').read_bytes()
    (root / '2.png').write_bytes(data[: len(data) // 2])
    code, line = call('test.py', config_file, tmp_path / 'work/epoch_1.pth')
    assert code == 2
    assert '2.png' in line


@pytest.mark.parametrize('tool', ['train.py', 'test.py'])
def test_unknown_option_names_the_nearest(tool, config_file, tmp_path, call):
    args = ['any.pth'] if tool == 'test.py' else []
    option = 'model.safety_pass.dpeth=34'
    code, line = call(tool, config_file, *args, '--cfg-options', option)
    assert code == 2
    assert 'model.safety_pass.depth' in line
    assert not (tmp_path / 'work').exists()


@pytest.mark.parametrize('kind', ['missing', 'another model', 'not weights'])
def test_bad_checkpoint_is_one_line(kind, config_file, tmp_path, call):
    path = tmp_path / 'a.pth'
    if kind == 'another model':
        torch.save(build_toy(channels=24).state_dict(), path)
    elif kind == 'not weights':
        path.write_text('<html>')
    code, line = call('test.py', config_file, path)
    assert code == 2
    assert line.startswith('test: ') and str(path) in line
    assert not (tmp_path / 'work').exists()


def test_train_then_test_with_pictures_and_dump(config_file, tmp_path, call):
    assert call('train.py', config_file)[0] == 0
    checkpoint, out = tmp_path / 'work/epoch_1.pth', tmp_path / 'found.pkl'
    code, _ = call(
        'test.py', config_file, checkpoint, '--show-dir', 'pictures', '--out', out
    )
    assert code == 0 and out.is_file()
    pictures = list((tmp_path / 'work').glob('*/pictures/*.png'))
    assert len(pictures) == 8
    assert cv2.imread(str(pictures[0])).dtype == np.uint8
