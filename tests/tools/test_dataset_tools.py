import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from maxsight_mm.visualization.draw_safety import UNLABELLED_COLOUR

TOOLS = Path(__file__).parents[2] / 'tools'
SETTINGS = """
default_scope = 'maxsight_mm'
train_dataloader = dict(
    dataset=dict(
        type='MaxSightCocoDataset',
        ann_file='train.json',
        data_root={root!r},
        labels_for_missing='heuristic',
        pipeline=[
            dict(type='LoadSafeImage'),
            dict(type='LoadTaskAnnotations', with_bbox=True),
            dict(type='RandomZoom', prob=1.0),
            dict(type='PackTaskInputs'),
        ],
    )
)
"""


def load_tool(name):
    spec = importlib.util.spec_from_file_location(Path(name).stem, TOOLS / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def validate(*arguments):
    tool = load_tool('dataset_tools/validate_coco.py')
    return tool.main([str(argument) for argument in arguments])


@pytest.fixture
def root(tmp_path):
    image = np.zeros((40, 60, 3), np.uint8)
    for i in range(3):
        cv2.imwrite(str(tmp_path / f'{i}.png'), image)
    images = [
        {'id': i, 'file_name': f'{i}.png', 'width': 60, 'height': 40} for i in range(3)
    ]
    box = {'id': 5, 'image_id': 1, 'category_id': 1, 'bbox': [5, 5, 20, 20]}
    categories = [{'id': 1, 'name': 'car'}]
    data = {'images': images, 'annotations': [box], 'categories': categories}
    (tmp_path / 'train.json').write_text(json.dumps(data))
    return tmp_path


def test_clean_file_exits_0_and_prints_pure_json(root):
    tool = TOOLS / 'dataset_tools/validate_coco.py'
    options = [root / 'train.json', '--image-root', root, '--classes', 'car', '--json']
    done = subprocess.run(
        [sys.executable, tool, *options],
        capture_output=True,
        text=True,
        env=os.environ | {'PYTHONPATH': str(TOOLS.parent)},
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report['ok'] is True
    assert report['counts']['images'] == 3


def test_faults_in_files_and_classes_exit_1_and_are_named(root, capsys):
    (root / '0.png').unlink()
    (root / '1.png').write_bytes((root / '1.png').read_bytes()[:-12])
    cv2.imwrite(str(root / '2.png'), np.zeros((41, 60, 3), np.uint8))
    options = ['--image-root', root, '--decode', '--classes', 'cars']
    assert validate(root / 'train.json', *options) == 1
    said = capsys.readouterr().out
    for fault in ('missing_file', 'bad_image', 'wrong_image_size', "'cars'"):
        assert fault in said


def test_header_alone_shows_no_truncation_but_decoding_does(root, capsys):
    (root / '1.png').write_bytes((root / '1.png').read_bytes()[:-12])
    assert validate(root / 'train.json', '--image-root', root) == 0
    assert validate(root / 'train.json', '--image-root', root, '--decode') == 1
    assert 'truncated' in capsys.readouterr().out


def test_file_that_leads_out_of_the_root_is_not_opened(root, capsys):
    text = (root / 'train.json').read_text().replace('0.png', '../0.png')
    (root / 'train.json').write_text(text)
    assert validate(root / 'train.json', '--image-root', root) == 1
    assert 'file_outside' in capsys.readouterr().out


def test_unreadable_file_exits_2_with_one_line(root, capsys):
    (root / 'train.json').write_text('{"images": [')
    assert validate(root / 'train.json') == 2
    said = capsys.readouterr()
    assert said.out == ''
    assert said.err.startswith(f'{root / "train.json"}: line 1')
    assert said.err.count('\n') == 1


def browse(root, *arguments):
    (root / 'config.py').write_text(SETTINGS.format(root=str(root)))
    tool = load_tool('analysis_tools/browse_dataset.py')
    options = [root / 'config.py', '--count', 2, *arguments]
    return tool.main([str(option) for option in options])


def test_browsing_writes_a_sheet(root):
    browse(root, '--out', root / 'out' / 'sheet.png')
    assert cv2.imread(str(root / 'out' / 'sheet.png')).shape[1] > 2 * 640


def test_browsing_the_augmented_samples_writes_a_folder(root):
    browse(root, '--out', root / 'files', '--augmented')
    names = [path.name for path in sorted((root / 'files').iterdir())]
    assert names == ['000000.png', '000002.png']


@pytest.mark.parametrize('options', [[], ['--augmented']])
def test_browsing_draws_ignored_objects_in_grey(root, options):
    data = json.loads((root / 'train.json').read_text())
    data['annotations'][0].update(iscrowd=1, image_id=0, bbox=[20, 15, 20, 10])
    (root / 'train.json').write_text(json.dumps(data))
    unlabelled = 'train_dataloader.dataset.labels_for_missing=none'
    browse(root, '--out', root / 'files', '--cfg-options', unlabelled, *options)
    drawn = cv2.imread(str(root / 'files' / '000000.png'))
    colours = {tuple(c) for c in drawn.reshape(-1, 3).tolist()}
    assert UNLABELLED_COLOUR in colours
    # Nothing but black, the padding's grey, blends of them and the line.
    assert all(blue == green == red for blue, green, red in colours)


def test_browsing_without_data_is_one_line_and_exit_2(root, capsys):
    (root / 'train.json').unlink()
    with pytest.raises(SystemExit, match='2'):
        browse(root, '--out', root / 'sheet.png')
    said = capsys.readouterr().err.splitlines()
    assert said[-1].endswith('train.json: no such file')
