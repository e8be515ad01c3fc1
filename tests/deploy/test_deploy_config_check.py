"""Deploy configs that would fail half-way are refused at once."""

from pathlib import Path

import pytest
from mmengine.config import Config

from maxsight_mm.deploy.deploy_config_check import check_deploy_config

CONFIGS = Path(__file__).parents[2] / 'configs' / 'deploy'


@pytest.mark.parametrize('path', sorted(CONFIGS.glob('*.py')), ids=lambda p: p.stem)
def test_every_config_of_ours_passes(path):
    check_deploy_config(Config.fromfile(path))


@pytest.mark.parametrize(
    ('name', 'changes', 'words'),
    [
        ('onnxruntime_static', dict(precision='fp64'), "made in fp32, not 'fp64'"),
        ('onnxruntime_static', dict(precision='int8'), "made in fp32, not 'int8'"),
        ('onnxruntime_static', dict(kind='toast'), 'kind must be one of'),
        ('onnxruntime_static', dict(input_size=64), 'must be .H, W. in whole'),
        ('onnxruntime_static', dict(input_size=(64, 64, 3)), 'must be .H, W. in whole'),
        ('onnxruntime_static', dict(input_size=(64.0, 64)), 'must be .H, W. in whole'),
        ('onnxruntime_dynamic', dict(size_range=(64, 128)), 'each size of size_range'),
        ('onnxruntime_dynamic', dict(size_range=64), 'the least and the largest'),
        (
            'onnxruntime_dynamic',
            dict(size_range=((64, 128), (128, 64))),
            'begins above its end',
        ),
        ('torchscript', dict(size_range=((64, 64), (96, 96))), 'is for detections'),
        ('torchscript', {'backend_config.half': True}, 'half is for openvino'),
        (
            'coreml_fp16',
            {'backend_config.half': False},
            'does not make a graph of fp16',
        ),
        ('ncnn', {'backend_config.half': True}, 'does not make a graph of fp32'),
    ],
)
def test_what_makes_no_export_is_named(name, changes, words):
    config = Config.fromfile(CONFIGS / f'{name}.py')
    config.merge_from_dict(changes)
    with pytest.raises(ValueError, match=words):
        check_deploy_config(config)


@pytest.mark.parametrize(
    ('lost', 'words'),
    [
        ('ir_config', 'lacks ir_config'),
        ('codebase_config', 'lacks codebase_config'),
        ('backend_config', 'no backend_config.type'),
        ('precision', 'not None'),
        ('kind', 'kind must be one of'),
        ('ir_config.input_names', 'ir_config of the deploy config lacks input_names'),
        ('codebase_config.post_processing', 'lacks post_processing'),
    ],
)
def test_what_is_missing_is_named(lost, words):
    config = Config.fromfile(CONFIGS / 'onnxruntime_static.py')
    part, _, name = lost.rpartition('.')
    (config[part] if part else config).pop(name)
    with pytest.raises(ValueError, match=words):
        check_deploy_config(config)
