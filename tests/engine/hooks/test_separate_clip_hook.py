from types import SimpleNamespace

import pytest
import torch
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import nn

from maxsight_mm.engine.hooks.separate_clip_hook import SeparateClip, SeparateClipHook
from maxsight_mm.engine.safety_first_scaler import SafetyFirstScaler

SCALE = 1024.0


class Stage(nn.Linear):
    gradient_scale = 1.0


class Toy(nn.Module):
    """Gradients are those that ``loss`` is given, whatever the weights are."""

    def __init__(self, context: bool = True) -> None:
        super().__init__()
        self.safety_pass = nn.Linear(2, 1, bias=False)
        if context:
            self.context_stage = Stage(2, 1, bias=False)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def loss(self, safety, context):
        loss = (self.safety_pass.weight * torch.tensor([safety])).sum()
        if hasattr(self, 'context_stage'):
            own = (self.context_stage.weight * torch.tensor([context])).sum()
            own.register_hook(lambda g: g * self.context_stage.gradient_scale)
            loss = loss + own
        return loss


@pytest.fixture
def amp(monkeypatch):
    """Makes an AmpOptimWrapper that works without a GPU."""
    module = 'mmengine.optim.optimizer.amp_optimizer_wrapper'
    monkeypatch.setattr(f'{module}.is_cuda_available', lambda: True)
    monkeypatch.setattr(
        f'{module}.GradScaler', lambda **kw: torch.amp.GradScaler('cpu', **kw)
    )

    def make(optimizer, **kwargs):
        scale = dict(init_scale=SCALE, growth_interval=3)
        return AmpOptimWrapper(optimizer=optimizer, loss_scale=scale, **kwargs)

    return make


def plain(optimizer, **kwargs):
    return OptimWrapper(optimizer=optimizer, **kwargs)


def hooked(toy, make, **kwargs):
    wrapper = make(torch.optim.SGD(toy.parameters(), lr=1.0), **kwargs)
    SeparateClipHook().before_train(SimpleNamespace(model=toy, optim_wrapper=wrapper))
    return wrapper


def weights(module) -> list[float]:
    return module.weight.detach().flatten().tolist()


@pytest.mark.parametrize('with_amp', [False, True])
def test_a_large_context_gradient_leaves_the_safety_step_alone(amp, with_amp):
    toy = Toy()
    wrapper = hooked(toy, amp if with_amp else plain, clip_grad=dict(max_norm=1.0))
    wrapper.update_params(toy.loss([0.3, 0.4], [30.0, 40.0]))
    assert weights(toy.safety_pass) == pytest.approx([-0.3, -0.4])
    assert weights(toy.context_stage) == pytest.approx([-0.6, -0.8], abs=1e-4)
    norm = wrapper.message_hub.get_scalar('train/grad_norm').current()
    assert norm == pytest.approx(0.5)


def test_clipping_by_value_stays_as_it_is():
    toy = Toy()
    wrapper = hooked(toy, plain, clip_grad=dict(type='value', clip_value=1.0))
    wrapper.update_params(toy.loss([0.3, 4.0], [30.0, 0.5]))
    assert weights(toy.safety_pass) == pytest.approx([-0.3, -1.0])
    assert weights(toy.context_stage) == pytest.approx([-1.0, -0.5])


@pytest.mark.parametrize('with_amp', [False, True])
def test_without_a_context_stage_nothing_changes(amp, with_amp):
    toy = Toy(context=False)
    wrapper = hooked(toy, amp if with_amp else plain, clip_grad=dict(max_norm=1.0))
    assert not isinstance(wrapper.clip_func, SeparateClip)
    assert not isinstance(getattr(wrapper, 'loss_scaler', None), SafetyFirstScaler)
    wrapper.update_params(toy.loss([0.3, 0.4], None))
    assert weights(toy.safety_pass) == pytest.approx([-0.3, -0.4])


