"""No context stage, whatever it does, changes a safety answer or a safety gradient."""

import copy

import pytest
import torch
from torch import Tensor

from tests.models.toy_context import (
    build_toy_t0,
    build_toy_t5,
    toy_inputs,
    toy_samples,
)

OBJECT_FIELDS = (
    'bboxes',
    'scores',
    'labels',
    'zones',
    'zone_scores',
    'urgencies',
    'urgency_scores',
)
IMAGE_FIELDS = ('urgency', 'urgency_scores', 'uncertainty')


@pytest.fixture(scope='module')
def trained():
    """A T5 and a T0 with the same safety weights, and batch norm statistics."""
    t5 = build_toy_t5()
    with torch.no_grad():
        t5.train().loss(toy_inputs(), toy_samples())
    t0 = build_toy_t0()
    own = {k: v for k, v in t5.state_dict().items() if 'context_stage' not in k}
    t0.load_state_dict(own, strict=True)
    for model in (t5, t0):
        model.decoder.score_thr = 0.0
    return t5, t0


@pytest.fixture
def t5(trained):
    return copy.deepcopy(trained[0])


@pytest.fixture
def t0(trained):
    return copy.deepcopy(trained[1])


def predict(model, inputs=None, **kwargs):
    with torch.no_grad():
        inputs = toy_inputs() if inputs is None else inputs
        return model.eval().predict(inputs, toy_samples(), **kwargs)


def assert_same_safety(samples, reference) -> None:
    for one, other in zip(samples, reference, strict=True):
        assert len(one.pred_instances) == len(other.pred_instances) > 0
        for fields, part in (
            (OBJECT_FIELDS, 'pred_instances'),
            (IMAGE_FIELDS, 'pred_tasks'),
        ):
            for name in fields:
                own, wanted = (getattr(s, part).get(name) for s in (one, other))
                assert isinstance(wanted, Tensor), name
                assert torch.equal(own, wanted), name


def context_fields(sample) -> set[str]:
    return set(sample.pred_instances.keys()) - set(OBJECT_FIELDS) | set(
        sample.pred_tasks.keys()
    ) - set(IMAGE_FIELDS)


def broken(*args, **kwargs):
    raise RuntimeError('broken on purpose')


def unnamed(forward):
    """Gives the outputs without the name by which later heads would find them."""
    return lambda features: {f'own_{k}': v for k, v in forward(features).items()}


