import pytest
import torch

from maxsight_mm.models.temporal import TimeSformer
from maxsight_mm.models.temporal.timesformer import sine_place

WINDOW = 4


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = TimeSformer(16, num_layers=2, num_heads=4, window=WINDOW).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


@pytest.mark.parametrize('length', [1, WINDOW, 3 * WINDOW + 1])
def test_stream_equals_the_clip(model, length):
    clip = torch.randn(2, length, 16, 3, 5)
    together = model(clip)
    memory = None
    for t in range(length):
        answer, memory = model.step(clip[:, t], memory)
        torch.testing.assert_close(answer, together[:, t], rtol=0, atol=1e-5)


def test_memory_does_not_grow(model):
    memory = None
    for _ in range(3 * WINDOW):
        _, memory = model.step(torch.randn(1, 16, 2, 2), memory)
    assert memory.keys[0].shape == (1, 4, 4, WINDOW, 4)
    assert memory.frames_seen == 3 * WINDOW


def test_a_step_leaves_the_memory_it_was_given(model):
    _, memory = model.step(torch.randn(1, 16, 2, 2))
    before = [x.clone() for x in memory.keys + memory.values]
    first, _ = model.step(torch.ones(1, 16, 2, 2), memory)
    again, _ = model.step(torch.ones(1, 16, 2, 2), memory)
    assert torch.equal(first, again)
    for old, new in zip(before, memory.keys + memory.values, strict=True):
        assert torch.equal(old, new)


def test_later_frames_do_not_reach_earlier_ones(model):
    clip = torch.randn(1, 5, 16, 2, 3)
    changed = clip.clone()
    changed[:, 3:] = torch.randn(1, 2, 16, 2, 3)
    assert torch.equal(model(clip)[:, :3], model(changed)[:, :3])
    assert not torch.allclose(model(clip)[:, 3:], model(changed)[:, 3:])


def test_each_layer_reaches_back_one_window(model):
    """Two layers of window 4 see 2 x 3 frames back and no farther."""
    clip = torch.randn(1, 9, 16, 2, 2)
    for back, reached in ((6, True), (7, False)):
        changed = clip.clone()
        changed[:, 8 - back] = torch.randn(1, 16, 2, 2)
        same = torch.equal(model(clip)[:, 8], model(changed)[:, 8])
        assert same is not reached


def test_padding_in_front_takes_no_part(model):
    clip = torch.randn(1, 4, 16, 2, 3)
    valid = torch.tensor([[False, True, True, True]])
    torch.testing.assert_close(
        model(clip, valid)[:, 1:], model(clip[:, 1:]), rtol=0, atol=1e-5
    )


def test_age_matters(model):
    """The same frames in another order are another clip."""
    clip = torch.randn(1, 4, 16, 2, 2)
    swapped = clip[:, [1, 0, 2, 3]]
    assert not torch.allclose(model(clip)[:, -1], model(swapped)[:, -1], atol=1e-3)


def test_sines_tell_every_place_apart():
    place = sine_place(16, 6, 7).flatten(1).T
    distances = torch.cdist(place, place) + torch.eye(42)
    assert distances.min() > 0.1


def test_sines_of_a_place_by_hand():
    place = sine_place(8, 4, 5)
    angle = torch.tensor([3.0, 3.0 / 100])
    torch.testing.assert_close(place[:4, 3, 1], torch.cat([angle.sin(), angle.cos()]))


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match='window'):
        TimeSformer(16, num_heads=4, window=0)
    with pytest.raises(ValueError, match='embed_dims'):
        TimeSformer(18, num_heads=4)
