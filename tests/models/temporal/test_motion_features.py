import math

import torch

from maxsight_mm.models.temporal import flow_direction, flow_magnitude


def flow_of(*vectors):
    return torch.tensor(vectors, dtype=torch.float32).T.reshape(1, 2, 1, -1)


def test_magnitude_is_the_length():
    found = flow_magnitude(flow_of((3, 4), (0, 0), (-1, 0)))
    assert found.flatten().tolist() == [5, 0, 1]
    assert found.shape == (1, 1, 1, 3)


def test_direction_turns_from_right_to_down():
    found = flow_direction(flow_of((2, 0), (0, 3), (0, -1), (-1, 0), (0, 0)))
    expected = torch.tensor([0, math.pi / 2, -math.pi / 2, math.pi, 0])
    torch.testing.assert_close(found.flatten(), expected)


def test_no_motion_has_a_finite_gradient():
    flow = torch.zeros(1, 2, 2, 2, requires_grad=True)
    flow_magnitude(flow).sum().backward()
    assert torch.isfinite(flow.grad).all()
