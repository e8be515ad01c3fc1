"""The tool on drawn scenes, with predictions made from their labels."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmengine.fileio import dump

from maxsight_mm.synthetic.kitchen.kitchen_dataset import (
    KitchenSetSettings,
    write_kitchen_set,
)

from ..tool_run import run_tool

TOOL = 'analysis_tools/violation_recall.py'


@pytest.fixture(scope='module')
def ann(tmp_path_factory):
    out = tmp_path_factory.mktemp('kitchen') / 'set'
    settings = KitchenSetSettings(train=40, val=0, mix='collected', width=96, height=96)
    write_kitchen_set(out, settings, workers=1)
    return out / 'annotations' / 'instances_train.json'


def predict(path, ann, share, seed=0):
    """Finds a share of the hands, each in its place, and nothing else."""
    rng = np.random.default_rng(seed)
    data = json.loads(ann.read_text())
    records = []
    for image in data['images']:
        mine = [a for a in data['annotations'] if a['image_id'] == image['id']]
        kept = [a for a in mine if rng.random() < share]
        boxes = torch.tensor([a['bbox'] for a in kept], dtype=torch.float32)
        boxes = boxes.reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        labels = torch.tensor([a['category_id'] - 1 for a in kept], dtype=torch.int64)
        instances = dict(bboxes=boxes, labels=labels, scores=torch.ones(len(kept)))
        records.append(dict(img_id=image['id'], pred_instances=instances))
    path.parent.mkdir(parents=True, exist_ok=True)
    dump(records, str(path))
    return str(path)


def test_table_and_picture_of_two_arms(tmp_path, ann):
    runs = [predict(tmp_path / 'full/seed0/predictions.pkl', ann, 1.0)]
    for seed in range(2):
        path = tmp_path / f'half/seed{seed}/predictions.pkl'
        runs.append(predict(path, ann, 0.5, seed))
    out = tmp_path / 'plots' / 'recall.png'
    run = run_tool(TOOL, *runs, '--ann', str(ann), '--out', str(out))
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    data = json.loads(ann.read_text())
    bare = sum(a['category_id'] == 2 for a in data['annotations'])
    assert lines[0] == f'hand_without_glove: {bare} objects, IoU 0.5'
    assert '| full | 1 | 1.000 | 1.000 | 1.000 |' in lines
    (half,) = [line for line in lines if line.startswith('| half | 2 | 0.')]
    assert half.count(' to ') == 3
    assert cv2.imread(str(out)).shape[1] > 500


def test_another_class_and_other_precisions(tmp_path, ann):
    run = predict(tmp_path / 'a/seed0/predictions.pkl', ann, 1.0)
    done = run_tool(
        TOOL, f'mine={run}', '--ann', str(ann), '--class', 'hand_with_glove',
        '--precisions', '0.99',
    )  # fmt: skip
    assert 'recall at 0.99 precision |\n' in done.stdout
    assert '| mine | 1 | 1.000 |' in done.stdout


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        (['--class', 'foot'], '--class foot is none of --classes'),
        (['--classes', 'cat', 'hand_without_glove'], 'name them with --classes'),
        (['--precisions', '1.5'], 'above 0 and at most 1, got 1.5'),
        (['--iou-thr', '0'], '--iou-thr must be in (0, 1]'),
        (['--ann', 'none.json'], 'none.json: no such file'),
        (['none.pkl'], 'none.pkl: cannot be read'),
    ],
)
def test_bad_input_is_one_line(tmp_path, ann, options, words):
    run = predict(tmp_path / 'a/seed0/predictions.pkl', ann, 1.0)
    arguments = [run, '--ann', str(ann), '--out', str(tmp_path / 'a.png')]
    if not options[0].startswith('-'):
        arguments = [*options, *arguments[1:]]
    else:
        arguments += options
    done = run_tool(TOOL, *arguments)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith('violation_recall: ') and words in line
    assert not (tmp_path / 'a.png').exists()


def test_predictions_for_other_pictures_are_one_line(tmp_path, ann):
    run = predict(tmp_path / 'a/seed0/predictions.pkl', ann, 1.0)
    data = json.loads(ann.read_text())
    gone = data['images'].pop()['id']
    data['annotations'] = [a for a in data['annotations'] if a['image_id'] != gone]
    fewer = tmp_path / 'fewer.json'
    fewer.write_text(json.dumps(data))
    done = run_tool(TOOL, run, '--ann', str(fewer))
    assert done.returncode == 2
    assert '1 with predictions are not in it' in done.stderr
