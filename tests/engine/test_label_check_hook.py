from types import SimpleNamespace

import numpy as np
import pytest

from maxsight_mm.engine.hooks import LabelCheckHook


@pytest.fixture
def warned(monkeypatch):
    """What the hook says of losses by name, for data of some classes."""
    lines = []
    monkeypatch.setattr(
        'maxsight_mm.engine.hooks.label_check_hook.print_log',
        lambda message, logger, level: lines.append(message),
    )

    def after_an_epoch(classes, **losses):
        lines.clear()
        scalars = {
            f'train/loss_{name}': SimpleNamespace(data=(np.array(values), None))
            for name, values in losses.items()
        }
        dataset = SimpleNamespace(metainfo={'classes': classes})
        runner = SimpleNamespace(
            epoch=0,
            train_dataloader=SimpleNamespace(dataset=dataset),
            message_hub=SimpleNamespace(log_scalars=scalars),
        )
        LabelCheckHook().after_train_epoch(runner)
        return list(lines)

    return after_an_epoch


def test_a_head_that_cost_nothing_is_named_with_the_way_out(warned):
    (line,) = warned(('a', 'b'), depth=[0.0, 0.0], glare=[0.0, 0.1])
    assert line.startswith('depth: no label')
    assert line.endswith('depth=None')


def test_nobody_is_told_to_drop_a_head_that_every_detector_has(warned):
    (line,) = warned(('a', 'b'), box=[0.0])
    assert 'box: no label' in line
    assert 'None' not in line


def test_one_class_leaves_nothing_to_classify(warned):
    assert warned(('a',), classification=[0.0]) == []
    assert len(warned(('a', 'b'), classification=[0.0])) == 1
