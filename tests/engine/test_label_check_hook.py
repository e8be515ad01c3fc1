from types import SimpleNamespace

import numpy as np
import pytest

from maxsight_mm.engine.hooks import LabelCheckHook


def head(task, *targets, losses=()):
    names = [f'loss_{name}' for name in losses or (task,)]
    return SimpleNamespace(task=task, targets=targets, loss_names=names)


MODEL = SimpleNamespace(
    safety_heads=SimpleNamespace(
        heads=dict(
            box=head('box', 'boxes'),
            classification=head('classification', 'labels'),
            zones=head('distance', 'zones'),
        )
    ),
    context_stage=SimpleNamespace(
        heads=SimpleNamespace(
            heads=dict(
                depth=head('depth', 'depth'),
                glare=head('glare', 'glare'),
                texts=head(
                    'text_detection',
                    'text_regions',
                    losses=('text_detection_score', 'text_detection_quad'),
                ),
            )
        )
    ),
)


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
            model=MODEL,
            train_dataloader=SimpleNamespace(dataset=dataset),
            message_hub=SimpleNamespace(log_scalars=scalars),
        )
        LabelCheckHook().after_train_epoch(runner)
        return list(lines)

    return after_an_epoch


def test_a_head_that_cost_nothing_is_named_with_the_way_out(warned):
    (line,) = warned(('a', 'b'), depth=[0.0, 0.0], glare=[0.0, 0.1])
    assert line.startswith('depth: no label')
    assert line.endswith('model.context_stage.heads.depth=None')


def test_losses_are_put_down_to_their_head_and_its_labels(warned):
    (line,) = warned(('a', 'b'), text_detection_score=[0.0], text_detection_quad=[0.0])
    assert line.startswith('text_detection: no label')
    assert 'loss_text_detection_score, loss_text_detection_quad' in line
    assert 'label text_regions' in line
    assert line.endswith('model.context_stage.heads.texts=None')
    (line,) = warned(('a', 'b'), distance=[0.0])
    assert line.endswith(
        'label zones (fields: docs/tiers.md), or drop the head with '
        'model.safety_heads.zones=None'
    )


def test_a_head_that_learned_something_is_not_to_be_dropped(warned):
    (line,) = warned(('a', 'b'), text_detection_score=[0.5], text_detection_quad=[0.0])
    assert 'loss_text_detection_quad was 0' in line
    assert 'None' not in line


def test_nobody_is_told_to_drop_a_head_that_every_detector_has(warned):
    (line,) = warned(('a', 'b'), box=[0.0])
    assert 'box: no label' in line
    assert 'None' not in line


def test_one_class_leaves_nothing_to_classify(warned):
    assert warned(('a',), classification=[0.0]) == []
    assert len(warned(('a', 'b'), classification=[0.0])) == 1


def test_a_checkpoint_says_which_heads_were_never_taught(warned, monkeypatch):
    hook = LabelCheckHook()
    hook.untaught = ['model.safety_heads.urgency']
    checkpoint = {'meta': {}}
    hook.before_save_checkpoint(None, checkpoint)
    lines = []
    monkeypatch.setattr(
        'maxsight_mm.engine.hooks.label_check_hook.print_log',
        lambda message, logger, level: lines.append(message),
    )
    test = SimpleNamespace(_train_loop={}, _resume=False)
    LabelCheckHook().after_load_checkpoint(test, checkpoint)
    assert len(lines) == 1 and 'model.safety_heads.urgency' in lines[0]
    LabelCheckHook().after_load_checkpoint(test, {'meta': {}})
    assert len(lines) == 1
