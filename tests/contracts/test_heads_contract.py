"""One suite over every registered head of all three criticalities."""

import inspect
import math

import pytest
import torch
from torch import Tensor

import maxsight_mm.models  # noqa: F401  fills the registry
from maxsight_mm.models.heads import BaseHead, HeadSet
from maxsight_mm.models.task_modules import context_targets
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import Target
from tests.models.toy_context import (
    BATCH,
    CONTEXT_CHANNELS,
    LOCATIONS,
    SAFETY_CHANNELS,
    SIZES,
    SMALL_HEADS,
    toy_bundle,
    toy_samples,
)

HEADS = sorted(
    name
    for name, cls in MODELS.module_dict.items()
    if inspect.isclass(cls)
    and issubclass(cls, BaseHead)
    and cls.__module__.startswith('maxsight_mm.')
)
SMALL = {config['type']: config for config in SMALL_HEADS.values()}
CHANNELS = SAFETY_CHANNELS | CONTEXT_CHANNELS

# One valid value for each target of the safety heads; those of the context heads
# come from labelled samples.
IMAGE_TARGETS = {
    'urgency': lambda: torch.randint(0, 4, (BATCH,)),
    'image_error': lambda: torch.rand(BATCH, 2).round(),
}
DENSE_TARGETS = {
    'objectness': lambda: torch.rand(BATCH, LOCATIONS).round(),
    'labels': lambda: torch.randint(0, 5, (BATCH, LOCATIONS)),
    'boxes': lambda: torch.tensor([4.0, 4, 30, 40]).expand(BATCH, LOCATIONS, 4),
    'box_strides': lambda: torch.full((BATCH, LOCATIONS), 8.0),
    'zones': lambda: torch.randint(0, 3, (BATCH, LOCATIONS)),
    'urgencies': lambda: torch.randint(0, 4, (BATCH, LOCATIONS)),
}


def build(name: str) -> BaseHead:
    torch.manual_seed(0)
    channels = CHANNELS[MODELS.get(name).inputs[0]]
    head = MODELS.build(dict(type=name, in_channels=channels) | SMALL.get(name, {}))
    head.init_weights()
    return head


def make_targets(head: BaseHead, labelled: bool = True) -> dict[str, Target]:
    torch.manual_seed(0)
    if head.criticality == 'safety':
        targets = {}
        for name in head.targets:
            of_image = name in IMAGE_TARGETS
            lead = (BATCH,) if of_image else (BATCH, LOCATIONS)
            values = (IMAGE_TARGETS if of_image else DENSE_TARGETS)[name]()
            targets[name] = Target(values, torch.full(lead, True))
    else:
        targets = context_targets(toy_samples(), head.targets, torch.device('cpu'))
    assert set(targets) == set(head.targets)
    if not labelled:
        return {
            k: Target(t.values, torch.zeros_like(t.valid)) for k, t in targets.items()
        }
    assert all(target.valid.all() for target in targets.values())
    return targets


def loss_of(head: BaseHead, outputs, targets) -> dict[str, Tensor]:
    return HeadSet._head_losses(head, {head.task: outputs}, targets)


def leaves(answer) -> list:
    """Tensors and texts of an answer, whose parts may be lists."""
    if isinstance(answer, list | tuple):
        return [leaf for item in answer for leaf in leaves(item)]
    return [answer]


def test_every_head_is_registered():
    assert len(HEADS) >= 30
    assert set(SMALL) <= set(HEADS)
    criticalities = [MODELS.get(name).criticality for name in HEADS]
    assert criticalities.count('safety') == len(HEADS) - len(SMALL)


def test_every_task_and_class_is_there_once():
    tasks = [MODELS.get(name).task for name in HEADS]
    assert len(set(tasks)) == len(tasks)
    assert len({MODELS.get(name) for name in HEADS}) == len(HEADS)


