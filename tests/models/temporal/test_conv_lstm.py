import pytest
import torch

from maxsight_mm.models.temporal import ConvLSTM


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return ConvLSTM(3, 4).eval()


def test_forget_gate_starts_open(layer):
    layer.init_weights()
    assert layer.from_frame.bias.tolist() == [0] * 4 + [1] * 4 + [0] * 8


def test_one_cell_follows_the_equations():
    """One place, one channel, weights by hand."""
    layer = ConvLSTM(1, 1, kernel_size=1)
    with torch.no_grad():
        layer.from_frame.weight[:, 0, 0, 0] = torch.tensor([0.5, -0.3, 0.8, 1.2])
        layer.from_hidden.weight[:, 0, 0, 0] = torch.tensor([0.1, 0.4, -0.6, 0.9])
    hidden, cell = torch.tensor(0.2), torch.tensor(-0.7)
    x = torch.tensor(1.5)
    enter = torch.sigmoid(0.5 * x + 0.1 * hidden)
    forget = torch.sigmoid(-0.3 * x + 0.4 * hidden + 1)
    show = torch.sigmoid(0.8 * x - 0.6 * hidden)
    expected_cell = forget * cell + enter * torch.tanh(1.2 * x + 0.9 * hidden)
    state = tuple(v.reshape(1, 1, 1, 1) for v in (hidden, cell))
    answer, (_, new_cell) = layer.step(x.reshape(1, 1, 1, 1), state)
    torch.testing.assert_close(new_cell.squeeze(), expected_cell)
    torch.testing.assert_close(answer.squeeze(), show * torch.tanh(expected_cell))


def test_steps_equal_the_clip(layer):
    clip = torch.randn(2, 5, 3, 6, 7)
    hidden_maps, (_, cell) = layer(clip)
    state = None
    for t in range(5):
        answer, state = layer.step(clip[:, t], state)
        torch.testing.assert_close(answer, hidden_maps[:, t], rtol=0, atol=1e-5)
    torch.testing.assert_close(state[1], cell, rtol=0, atol=1e-5)


def test_clip_goes_on_from_a_state(layer):
    clip = torch.randn(1, 6, 3, 4, 4)
    _, state = layer(clip[:, :4])
    torch.testing.assert_close(layer(clip[:, 4:], state)[0], layer(clip)[0][:, 4:])


def test_invalid_frames_leave_the_memory_as_it_was(layer):
    clip = torch.randn(2, 4, 3, 4, 4)
    valid = torch.tensor([[False, False, True, True], [True, True, True, True]])
    masked, _ = layer(clip, valid=valid)
    torch.testing.assert_close(masked[:1, 2:], layer(clip[:1, 2:])[0])
    torch.testing.assert_close(masked[1:], layer(clip[1:])[0])
    assert masked[0, :2].abs().sum() == 0


def test_even_kernel_is_refused():
    with pytest.raises(ValueError, match='kernel_size'):
        ConvLSTM(3, 4, kernel_size=2)
