"""Two epochs and two resumed ones log the losses of four in one go."""

import json
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.checkpoint import CheckpointError
from tests.engine.squares import make_config, write_squares
from tests.models.toy_detector import toy_config


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    return write_squares(tmp_path_factory.mktemp('squares'))


def run(config: Config, resume: bool = False) -> None:
    config.resume = resume
    Runner.from_cfg(config).train()


def logged(work_dir: Path) -> list[dict[str, float]]:
    """Every logged loss by step, of all runs in a folder in order of time."""
    lines = []
    for path in sorted(work_dir.glob('*/vis_data/scalars.json')):
        lines += [json.loads(line) for line in path.read_text().splitlines()]
    lines.sort(key=lambda line: line['step'])
    return [{k: v for k, v in line.items() if 'loss' in k} for line in lines]


@pytest.fixture(autouse=True)
def strict_loading(monkeypatch):
    from mmengine.runner.checkpoint import CheckpointLoader

    monkeypatch.setattr(CheckpointLoader, '_schemes', CheckpointLoader._schemes.copy())
    checkpoint.install()


def test_resumed_training_logs_the_same_losses(data_root, tmp_path):
    run(make_config(data_root, tmp_path / 'whole', 4))
    run(make_config(data_root, tmp_path / 'halves', 2))
    run(make_config(data_root, tmp_path / 'halves', 4), resume=True)
    whole, halves = logged(tmp_path / 'whole'), logged(tmp_path / 'halves')
    assert len(whole) == 8
    assert halves == whole


def test_checkpoint_of_another_model_is_refused(data_root, tmp_path):
    run(make_config(data_root, tmp_path / 'first', 1))
    config = make_config(data_root, tmp_path / 'other', 1)
    config.model = toy_config(channels=24)
    config.load_from = str(tmp_path / 'first/epoch_1.pth')
    with pytest.raises(CheckpointError, match='another model.*of another shape'):
        Runner.from_cfg(config).test()


def test_checkpoint_of_other_classes_is_refused(data_root, tmp_path):
    run(make_config(data_root, tmp_path / 'first', 1))
    config = make_config(data_root, tmp_path / 'other', 1)
    config.test_dataloader.dataset.metainfo.classes = ('green', 'red', 'blue')
    config.load_from = str(tmp_path / 'first/epoch_1.pth')
    with pytest.raises(CheckpointError, match="0: 'red' for 'green'"):
        Runner.from_cfg(config).test()


def test_fine_tuning_takes_what_fits(data_root, tmp_path):
    run(make_config(data_root, tmp_path / 'first', 1))
    config = make_config(data_root, tmp_path / 'tuned', 1)
    config.model.safety_heads.object_urgency = None
    config.load_from = str(tmp_path / 'first/epoch_1.pth')
    run(config)
    assert (tmp_path / 'tuned/epoch_1.pth').is_file()


def test_wrong_class_count_is_refused(data_root, tmp_path):
    config = make_config(data_root, tmp_path / 'wrong', 1)
    config.model.safety_heads.classification.num_classes = 5
    with pytest.raises(ValueError, match='3 classes and the model 5'):
        run(config)


def test_a_head_without_labels_is_named_once(data_root, tmp_path):
    """The squares carry no image urgency."""
    work_dir = tmp_path / 'unlabelled'
    run(make_config(data_root, work_dir, 2))
    logs = ''.join(path.read_text() for path in work_dir.glob('*/*.log'))
    assert logs.count('urgency: no label in the whole epoch') == 1
    assert 'distance: no label' not in logs
