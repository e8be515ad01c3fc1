"""One suite over every registered head."""

import inspect

import pytest
import torch

import maxsight_mm.models  # noqa: F401  fills the registry
from maxsight_mm.models.heads import BaseHead, HeadSet
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle, Target

BATCH, CHANNELS, SIZES = 2, 8, ((6, 8), (3, 4), (2, 2))
LOCATIONS = sum(h * w for h, w in SIZES)

HEADS = sorted(
    name
    for name, cls in MODELS.module_dict.items()
    if inspect.isclass(cls)
    and issubclass(cls, BaseHead)
    and cls.__module__.startswith('maxsight_mm.')
)

# One valid value for each target name that a head may ask for, and its lead.
TARGETS = {
    'objectness': lambda: torch.rand(BATCH, LOCATIONS).round(),
    'labels': lambda: torch.randint(0, 5, (BATCH, LOCATIONS)),
    'boxes': lambda: torch.tensor([4.0, 4, 30, 40]).expand(BATCH, LOCATIONS, 4),
    'box_strides': lambda: torch.full((BATCH, LOCATIONS), 8.0),
    'zones': lambda: torch.randint(0, 3, (BATCH, LOCATIONS)),
    'urgencies': lambda: torch.randint(0, 4, (BATCH, LOCATIONS)),
    'urgency': lambda: torch.randint(0, 4, (BATCH,)),
    'image_error': lambda: torch.rand(BATCH, 2).round(),
}


def build(name: str) -> BaseHead:
    cls = MODELS.get(name)
    pooled = 'pooled' in cls.inputs
    head = MODELS.build(
        dict(type=name, in_channels=CHANNELS * 2 if pooled else CHANNELS)
    )
    head.init_weights()
    return head


def make_features(dtype=torch.float32) -> FeatureBundle:
    generator = torch.Generator().manual_seed(0)

    def rand(*shape):
        return torch.randn(*shape, generator=generator).to(dtype)

    def levels():
        return tuple(rand(BATCH, CHANNELS, h, w) for h, w in SIZES)

    features = FeatureBundle(
        semantic=levels(),
        geometric=levels(),
        pooled=rand(BATCH, CHANNELS * 2),
        points=torch.rand(LOCATIONS, 2, generator=generator) * 48,
        strides=torch.full((LOCATIONS,), 8.0),
    )
    features['objectness.logits'] = rand(BATCH, LOCATIONS, 1)
    features['classification.logits'] = rand(BATCH, LOCATIONS, 5)
    features['distance.logits'] = rand(BATCH, LOCATIONS, 3)
    features['urgency.logits'] = rand(BATCH, 4)
    return features


def make_targets(head: BaseHead, labelled: bool = True) -> dict[str, Target]:
    torch.manual_seed(0)
    targets = {}
    for name in head.targets:
        values = TARGETS[name]()
        lead = (
            values.shape[:1]
            if name in ('urgency', 'image_error')
            else (
                BATCH,
                LOCATIONS,
            )
        )
        targets[name] = Target(values, torch.full(lead, labelled))
    return targets


def loss_of(head: BaseHead, outputs, targets) -> dict[str, torch.Tensor]:
    return HeadSet._head_losses(head, {head.task: outputs}, targets)


def test_every_safety_head_is_registered():
    assert {
        'ObjectnessHead',
        'ClassificationHead',
        'BoxHead',
        'DistanceHead',
        'UrgencyHead',
        'UncertaintyHead',
    } <= set(HEADS)


@pytest.mark.parametrize('name', HEADS)
class TestHead:
    def test_declares_what_it_is(self, name):
        cls = MODELS.get(name)
        assert cls.criticality in ('safety', 'navigation', 'enhancement')
        assert cls.task and cls.inputs and cls.targets

    @pytest.mark.parametrize('training', [True, False])
    def test_outputs_have_the_declared_shapes(self, name, training):
        head = build(name).train(training)
        outputs = head(make_features())
        sizes = {'B': BATCH, 'N': LOCATIONS}
        assert {key: tuple(value.shape) for key, value in outputs.items()} == {
            key: tuple(sizes.get(side, side) for side in shape)
            for key, shape in head.outputs.items()
        }

    def test_losses_are_the_declared_scalars(self, name):
        head = build(name)
        losses = loss_of(head, head(make_features()), make_targets(head))
        assert set(losses) == set(head.loss_names)
        for loss_name, value in losses.items():
            assert loss_name.startswith(f'loss_{head.task}')
            assert value.shape == () and torch.isfinite(value)

    def test_gradients_reach_every_parameter(self, name):
        head = build(name)
        losses = loss_of(head, head(make_features()), make_targets(head))
        sum(losses.values()).backward()
        for key, parameter in head.named_parameters():
            assert parameter.grad is not None, key
            assert parameter.grad.abs().sum() > 0, key

    @pytest.mark.parametrize('missing', ['absent', 'unlabelled'])
    def test_unlabelled_batch_gives_connected_zero_loss(self, name, missing):
        head = build(name)
        targets = {} if missing == 'absent' else make_targets(head, labelled=False)
        losses = loss_of(head, head(make_features()), targets)
        assert set(losses) == set(head.loss_names)
        total = sum(losses.values())
        assert total.item() == 0.0
        total.backward()
        assert all(p.grad is not None for p in head.parameters())

    def test_learns_to_fit_one_batch(self, name):
        head = build(name)
        targets = make_targets(head)
        optimizer = torch.optim.Adam(head.parameters(), lr=0.03)
        first = None
        for _ in range(60):
            loss = sum(loss_of(head, head(make_features()), targets).values())
            first = loss.item() if first is None else first
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        assert loss.item() < 0.9 * first

    def test_predict_is_deterministic_and_in_range(self, name):
        head = build(name).eval()
        first, second = (head.predict(head(make_features())) for _ in range(2))
        for key, value in first.items():
            assert torch.equal(value, second[key])
            if 'scores' in key:
                assert value.min() >= 0 and value.max() <= 1
            if 'labels' in key:
                assert value.dtype == torch.int64

    @pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
    def test_autocast_gives_finite_losses(self, name, dtype):
        head = build(name)
        with torch.autocast('cpu', dtype=dtype):
            losses = loss_of(head, head(make_features()), make_targets(head))
        assert all(torch.isfinite(value) for value in losses.values())

    def test_negative_loss_weight_is_refused(self, name):
        cls = MODELS.get(name)
        with pytest.raises(ValueError, match='loss_weight'):
            cls(in_channels=CHANNELS, loss_weight=-1.0)
