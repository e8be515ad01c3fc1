import json

import cv2
import numpy as np
import pytest

from ..tool_run import run_tool

BASE = (
    'mmdet::soft_teacher/soft-teacher_faster-rcnn_r50-caffe_fpn_180k_semi-0.1-coco.py'
)


@pytest.fixture
def ann_file(tmp_path):
    rng = np.random.default_rng(0)
    heights = rng.uniform(20, 60, 30)
    annotations = [
        dict(id=i, image_id=0, category_id=3, bbox=[5, 5, 0.45 * high, high])
        for i, high in enumerate(heights)
    ]
    content = dict(
        images=[dict(id=0, file_name='a.png', width=160, height=160)],
        annotations=annotations,
        categories=[dict(id=3, name='rust')],
    )
    path = tmp_path / 'a.json'
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def config(tmp_path):
    path = tmp_path / 'recipe.py'
    path.write_text(
        f'_base_ = [{BASE!r}]\n'
        'ratios = [0.2, 0.35, 0.45, 0.55, 0.65, 1.0, 2.0]\n'
        'model = dict(detector=dict(rpn_head=dict(anchor_generator=dict('
        'ratios=ratios)), roi_head=dict(bbox_head=dict(loss_cls=dict(_delete_=True, '
        "type='FocalLoss', gamma=3.5)))))\n"
    )
    return path


def test_coverage_of_a_config_and_lines_to_paste(config, ann_file, tmp_path):
    out = tmp_path / 'plots' / 'coverage.png'
    arguments = (config, '--ann', ann_file, '--propose', 2, '--out', out)
    run = run_tool('analysis_tools/anchor_coverage.py', *map(str, arguments))
    assert run.returncode == 0, run.stderr
    assert '30 boxes; pictures: fit into 1333 x 800' in run.stdout
    assert run.stdout.count('\nrust      30  0.45  0.45  0.45') == 2
    pasted = run.stdout.split('as model.detector.rpn_head.anchor_generator:\n')[1]
    lines = pasted.split('\nor in')[0]
    settings = {}
    exec(lines, {}, settings)  # what is pasted is Python
    assert settings['anchor_generator']['aspects_wh'] == [0.45]
    assert 'ratios=[2.222]  # height / width' in run.stdout
    assert cv2.imread(str(out)).shape[1] > 500


def test_coverage_without_a_proposal(config, ann_file):
    run = run_tool(
        'analysis_tools/anchor_coverage.py',
        str(config), '--ann', str(ann_file), '--propose', '0',
    )  # fmt: skip
    assert run.returncode == 0
    assert 'paste' not in run.stdout


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (('none.py',), 'none.py does not exist'),
        (('mmdet::fcos/fcos_r50-caffe_fpn_gn-head_1x_coco.py',), 'no anchor_generator'),
        (
            ('mmdet::retinanet/retinanet_r50_fpn_1x_coco.py', '--ann', 'none.json'),
            'none.json: no such file',
        ),
        (
            (
                'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py',
                *('--ann', 'none.json', '--propose', '-1'),
            ),
            '--propose must be 0 or more',
        ),
    ],
)
def test_coverage_refuses_in_one_line(arguments, words):
    run = run_tool('analysis_tools/anchor_coverage.py', *arguments)
    assert run.returncode == 2
    assert words in run.stderr and len(run.stderr.strip().splitlines()) == 1


def test_doctor_prints_a_line_a_finding_and_fails(config):
    run = run_tool('analysis_tools/ssod_doctor.py', str(config))
    assert run.returncode == 1
    lines = run.stdout.splitlines()
    assert any(line.startswith('error   activation: model.detector') for line in lines)
    as_json = run_tool('analysis_tools/ssod_doctor.py', str(config), '--json')
    findings = json.loads(as_json.stdout)
    assert as_json.returncode == 1 and len(findings) == len(lines)
    assert set(findings[0]) == {'severity', 'check', 'what', 'why', 'instead'}


def test_doctor_passes_a_config_with_warnings_alone(tmp_path, ann_file):
    data = json.loads(ann_file.read_text())
    data.update(images=[dict(data['images'][0], file_name='b.png')], annotations=[])
    (tmp_path / 'b.json').write_text(json.dumps(data))
    path = tmp_path / 'idle.py'
    path.write_text(
        f'_base_ = [{BASE!r}]\n'
        'model = dict(semi_train_cfg=dict(pseudo_label_initial_score_thr=0.9))\n'
        f'places = dict(data_root={str(tmp_path)!r}, data_prefix=dict(img=""))\n'
        'first, second = (dict(d, **places) for d in '
        '(_base_.labeled_dataset, _base_.unlabeled_dataset))\n'
        'first["ann_file"], second["ann_file"] = "a.json", "b.json"\n'
        'train_dataloader = dict(dataset=dict(datasets=[first, second]))\n'
    )
    run = run_tool('analysis_tools/ssod_doctor.py', str(path))
    assert run.returncode == 0, run.stdout + run.stderr
    assert [line.split()[1] for line in run.stdout.splitlines()] == [
        'idle_thresholds:',
        'idle_thresholds:',
    ]


def test_doctor_refuses_what_is_not_semi_supervised():
    run = run_tool(
        'analysis_tools/ssod_doctor.py', 'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py'
    )
    assert run.returncode == 2
    assert 'not semi-supervised' in run.stderr
