import pytest
import torch

from maxsight_mm.models.navigation_heads import ContrastSensitivityHead
from maxsight_mm.structures import FeatureBundle


def loss_of(answer, target):
    outputs = {'logits': torch.as_tensor(answer).float().logit()[None, None]}
    targets = {'contrast_map': torch.as_tensor(target).float()[None, None]}
    losses = ContrastSensitivityHead(4).loss(outputs, targets)
    return losses['loss_contrast_sensitivity'].item()


def test_loss_is_the_error_of_each_cells_mean():
    answer = [[0.1, 0.3, 0.5, 0.5], [0.1, 0.3, 0.5, 0.5]]
    assert loss_of(answer, [[0.2, 0.8]]) == pytest.approx(0.15)
    assert loss_of(answer, [[0.3, float('nan')]]) == pytest.approx(0.1)


def test_padding_beyond_the_label_is_left_out():
    answer = [[0.2] * 7, [0.2] * 7, [0.9] * 7]
    assert loss_of(answer, [[0.2, 0.2, 0.2]]) == pytest.approx(0.0, abs=1e-6)


def test_label_of_the_answers_size_is_compared_cell_by_cell():
    assert loss_of([[0.2, 0.4]], [[0.3, 0.2]]) == pytest.approx(0.15)


def test_no_known_cell_costs_a_connected_zero():
    head = ContrastSensitivityHead(4)
    outputs = head(FeatureBundle(context_fine=torch.randn(1, 4, 4, 4)))
    target = torch.full((1, 1, 2, 2), float('nan'))
    loss = head.loss(outputs, {'contrast_map': target})['loss_contrast_sensitivity']
    loss.backward()
    assert loss.item() == 0
    assert all(p.grad is not None for p in head.parameters())


def test_learns_a_map():
    torch.manual_seed(0)
    head = ContrastSensitivityHead(4, hidden_channels=16)
    maps = torch.rand(8, 4, 8, 8)
    target = torch.nn.functional.avg_pool2d(0.6 * maps[:, :1], 2)
    optimizer = torch.optim.Adam(head.parameters(), lr=5e-3)
    for _ in range(100):
        outputs = head(FeatureBundle(context_fine=maps))
        loss = head.loss(outputs, {'contrast_map': target})['loss_contrast_sensitivity']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.4 * (target - target.median()).abs().mean()
    answer = head.predict(outputs)['map']
    assert answer.shape == (8, 1, 8, 8)
    assert answer.min() >= 0 and answer.max() <= 1