@pytest.mark.parametrize('clip_grad', [None, dict(max_norm=10.0)])
@pytest.mark.parametrize('broken', [float('inf'), float('nan')])
def test_a_broken_context_gradient_costs_the_context_step_alone(amp, clip_grad, broken):
    toy = Toy()
    wrapper = hooked(toy, amp, clip_grad=clip_grad and dict(clip_grad))
    wrapper.update_params(toy.loss([0.3, 0.4], [1.0, broken]))
    assert weights(toy.safety_pass) == pytest.approx([-0.3, -0.4])
    assert weights(toy.context_stage) == [0.0, 0.0]
    assert wrapper.loss_scaler.get_scale() == SCALE
    assert toy.context_stage.gradient_scale == 0.5
    wrapper.update_params(toy.loss([0.3, 0.4], [1.0, 2.0]))
    assert weights(toy.safety_pass) == pytest.approx([-0.6, -0.8])
    assert weights(toy.context_stage) == [-1.0, -2.0]


def test_a_broken_safety_gradient_still_halves_the_common_scale(amp):
    toy = Toy()
    wrapper = hooked(toy, amp)
    wrapper.update_params(toy.loss([float('inf'), 0.4], [1.0, 2.0]))
    assert weights(toy.safety_pass) == [0.0, 0.0]
    assert weights(toy.context_stage) == [0.0, 0.0]
    assert wrapper.loss_scaler.get_scale() == SCALE / 2
    assert toy.context_stage.gradient_scale == 1.0


def test_one_broken_part_of_an_accumulated_step_drops_it_for_the_context(amp):
    toy = Toy()
    wrapper = hooked(toy, amp, accumulative_counts=2)
    for context in ([1.0, float('inf')], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0]):
        wrapper.update_params(toy.loss([0.3, 0.4], context))
    assert weights(toy.safety_pass) == pytest.approx([-0.6, -0.8])
    assert weights(toy.context_stage) == [-1.0, -2.0]


def test_the_factor_falls_to_a_floor_and_rises_again(amp):
    toy = Toy()
    wrapper = hooked(toy, amp)
    wrapper.loss_scaler.set_growth_factor(1.0 + 1e-9)
    for _ in range(20):
        wrapper.update_params(toy.loss([0.0, 0.0], [float('nan'), 0.0]))
    assert toy.context_stage.gradient_scale == pytest.approx(1 / SCALE)
    for _ in range(3):
        wrapper.update_params(toy.loss([0.0, 0.0], [0.0, 0.0]))
    assert toy.context_stage.gradient_scale == pytest.approx(2 / SCALE)


def test_a_fused_optimizer_keeps_the_parts_apart_too(amp):
    toy = Toy()
    wrapper = amp(torch.optim.AdamW(toy.parameters(), lr=1.0, fused=True))
    SeparateClipHook().before_train(SimpleNamespace(model=toy, optim_wrapper=wrapper))
    wrapper.update_params(toy.loss([0.3, 0.4], [1.0, float('inf')]))
    assert weights(toy.safety_pass) == pytest.approx([-1.0, -1.0], rel=1e-4)
    assert weights(toy.context_stage) == [0.0, 0.0]
    assert wrapper.loss_scaler.get_scale() == SCALE


def test_at_a_common_scale_below_one_the_factor_stays_one(amp):
    toy = Toy()
    wrapper = hooked(toy, amp)
    wrapper.loss_scaler.load_state_dict(
        wrapper.loss_scaler.state_dict() | dict(scale=0.25)
    )
    wrapper.update_params(toy.loss([0.0, 0.0], [float('nan'), 0.0]))
    assert toy.context_stage.gradient_scale == 1.0


def test_the_common_scale_goes_on_from_where_it_was(amp):
    toy = Toy()
    wrapper = amp(torch.optim.SGD(toy.parameters(), lr=1.0))
    wrapper.loss_scaler.load_state_dict(
        wrapper.loss_scaler.state_dict() | dict(scale=8.0)
    )
    SeparateClipHook().before_train(SimpleNamespace(model=toy, optim_wrapper=wrapper))
    assert wrapper.loss_scaler.get_scale() == 8.0
    assert wrapper.state_dict()['loss_scaler']['scale'] == 8.0
