"""The T5 demo through the runner, small: it trains, is measured, and resumes."""

import math
import warnings

import pytest
from mmengine.runner import Runner
from mmengine.runner.checkpoint import CheckpointLoader

from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.models.heads import HeadSet
from maxsight_mm.synthetic.street_dataset import StreetSetSettings, write_street_set
from tests.engine.test_resume import logged


@pytest.fixture(autouse=True)
def strict_loading(monkeypatch):
    monkeypatch.setattr(CheckpointLoader, '_schemes', CheckpointLoader._schemes.copy())
    checkpoint.install()


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    """Eight clips' last frames to train on, four to measure on, of 96 x 64 px."""
    root = tmp_path_factory.mktemp('street_t5') / 'street_clips'
    settings = StreetSetSettings(
        train=8, val=4, width=96, height=64, clip_length=2, maps=True, audio=True
    )
    write_street_set(root, settings, workers=1)
    return root


def make_config(data_root, work_dir):
    """Two iterations, each of them an epoch, then a validation."""
    config = load_config('configs/demo/street_t5.py')
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        loader = config[name]
        loader.batch_size = 8
        loader.dataset.data_root = str(data_root)
        loader.dataset.ignore_below_px = 0
        loader.dataset.clip_length = 4
        for step in loader.dataset.pipeline:
            if step.type == 'Resize':
                step.scale = (96, 64)
            # What is drawn at random after a resume is drawn anew; without it the
            # losses can be compared.
            if step.type == 'TaskRandomFlip':
                step.prob = 0.0
    stage = config.model.context_stage
    stage.context_pass.audio.update(modality_dropout=0.0, dropout=0.0)
    stage.heads.text_recognition.jitter = 0.0
    config.train_cfg.update(max_epochs=2, val_interval=2)
    config.param_scheduler = [dict(type='LinearLR', by_epoch=False, begin=0, end=2)]
    config.default_hooks.logger.interval = 1
    config.default_hooks.visualization.max_pictures = 1
    config.default_hooks.checkpoint.max_keep_ckpts = 2
    config.work_dir = str(work_dir)
    # mmengine keeps one visualizer a name for the life of the process.
    config.experiment_name = config.visualizer.name = f'street_t5_{work_dir.name}'
    config.log_level = 'WARNING'
    return config


def run(config) -> Runner:
    runner = Runner.from_cfg(config)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        runner.train()
    return runner


@pytest.mark.slow
def test_street_t5_trains_is_measured_and_resumes(data_root, tmp_path):
    whole = run(make_config(data_root, tmp_path / 'whole'))
    config = make_config(data_root, tmp_path / 'resumed')
    config.load_from = str(tmp_path / 'whole/epoch_1.pth')
    config.resume = True
    # Measured above.
    config.val_dataloader = config.val_evaluator = config.val_cfg = None
    config.default_hooks.checkpoint.save_best = None
    run(config)

    steps, resumed = (
        [line for line in logged(tmp_path / name) if line]
        for name in ('whole', 'resumed')
    )
    assert len(steps) == 2
    assert resumed == steps[1:]

    model = whole.model
    sets: list[HeadSet] = [model.safety_heads, model.context_stage.heads]
    names = {name for heads in sets for head in heads for name in head.loss_names}
    assert len(names) > 30
    for line in steps:
        assert names <= line.keys()
        assert all(math.isfinite(value) for value in line.values())
    unlabelled = {name for name in names if all(line[name] == 0 for line in steps)}
    assert unlabelled <= MAY_LACK_LABELS

    measured = {
        key: info
        for key, info in whole.message_hub.log_scalars.items()
        if key.startswith('val/')
    }
    assert any(key.startswith('val/det/') for key in measured)
    assert len(measured) > 20


# Small pictures may show no word to read and no hazard ahead.
MAY_LACK_LABELS = {
    'loss_text_recognition',
    'loss_text_detection_quad',
    'loss_time_to_hazard',
}
