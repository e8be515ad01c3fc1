import pytest
import torch

from maxsight_mm.models.fusion import ConditionFilm
from maxsight_mm.models.fusion.condition_film import modulate


def trained() -> ConditionFilm:
    torch.manual_seed(0)
    film = ConditionFilm(6)
    for parameter in film.parameters():
        torch.nn.init.normal_(parameter)
    return film


@pytest.mark.parametrize('shape', [(2, 6), (2, 5, 6), (2, 6, 3, 4)])
def test_no_condition_is_the_identity_after_training(shape):
    feature = torch.randn(shape)
    assert torch.equal(modulate(feature, *trained()(torch.zeros(2, 13))), feature)


def test_every_condition_starts_as_the_identity():
    film = ConditionFilm(6)
    film.init_weights()
    feature = torch.randn(2, 6)
    assert torch.equal(modulate(feature, *film(torch.rand(2, 13))), feature)


def test_zero_start_still_learns():
    film = ConditionFilm(6)
    film.init_weights()
    modulate(torch.randn(2, 6), *film(torch.rand(2, 13))).sum().backward()
    assert film.modulation.weight.grad.abs().sum() > 0


def test_only_the_one_with_a_condition_is_changed():
    severity = torch.zeros(2, 13)
    severity[1, 4] = 0.7
    feature = torch.randn(2, 6)
    out = modulate(feature, *trained()(severity))
    assert torch.equal(out[0], feature[0])
    assert not torch.allclose(out[1], feature[1])


def test_channels_are_scaled_and_shifted_alike_in_every_shape():
    scale, shift = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 5.0]])
    expected = [4.0, 7.0]
    assert modulate(torch.full((1, 2), 2.0), scale, shift)[0].tolist() == expected
    tokens = modulate(torch.full((1, 3, 2), 2.0), scale, shift)
    assert tokens[0, 2].tolist() == expected
    maps = modulate(torch.full((1, 2, 3, 3), 2.0), scale, shift)
    assert maps[0, :, 1, 2].tolist() == expected