@pytest.mark.parametrize('name', HEADS)
class TestHead:
    def test_declares_what_it_is(self, name):
        cls = MODELS.get(name)
        assert cls.criticality in ('safety', 'navigation', 'enhancement')
        assert cls.task and cls.inputs and cls.targets

    @pytest.mark.parametrize('training', [True, False])
    def test_outputs_have_the_declared_shapes(self, name, training):
        head = build(name).train(training)
        outputs = head(toy_bundle(teach=training))
        assert {key: tuple(value.shape) for key, value in outputs.items()} == {
            key: tuple(SIZES.get(side, side) for side in shape)
            for key, shape in head.outputs.items()
        }

    def test_losses_are_the_declared_scalars(self, name):
        head = build(name)
        losses = loss_of(head, head(toy_bundle()), make_targets(head))
        assert set(losses) == set(head.loss_names)
        for loss_name, value in losses.items():
            assert loss_name.startswith(f'loss_{head.task}')
            assert value.shape == () and torch.isfinite(value)

    def test_gradients_reach_every_parameter(self, name):
        head = build(name)
        losses = loss_of(head, head(toy_bundle()), make_targets(head))
        sum(losses.values()).backward()
        for key, parameter in head.named_parameters():
            assert parameter.grad is not None, key
            assert parameter.grad.abs().sum() > 0, key

    @pytest.mark.parametrize('missing', ['absent', 'unlabelled'])
    def test_unlabelled_batch_gives_connected_zero_loss(self, name, missing):
        head = build(name)
        targets = {} if missing == 'absent' else make_targets(head, labelled=False)
        losses = loss_of(head, head(toy_bundle()), targets)
        assert set(losses) == set(head.loss_names)
        total = sum(losses.values())
        assert total.item() == 0.0
        total.backward()
        assert all(p.grad is not None for p in head.parameters())

    def test_learns_to_fit_one_batch(self, name):
        head = build(name)
        targets = make_targets(head)
        bundle = toy_bundle()
        optimizer = torch.optim.Adam(head.parameters(), lr=0.02)
        totals = []
        for _ in range(40):
            loss = sum(loss_of(head, head(bundle.copy()), targets).values())
            totals.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        assert all(map(math.isfinite, totals))
        assert totals[-1] < totals[0] - 0.1 * abs(totals[0])

    def test_predict_is_deterministic_and_in_range(self, name):
        head = build(name).eval()
        with torch.no_grad():
            first, second = (
                head.predict(head(toy_bundle(teach=False))) for _ in range(2)
            )
        assert set(first) == set(second)
        for key, value in first.items():
            assert len(value) == BATCH
            for one, other in zip(leaves(value), leaves(second[key]), strict=True):
                if not isinstance(one, Tensor):
                    assert one == other
                    continue
                assert torch.equal(one, other)
                assert one.isfinite().all()
                if 'scores' in key and one.numel():
                    assert one.min() >= 0 and one.max() <= 1
                if 'labels' in key:
                    assert one.dtype == torch.int64

    @pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
    def test_autocast_gives_finite_losses_and_answers(self, name, dtype):
        head = build(name)
        with torch.autocast('cpu', dtype=dtype):
            outputs = head(toy_bundle())
            losses = loss_of(head, outputs, make_targets(head))
            answers = head.predict(outputs)
        assert all(torch.isfinite(value) for value in losses.values())
        for leaf in leaves(list(answers.values())):
            assert not isinstance(leaf, Tensor) or leaf.isfinite().all()

    def test_half_precision_features_give_full_precision_losses(self, name):
        """What a pass under autocast hands to a head."""
        head = build(name)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            outputs = head(toy_bundle(torch.bfloat16))
            losses = loss_of(head, outputs, make_targets(head))
        for value in losses.values():
            assert value.dtype == torch.float32 and torch.isfinite(value)

    def test_negative_loss_weight_is_refused(self, name):
        cls = MODELS.get(name)
        with pytest.raises(ValueError, match='loss_weight'):
            cls(in_channels=CHANNELS[cls.inputs[0]], loss_weight=-1.0)
