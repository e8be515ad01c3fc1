import pytest
import torch

from maxsight_mm.models.fusion import CrossTaskAttention


def small(**kwargs) -> CrossTaskAttention:
    torch.manual_seed(0)
    module = CrossTaskAttention(('depth', 'glare'), 16, 2, num_heads=2, **kwargs)
    module.init_weights()
    return module


def with_output(module: CrossTaskAttention) -> CrossTaskAttention:
    torch.nn.init.eye_(module.proj.weight)
    return module


def test_one_token_a_task_that_starts_at_zero():
    tokens = small()(torch.randn(3, 5, 16))
    assert set(tokens) == {'depth', 'glare'}
    for token in tokens.values():
        assert torch.equal(token, torch.zeros(3, 16))


def test_tokens_differ_between_tasks_and_images():
    tokens = with_output(small())(torch.randn(2, 5, 16))
    assert not torch.allclose(tokens['depth'], tokens['glare'], atol=1e-3)
    assert not torch.allclose(tokens['depth'][0], tokens['depth'][1], atol=1e-3)


def test_sdpa_equals_naive():
    context = torch.randn(2, 5, 16)
    fused = with_output(small())(context)
    naive = with_output(small(attention='naive'))(context)
    torch.testing.assert_close(fused['glare'], naive['glare'])


def test_tasks_listen_to_each_other():
    module = with_output(small())
    context = torch.randn(1, 5, 16)
    before = module(context)['depth']
    module.queries.data[1] += 1.0
    assert not torch.allclose(before, module(context)['depth'])


def test_it_learns_from_its_zero_start():
    """The mean of one channel of the scene, asked for one task."""
    module = small()
    context = torch.randn(16, 5, 16)
    wanted = context[:, :, 0].mean(dim=1)
    optimizer = torch.optim.Adam(module.parameters(), lr=3e-3)
    for _ in range(150):
        error = (module(context)['depth'][:, 0] - wanted).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
    assert error < 0.2 * wanted.var()


def test_default_has_8_to_10_million_parameters():
    with torch.device('meta'):
        module = CrossTaskAttention([str(i) for i in range(20)])
    assert 8e6 < sum(p.numel() for p in module.parameters()) < 10e6


@pytest.mark.parametrize('tasks', [(), ('depth', 'depth')])
def test_no_tasks_or_a_task_twice_is_refused(tasks):
    with pytest.raises(ValueError, match='tasks'):
        CrossTaskAttention(tasks)
