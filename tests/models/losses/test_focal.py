import pytest
import torch
import torch.nn.functional as F
from mmdet.models.losses.focal_loss import py_sigmoid_focal_loss

from maxsight_mm.models.losses import SafetyFocalLoss
from maxsight_mm.models.losses.functional import (
    class_weight_tensor,
    sigmoid_focal_loss,
    softmax_focal_loss,
)
from maxsight_mm.registry import MODELS


@pytest.fixture
def logits():
    return torch.randn(6, 3, generator=torch.Generator().manual_seed(0)) * 3


def test_sigmoid_focal_loss_equals_mmdet(logits):
    target = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 0]] * 2)
    expected = py_sigmoid_focal_loss(
        logits, target, gamma=1.7, alpha=0.3, reduction='none'
    )
    torch.testing.assert_close(sigmoid_focal_loss(logits, target, 0.3, 1.7), expected)


def test_sigmoid_focal_loss_by_hand():
    # p = 0.5: BCE = ln 2, modulating factor 0.25, alpha 0.25.
    loss = sigmoid_focal_loss(torch.zeros(1), torch.ones(1))
    assert loss.item() == pytest.approx(0.25 * 0.25 * 0.693147, rel=1e-5)


def test_soft_target_has_its_minimum_at_the_target():
    target = torch.full((1,), 0.3)
    logit = torch.tensor([0.3]).logit().requires_grad_()
    loss = sigmoid_focal_loss(logit, target)
    loss.backward()
    assert loss.item() == pytest.approx(0.0, abs=1e-6)
    assert logit.grad.item() == pytest.approx(0.0, abs=1e-6)


def test_softmax_focal_loss_with_gamma_zero_is_cross_entropy(logits):
    labels = torch.tensor([0, 1, 2, 0, 1, 2])
    weight = torch.tensor([1.0, 2.0, 0.5])
    torch.testing.assert_close(
        softmax_focal_loss(logits, labels, gamma=0.0, class_weight=weight),
        F.cross_entropy(logits, labels, weight=weight, reduction='none'),
    )


def test_softmax_focal_loss_by_hand():
    # Two equal logits: p = 0.5, (1 - p)**2 = 0.25, weight 3.
    loss = softmax_focal_loss(
        torch.zeros(1, 2), torch.tensor([1]), class_weight=torch.tensor([1.0, 3.0])
    )
    assert loss.item() == pytest.approx(3 * 0.25 * 0.693147, rel=1e-5)


def test_weight_four_gives_four_times_the_gradient():
    grads = []
    for weight in (1.0, 4.0):
        logits = torch.tensor([[0.2, -0.4]], requires_grad=True)
        softmax_focal_loss(
            logits, torch.tensor([0]), class_weight=torch.tensor([weight, 1.0])
        ).sum().backward()
        grads.append(logits.grad)
    torch.testing.assert_close(grads[1], 4 * grads[0])


@pytest.mark.parametrize('value', [1e4, -1e4])
def test_extreme_logits_stay_finite(value):
    logits = torch.tensor([[value, 0.0]], requires_grad=True)
    loss = softmax_focal_loss(logits, torch.tensor([1])).sum()
    loss = loss + sigmoid_focal_loss(logits, torch.ones(1, 2)).sum()
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(logits.grad).all()


@pytest.mark.parametrize(
    ('weights', 'reason'),
    [
        ([1.0, 2.0], 'must hold 3'),
        ([1.0, -1.0, 2.0], '>= 0'),
        ([1, 1, float('nan')], 'finite'),
    ],
)
def test_bad_class_weights_are_refused(weights, reason):
    with pytest.raises(ValueError, match=reason):
        class_weight_tensor(weights, 3, 'Head')


class TestSafetyFocalLoss:
    def test_sigmoid_background_and_reduction_match_mmdet(self, logits):
        labels = torch.tensor([0, 1, 2, 3, 3, 1])
        ours = SafetyFocalLoss(use_sigmoid=True)(logits, labels, avg_factor=4.0)
        theirs = MODELS.build(dict(type='mmdet.FocalLoss'))(
            logits, labels, avg_factor=4.0
        )
        torch.testing.assert_close(ours, theirs)

    def test_softmax_loss_trains_what_softmax_reads(self):
        """The class with the best score after training is the labelled one."""
        loss = SafetyFocalLoss(use_sigmoid=False, alpha=1.0)
        logits = torch.zeros(4, 3, requires_grad=True)
        labels = torch.tensor([0, 1, 2, 1])
        optimizer = torch.optim.SGD([logits], lr=5.0)
        for _ in range(50):
            optimizer.zero_grad()
            loss(logits, labels).backward()
            optimizer.step()
        assert (logits.softmax(-1).gather(1, labels[:, None]) > 0.8).all()

    def test_class_weight_scales_examples_of_that_class(self, logits):
        labels = torch.tensor([0, 1, 3, 0, 1, 3])
        plain = SafetyFocalLoss(use_sigmoid=True)(
            logits, labels, reduction_override='none'
        )
        weighted = SafetyFocalLoss(use_sigmoid=True, class_weight=[5.0, 1.0, 1.0])(
            logits, labels, reduction_override='none'
        )
        torch.testing.assert_close(weighted[labels == 0], 5 * plain[labels == 0])
        torch.testing.assert_close(weighted[labels != 0], plain[labels != 0])

    def test_builds_from_a_plain_mmdet_scope(self):
        from mmdet.registry import MODELS as MMDET_MODELS

        loss = MMDET_MODELS.build(dict(type='maxsight_mm.SafetyFocalLoss'))
        assert isinstance(loss, SafetyFocalLoss)

    def test_negative_gamma_is_refused(self):
        with pytest.raises(ValueError, match='gamma'):
            SafetyFocalLoss(gamma=-1)

    @pytest.mark.parametrize('written', [{}, dict(use_sigmoid=True)])
    def test_heads_score_with_the_activation_of_the_loss(self, written):
        """MMDetection's heads read the switch from the config, not from the loss."""
        loss = dict(type='maxsight_mm.SafetyFocalLoss', **written)
        dense = MODELS.build(
            dict(type='RetinaHead', num_classes=3, in_channels=8, loss_cls=loss)
        )
        assert dense.use_sigmoid_cls == dense.loss_cls.use_sigmoid
        roi = MODELS.build(
            dict(type='BBoxHead', num_classes=3, in_channels=8, loss_cls=loss)
        )
        assert roi.loss_cls.use_sigmoid == bool(written)