def spoil(value):
    """The same structure with nan in every float tensor."""
    if isinstance(value, dict):
        return {key: spoil(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(spoil(item) for item in value)
    if isinstance(value, Tensor) and value.is_floating_point():
        return torch.full_like(value, float('nan'))
    return value


def test_the_toy_answers_with_every_head(t5):
    sample = predict(t5)[0]
    assert 'context_error' not in sample.pred_tasks
    for head in t5.context_stage.heads:
        assert any(name.startswith(head.task) for name in context_fields(sample)), (
            head.task
        )


@pytest.mark.parametrize('rescale', [True, False])
def test_present_switched_off_and_absent_give_the_same_answers(t5, t0, rescale):
    absent = predict(t0, rescale=rescale)
    assert_same_safety(predict(t5, rescale=rescale), absent)
    t5.run_context = False
    off = predict(t5, rescale=rescale)
    assert_same_safety(off, absent)
    assert all(context_fields(sample) == set() for sample in off)


def test_plain_images_give_the_same_answers(t5, t0):
    """No clip, no sound."""
    images = toy_inputs()['img']
    assert_same_safety(predict(t5, images), predict(t0, images))


@pytest.mark.parametrize(
    'where', ['pass', 'head', 'pooler', 'audio', 'clip', 'prediction', 'targets']
)
def test_a_raising_stage_costs_its_own_answers_alone(t5, t0, where, monkeypatch):
    stage = t5.context_stage
    place, name = {
        'pass': (stage.context_pass, 'forward'),
        'head': (stage.heads.heads['haptic'], 'forward'),
        'pooler': (stage.instance_pooler, 'forward'),
        'audio': (stage.audio_features, 'forward'),
        'clip': (stage.context_pass.temporal, 'forward'),
        'prediction': (stage.heads.heads['scene_description'], 'predict'),
        'targets': (stage, 'predict'),
    }[where]
    monkeypatch.setattr(place, name, broken)
    found = predict(t5)
    assert_same_safety(found, predict(t0))
    for sample in found:
        assert 'broken on purpose' in sample.pred_tasks.context_error
        assert context_fields(sample) == {'context_error'}


@pytest.mark.parametrize('where', ['pass', 'head', 'pooler', 'temporal'])
def test_a_stage_that_gives_nan_is_unavailable(t5, t0, where, monkeypatch):
    """An answer made of nan would read as "no obstacle"."""
    stage = t5.context_stage
    place = {
        'pass': stage.context_pass.pool_proj,
        'head': stage.heads.heads['head_obstacle'],
        'pooler': stage.instance_pooler,
        'temporal': stage.context_pass.temporal,
    }[where]
    forward = place.forward
    monkeypatch.setattr(place, 'forward', lambda *args: spoil(forward(*args)))
    found = predict(t5)
    assert_same_safety(found, predict(t0))
    for sample in found:
        assert 'not finite' in sample.pred_tasks.context_error
        assert context_fields(sample) == {'context_error'}


@pytest.mark.parametrize('answers', ['too_few', 'too_many', 'images', 'text'])
def test_answers_of_a_wrong_length_or_kind_cost_the_context_alone(
    t5, t0, answers, monkeypatch
):
    wrong = {
        'too_few': lambda scores: scores[:, :-1],
        'too_many': lambda scores: torch.cat([scores, scores], dim=1),
        'images': lambda scores: scores[:-1],
        'text': lambda scores: 'x',
    }[answers]
    head = t5.context_stage.heads.heads['findability']
    predict_well = head.predict
    monkeypatch.setattr(
        head,
        'predict',
        lambda outputs: {'scores': wrong(predict_well(outputs)['scores'])},
    )
    found = predict(t5)
    assert_same_safety(found, predict(t0))
    for sample in found:
        assert 'findability' in sample.pred_tasks.context_error
        assert context_fields(sample) == {'context_error'}


@pytest.mark.parametrize('fails_at', [0, 1])
def test_answers_that_cannot_be_published_cost_the_context_alone(
    t5, t0, fails_at, monkeypatch
):
    """Of the whole batch: an image is not half answered."""
    answer = t5.context_stage.predict

    def one_too_long(*args):
        answers = answer(*args)
        of_objects = answers[fails_at][1]
        of_objects['roi_priority_scores'] = torch.zeros(1000)
        return answers

    monkeypatch.setattr(t5.context_stage, 'predict', one_too_long)
    found = predict(t5)
    assert_same_safety(found, predict(t0))
    for sample in found:
        assert '1000 answers' in sample.pred_tasks.context_error
        assert context_fields(sample) == {'context_error'}


@pytest.mark.parametrize(
    ('head', 'task'), [('findability', 'zone'), ('glare', 'urgency')]
)
def test_the_name_of_a_safety_answer_is_refused(t5, t0, head, task, monkeypatch):
    """``zone_scores`` of the objects, ``urgency_scores`` of the image."""
    head = t5.context_stage.heads.heads[head]
    monkeypatch.setattr(type(head), 'task', task)
    monkeypatch.setattr(head, 'forward', unnamed(head.forward))
    predict_well = head.predict
    monkeypatch.setattr(
        head, 'predict', lambda outputs: predict_well({'logits': outputs['own_logits']})
    )
    found = predict(t5)
    assert_same_safety(found, predict(t0))
    for sample in found:
        assert f"'{task}_scores' is a safety answer" in sample.pred_tasks.context_error
        assert context_fields(sample) == {'context_error'}


def test_one_broken_image_costs_its_own_context_alone(t5):
    whole = predict(t5)
    inputs = toy_inputs()
    inputs['img'][0] = float('nan')
    inputs['frames'][0, -1] = float('nan')
    broken, well = predict(t5, inputs)
    assert 'not finite' in broken.pred_tasks.context_error
    assert context_fields(broken) == {'context_error'}
    assert 'context_error' not in well.pred_tasks
    assert context_fields(well) == context_fields(whole[1])
    for name, value in whole[1].pred_tasks.items():
        if isinstance(value, Tensor):
            torch.testing.assert_close(well.pred_tasks.get(name), value)


@pytest.mark.parametrize('rescale', [True, False])
def test_a_stage_that_overwrites_all_it_gets_changes_nothing(
    t5, t0, rescale, monkeypatch
):
    def overwrite(bundle):
        for value in bundle.values():
            for tensor in value if isinstance(value, tuple) else (value,):
                tensor.zero_()
        raise RuntimeError('done')

    monkeypatch.setattr(t5.context_stage.context_pass, 'forward', overwrite)
    found = predict(t5, rescale=rescale)
    assert found[0].pred_tasks.context_error == 'RuntimeError: done'
    assert_same_safety(found, predict(t0, rescale=rescale))


@pytest.mark.parametrize('rescale', [True, False])
def test_a_stage_that_overwrites_the_objects_changes_nothing(
    t5, t0, rescale, monkeypatch
):
    def overwrite(inputs, features, samples, objects, safety_pass):
        for found in objects:
            found.bboxes.zero_()
            found.labels.fill_(7)
        raise RuntimeError('done')

    monkeypatch.setattr(t5.context_stage, 'predict', overwrite)
    assert_same_safety(predict(t5, rescale=rescale), predict(t0, rescale=rescale))


def test_predicting_leaves_the_safety_pass_as_it_was(t5):
    before = copy.deepcopy(t5.safety_pass.state_dict())
    predict(t5)
    after = t5.safety_pass.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert not any(module.training for module in t5.safety_pass.modules())


def safety_state(model, inputs=None, seed=0, silent=False):
    """Safety losses, gradients and batch norm statistics after a training step."""
    torch.manual_seed(seed)
    model.train()
    if silent:
        loss = model.context_stage.loss
        model.context_stage.loss = torch.no_grad()(loss)
    losses = model.loss(inputs or toy_inputs(), toy_samples())
    names = [n for head in model.safety_heads for n in head.loss_names]
    own = {name: losses[name].detach() for name in names}
    sum(losses.values()).backward()
    grads = {
        name: parameter.grad
        for name, parameter in model.named_parameters()
        if 'context_stage' not in name
    }
    buffers = {
        name: buffer
        for name, buffer in model.named_buffers()
        if name.startswith(('safety_pass', 'safety_heads'))
    }
    return own, grads, buffers


def assert_same_state(one, other) -> None:
    for own, wanted in zip(one, other, strict=True):
        assert own.keys() == wanted.keys()
        assert own
        for name, value in wanted.items():
            assert value is not None, name
            assert torch.equal(own[name], value), name


def test_training_is_the_same_with_and_without_the_stage(t5, t0):
    assert_same_state(safety_state(t5), safety_state(t0))


def test_training_is_the_same_when_the_stage_does_not_learn(t5, trained):
    whole = copy.deepcopy(trained[0])
    assert_same_state(safety_state(t5, silent=True), safety_state(whole))


def test_clips_and_sound_leave_batch_norm_statistics_alone(t5, trained):
    plain = copy.deepcopy(trained[0])
    images = dict(img=toy_inputs()['img'])
    assert_same_state(safety_state(t5), safety_state(plain, images))


def test_random_numbers_of_the_stage_do_not_matter(t5, trained):
    """The safety part draws none, so their order cannot change it."""
    other = copy.deepcopy(trained[0])
    assert_same_state(safety_state(t5, seed=1), safety_state(other, seed=2))


def test_context_losses_reach_no_safety_parameter(t5):
    losses = t5.train().loss(toy_inputs(), toy_samples())
    safety = {n for head in t5.safety_heads for n in head.loss_names}
    sum(v for name, v in losses.items() if name not in safety).backward()
    for name, parameter in t5.named_parameters():
        if 'context_stage' not in name:
            assert parameter.grad is None, name
        else:
            assert parameter.grad is not None, name


def test_safety_losses_reach_no_context_parameter(t5):
    losses = t5.train().loss(toy_inputs(), toy_samples())
    safety = {n for head in t5.safety_heads for n in head.loss_names}
    sum(losses[name] for name in safety).backward()
    assert all(p.grad is None for p in t5.context_stage.parameters())
