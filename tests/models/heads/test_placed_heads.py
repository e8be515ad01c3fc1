import pytest
import torch

from maxsight_mm.models.heads import HeadSet
from maxsight_mm.models.navigation_heads import FreePathHead, HeadObstacleHead
from maxsight_mm.models.navigation_heads.placed_global_head import _places, _thirds
from maxsight_mm.structures import FeatureBundle

ROWS, COLUMNS, CHANNELS = 4, 6, 5


def bundle_of(tokens, rows=ROWS, columns=COLUMNS, **more):
    """The pooled feature is the mean of the tokens: it knows no place."""
    batch = len(tokens)
    level = torch.zeros(batch, 3, rows, columns)
    return FeatureBundle(
        context_tokens=tokens,
        context_pooled=tokens.mean(dim=1),
        context_pyramid=(level.repeat(1, 1, 2, 2), level, level[..., ::2, ::2]),
        **more,
    )


def streets(count=128):
    """One obstacle somewhere in the picture, and which third is free of it."""
    generator = torch.Generator().manual_seed(0)
    tokens = 0.1 * torch.randn(count, ROWS, COLUMNS, CHANNELS, generator=generator)
    columns = torch.randint(COLUMNS, (count,), generator=generator)
    rows = torch.randint(ROWS, (count,), generator=generator)
    tokens[torch.arange(count), rows, columns, 0] += 2.0
    free = torch.ones(count, 3)
    free[torch.arange(count), columns * 3 // COLUMNS] = 0
    # Low branches show in the upper half.
    return tokens.flatten(1, 2), free, (rows < ROWS // 2).float()


def fitted(head, tokens, target):
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(120):
        losses = head.loss(head(bundle_of(tokens)), {head.task: target})
        optimizer.zero_grad()
        losses[f'loss_{head.task}'].backward()
        optimizer.step()
    return head.predict(head(bundle_of(tokens)))


def test_free_path_learns_on_which_side_it_is_blocked():
    torch.manual_seed(0)
    tokens, free, _ = streets()
    answers = fitted(FreePathHead(CHANNELS), tokens, free)
    assert answers['labels'].dtype == torch.int64
    assert (answers['labels'] == free).float().mean() > 0.97


def test_head_obstacle_learns_how_high_it_hangs():
    torch.manual_seed(0)
    tokens, _, high = streets()
    answers = fitted(HeadObstacleHead(CHANNELS), tokens, high)
    assert answers['scores'].shape == answers['labels'].shape == (128,)
    assert (answers['labels'] == high).float().mean() > 0.97


def test_unknown_side_costs_nothing():
    head = FreePathHead(CHANNELS)
    outputs = {'logits': torch.tensor([[0.0, 3.0, -3.0]], requires_grad=True)}
    target = torch.tensor([[1.0, float('nan'), float('nan')]])
    loss = head.loss(outputs, {'free_path': target})['loss_free_path']
    assert loss.item() == pytest.approx(0.6931, abs=1e-4)


def test_doubtful_head_obstacle_is_told():
    head = HeadObstacleHead(CHANNELS, min_score=0.3)
    logits = torch.tensor([[0.29], [0.31]]).logit()
    assert head.predict({'logits': logits})['labels'].tolist() == [0, 1]


@pytest.mark.parametrize('min_score', [0.0, 1.0])
def test_min_score_at_an_end_is_refused(min_score):
    with pytest.raises(ValueError, match='min_score'):
        HeadObstacleHead(CHANNELS, min_score=min_score)


@pytest.mark.parametrize(
    ('width', 'columns'),
    [
        (6, [(0, 2), (2, 4), (4, 6)]),
        (14, [(0, 5), (4, 10), (9, 14)]),
        (2, [(0, 1), (0, 2), (1, 2)]),
        (1, [(0, 1), (0, 1), (0, 1)]),
    ],
)
def test_thirds_mirror_each_other_and_are_never_empty(width, columns):
    found = [(part.start, part.stop) for part in _thirds(width)]
    assert found == columns
    assert [(width - b, width - a) for a, b in found[::-1]] == found


def test_places_run_row_by_row():
    found = _places(2, 4, torch.zeros(1))[0]
    assert found[:, 0].tolist() == [-0.75, -0.25, 0.25, 0.75] * 2
    assert found[:, 1].tolist() == [-0.5] * 4 + [0.5] * 4


def test_own_token_of_cross_task_attention_is_read():
    head, tokens = FreePathHead(CHANNELS), torch.randn(2, ROWS * COLUMNS, CHANNELS)
    told = {'free_path': torch.randn(2, CHANNELS)}
    plain = head(bundle_of(tokens))['logits']
    assert not torch.equal(plain, head(bundle_of(tokens, task_tokens=told))['logits'])
    other = {'lighting': torch.randn(2, CHANNELS)}
    assert torch.equal(plain, head(bundle_of(tokens, task_tokens=other))['logits'])


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
@pytest.mark.parametrize('cls', [FreePathHead, HeadObstacleHead])
def test_half_precision_is_finite_in_a_head_set(cls, dtype):
    heads = HeadSet({'head': dict(type=cls.__name__)}, {'context_pooled': CHANNELS})
    with torch.autocast('cpu', dtype=dtype):
        outputs = heads(bundle_of(torch.randn(2, 9, CHANNELS), rows=3, columns=3))
    (answer,) = (value['logits'] for value in outputs.values())
    assert torch.isfinite(answer).all()
