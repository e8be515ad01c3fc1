import math

import pytest
import torch

from maxsight_mm.models.navigation_heads import DepthHead
from maxsight_mm.structures import FeatureBundle

NAN = float('nan')


def build():
    torch.manual_seed(0)
    head = DepthHead(4, hidden_channels=16)
    head.init_weights()
    return head


def logits_of(metres, relative_error):
    """(1, 2, h, w) logits of a depth in metres and its relative error."""
    metres = torch.as_tensor(metres, dtype=torch.float32)
    share = (math.log(relative_error) + 3.0) / 4.0
    scale = torch.full_like(metres, math.log(share / (1 - share)))
    return torch.stack([(metres / 8.0).log(), scale])[None]


def loss_of(logits, target):
    return DepthHead(4).loss({'logits': logits}, {'depth': target})['loss_depth']


def test_loss_by_hand():
    """|ln 4 - ln 2| / 0.5 + ln 0.5 at the one known pixel."""
    target = torch.full((1, 1, 8, 8), NAN)
    target[0, 0, 2, 6] = 2.0
    logits = logits_of([[1.0, 4.0], [9.0, 9.0]], 0.5)
    expected = math.log(2.0) / 0.5 + math.log(0.5)
    assert loss_of(logits, target).item() == pytest.approx(expected, rel=1e-4)


def test_labels_are_picked_and_never_blended():
    """Between a pole at 2 m and a wall at 20 m there is nothing."""
    target = torch.full((1, 1, 8, 8), 20.0)
    target[..., :4] = 2.0
    logits = logits_of([[2.0, 20.0]] * 2, 0.5)
    assert loss_of(logits, target).item() == pytest.approx(math.log(0.5), rel=1e-4)


@pytest.mark.parametrize(
    ('answer_m', 'right'), [(64.9, False), (65.0, True), (90.0, True)]
)
def test_beyond_the_far_limit_only_nearer_answers_are_wrong(answer_m, right):
    target = torch.full((1, 1, 4, 4), 100.0)
    error = loss_of(logits_of([[answer_m]], 0.5), target).item() - math.log(0.5)
    assert (error < 1e-5) == right


def test_unknown_and_zero_depths_only_cost_a_connected_zero():
    head = build()
    outputs = head(FeatureBundle(context_fine=torch.randn(2, 4, 3, 3)))
    target = torch.full((2, 1, 12, 12), NAN)
    target[0] = 0.0
    loss = head.loss(outputs, {'depth': target})['loss_depth']
    loss.backward()
    assert loss.item() == 0
    assert all(p.grad is not None for p in head.parameters())


def test_padding_beyond_the_label_is_left_out():
    target = torch.full((1, 1, 4, 6), 4.0)
    padded = logits_of([[4.0, 4.0, 60.0], [60.0, 60.0, 60.0]], 0.5)
    assert loss_of(padded, target).item() == pytest.approx(math.log(0.5), rel=1e-4)


def test_answers_are_metres_with_a_relative_spread():
    answers = DepthHead(4).predict({'logits': logits_of([[10.0, 500.0]], 0.25)})
    torch.testing.assert_close(
        answers['metres'], torch.tensor([[[[10.0, 65.0]]]]), rtol=1e-4, atol=0
    )
    torch.testing.assert_close(
        answers['spread'], answers['metres'] * 0.25, rtol=1e-4, atol=0
    )


@pytest.mark.parametrize('value', [-1e4, 1e4])
def test_extreme_logits_give_finite_answers_and_losses(value):
    logits = torch.full((1, 2, 2, 2), value)
    answers = DepthHead(4).predict({'logits': logits})
    assert all(torch.isfinite(value).all() for value in answers.values())
    assert torch.isfinite(loss_of(logits, torch.full((1, 1, 8, 8), 3.0)))


def test_learns_depth_and_where_it_is_unsure():
    """Left half: the label is told. Right half: it is one of two at random."""
    head = build()
    generator = torch.Generator().manual_seed(1)
    maps = torch.rand(8, 4, 8, 8, generator=generator)
    maps[:, 1, :, :4], maps[:, 1, :, 4:] = -1, 1
    metres = 3 + 20 * maps[:, :1]
    coin = torch.rand(8, 1, 8, 8, generator=generator) < 0.5
    metres[..., 4:] = torch.where(coin[..., 4:], 4.0, 12.0)
    target = metres.repeat_interleave(4, 2).repeat_interleave(4, 3)
    optimizer = torch.optim.Adam(head.parameters(), lr=3e-3)
    features = FeatureBundle(context_fine=maps)
    for _ in range(150):
        loss = head.loss(head(features), {'depth': target})['loss_depth']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    answers = head.predict(head(features))
    error = (answers['metres'] - metres).abs() / metres
    relative = answers['spread'] / answers['metres']
    assert error[..., :3].mean() < 0.15
    assert relative[..., :3].mean() < 0.5 * relative[..., 5:].mean()


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_finite(dtype):
    head = build()
    with torch.autocast('cpu', dtype=dtype):
        outputs = head(FeatureBundle(context_fine=torch.randn(1, 4, 4, 4)))
        loss = head.loss(outputs, {'depth': torch.rand(1, 1, 16, 16) * 70})
    assert torch.isfinite(loss['loss_depth'])
