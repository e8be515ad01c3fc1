from types import SimpleNamespace

import pytest
import torch
from torch import nn

from maxsight_mm.engine.hooks.separate_clip_hook import SeparateClip, SeparateClipHook


class Toy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.safety_pass = nn.Linear(2, 1, bias=False)
        self.context_stage = nn.Linear(2, 1, bias=False)


@pytest.fixture
def toy():
    model = Toy()
    model.safety_pass.weight.grad = torch.tensor([[0.3, 0.4]])
    model.context_stage.weight.grad = torch.tensor([[30.0, 40.0]])
    return model


def test_a_large_context_gradient_leaves_the_safety_gradient_alone(toy):
    norm = SeparateClip(toy.context_stage)(toy.parameters(), max_norm=1.0)
    assert norm.item() == pytest.approx(0.5)
    assert torch.allclose(toy.safety_pass.weight.grad, torch.tensor([[0.3, 0.4]]))
    assert torch.allclose(
        toy.context_stage.weight.grad, torch.tensor([[0.6, 0.8]]), atol=1e-4
    )


def test_hook_sets_the_clip_of_the_optimizer_wrapper(toy):
    wrapper = SimpleNamespace(clip_grad_kwargs=dict(max_norm=1.0), clip_func=None)
    SeparateClipHook().before_train(SimpleNamespace(model=toy, optim_wrapper=wrapper))
    assert isinstance(wrapper.clip_func, SeparateClip)


def test_without_a_context_stage_nothing_changes(toy):
    del toy.context_stage
    wrapper = SimpleNamespace(clip_grad_kwargs=dict(max_norm=1.0), clip_func='own')
    SeparateClipHook().before_train(SimpleNamespace(model=toy, optim_wrapper=wrapper))
    assert wrapper.clip_func == 'own'
