import pytest
import torch
import torch.nn.functional as F

from maxsight_mm.models.fusion import CnnToVitLink, SigmoidScale, VitToCnnLink


def pyramid(channels=4):
    torch.manual_seed(0)
    return tuple(torch.randn(2, channels, s, 2 * s) for s in (16, 8, 4, 2))


def test_scale_starts_at_a_tenth():
    assert SigmoidScale()().item() == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize('direction', [-1, 1])
def test_scale_stays_between_0_and_1_however_it_is_trained(direction):
    scale = SigmoidScale()
    optimizer = torch.optim.SGD(scale.parameters(), lr=10.0)
    for _ in range(50):
        optimizer.zero_grad()
        (direction * scale()).backward()
        optimizer.step()
    assert 0 < scale().item() < 1
    assert (scale().item() > 0.1) == (direction < 0)


def test_weight_decay_pulls_towards_the_start():
    scale = SigmoidScale(0.1)
    scale.offset.data.fill_(2.0)
    optimizer = torch.optim.AdamW(scale.parameters(), lr=0.1, weight_decay=1.0)
    for _ in range(100):
        scale.offset.grad = torch.zeros(())
        optimizer.step()
    assert scale().item() == pytest.approx(0.1, abs=1e-3)


def test_scale_outside_is_refused():
    with pytest.raises(ValueError, match='start'):
        SigmoidScale(1.0)


def test_cnn_to_vit_is_the_scaled_sum_of_projected_then_pooled_levels():
    link = CnnToVitLink(4, 4, 6)
    levels = pyramid()
    kernels = link.proj.weight.split(4, dim=1)
    planes = sum(
        F.adaptive_avg_pool2d(F.conv2d(level, kernel), (4, 8))
        for level, kernel in zip(levels, kernels, strict=True)
    )
    expected = 0.1 * (planes + link.proj.bias[:, None, None])
    tokens = link(levels, (4, 8))
    assert tokens.shape == (2, 32, 6)
    # Row order: token 9 is row 1, column 1.
    torch.testing.assert_close(tokens[:, 9], expected[:, :, 1, 1])


def test_vit_to_cnn_adds_one_map_to_every_level():
    link = VitToCnnLink(6, 4)
    levels = pyramid()
    tokens = torch.randn(2, 32, 6)
    out = link(levels, tokens, (4, 8))
    assert [o.shape for o in out] == [level.shape for level in levels]
    added = out[2] - levels[2]
    expected = 0.1 * (tokens @ link.proj.weight[:, :, 0, 0].T + link.proj.bias)
    torch.testing.assert_close(
        added.flatten(2).transpose(1, 2), expected, rtol=1e-4, atol=1e-5
    )
