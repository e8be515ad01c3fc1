import pytest
import torch

from maxsight_mm.models.task_modules.pseudo_labels import PseudoLabelGovernor
from maxsight_mm.registry import TASK_UTILS

VIEWS = 600
FIXED = 0.4


def uniform(low, high):
    return lambda n, generator: low + (high - low) * torch.rand(n, generator=generator)


# Of the true and of the false boxes: scores, number per view.
HARD = (uniform(0.15, 0.4), 0.6, uniform(0.05, 0.25), 1.5)
EASY = (uniform(0.6, 1.0), 0.5, uniform(0.05, 0.5), 1.0)
CLASSES = {'hard': HARD, 'easy': EASY}


def stream(name, views=VIEWS, seed=0):
    """Scores and truths of a class's candidates, in random order."""
    true, num_true, false, num_false = CLASSES[name]
    generator = torch.Generator().manual_seed(seed)
    sizes = int(num_true * views), int(num_false * views)
    scores = torch.cat([true(sizes[0], generator), false(sizes[1], generator)])
    order = torch.randperm(len(scores), generator=generator)
    return scores[order], (torch.arange(len(scores)) < sizes[0])[order]


def zeros(scores):
    return torch.zeros(len(scores), dtype=torch.long)


def governed(scores, expected, num_updates=6, views=VIEWS, labelled=None, **settings):
    """A governor of one class that has seen the scores and was updated."""
    governor = PseudoLabelGovernor(1, **settings)
    governor.observe(scores, zeros(scores), num_views=views)
    if labelled is not None:
        for part, truth in zip(
            *(each.tensor_split(100) for each in labelled), strict=True
        ):
            missed = torch.zeros(1, dtype=torch.long)
            governor.observe_labelled(part, zeros(part), truth, missed)
    for _ in range(num_updates):
        governor.update(torch.tensor([expected]))
    return governor


def surer(scores, truth, shift):
    """Labelled scores after a student has learnt the pictures by heart."""
    return (scores.logit() + shift * (truth.float() * 1.5 - 0.5)).sigmoid()


@pytest.mark.parametrize('shift', [0.0, 1.0, 3.0])
def test_hard_class_gets_the_pseudo_labels_that_a_fixed_threshold_denies(shift):
    scores, truth = stream('hard')
    seen, known = stream('hard', views=100, seed=1)
    labelled = surer(seen, known, shift), known
    governor = governed(scores, 0.6, labelled=labelled)
    kept = governor.keep(scores, zeros(scores))
    assert truth[scores >= FIXED].sum() < 0.05 * truth.sum()
    assert truth[kept].sum() > 0.5 * truth.sum()
    assert truth[kept].float().mean() > 0.55


def test_easy_class_keeps_nearly_all_true_and_few_false_boxes():
    scores, truth = stream('easy')
    governor = governed(scores, 0.5, labelled=stream('easy', views=100, seed=1))
    kept = governor.keep(scores, zeros(scores))
    assert truth[kept].sum() > 0.95 * truth.sum()
    assert truth[kept].float().mean() > 0.95


@pytest.mark.parametrize('name', ['hard', 'easy'])
def test_weights_say_how_often_pseudo_labels_are_true(name):
    scores, truth = stream(name)
    expected = CLASSES[name][1]
    governor = governed(scores, expected)
    weights = governor.weight(scores, zeros(scores))
    assert ((weights >= 0) & (weights <= 1)).all()
    assert (weights[scores.argsort()].diff() >= 0).all()
    assert weights.mean() == pytest.approx(truth.float().mean().item(), abs=0.08)
    error = (weights - truth.float()).square().mean()
    naive = (scores - truth.float()).square().mean()
    assert error < 0.16
    assert error < 0.9 * naive


def test_weights_are_one_when_precision_is_not_to_count():
    scores, _ = stream('hard')
    governor = governed(scores, 0.6, weigh_by_precision=False)
    assert (governor.weight(scores, zeros(scores)) == 1).all()


def test_weight_is_the_score_until_something_was_learnt():
    governor = PseudoLabelGovernor(2)
    scores = torch.tensor([0.25, 0.75])
    weights = governor.weight(scores, torch.tensor([0, 1]))
    assert weights.tolist() == pytest.approx([0.25, 0.75])


def test_scale_of_the_labelled_scores_does_not_matter_only_their_order():
    scores, _ = stream('hard')
    seen, known = stream('hard', views=100, seed=1)
    plain = governed(scores, 0.6, labelled=(seen, known))
    surer = governed(scores, 0.6, labelled=(0.9 + 0.1 * seen, known))
    assert surer.thresholds.item() == pytest.approx(plain.thresholds.item(), abs=1e-4)


def test_labelled_views_pull_the_threshold_where_the_mixture_is_misled():
    """True boxes alone, in two heaps: the mixture takes the lower one for false."""
    low, high = stream('easy')[0][:100] * 0.2 + 0.3, torch.linspace(0.7, 0.9, 100)
    scores = torch.cat([low, high])
    truth = torch.ones(200, dtype=torch.bool)
    alone = governed(scores, 1.0, views=200)
    helped = governed(scores, 1.0, views=200, labelled=(scores, truth))
    kept_alone = alone.keep(scores, zeros(scores)).sum()
    kept_helped = helped.keep(scores, zeros(scores)).sum()
    assert kept_alone < 110 < kept_helped


def test_labelled_views_decide_alone_where_the_mixture_has_no_fit():
    scores, known = torch.linspace(0.5, 0.51, 50), torch.ones(50, dtype=torch.bool)
    governor = governed(
        scores, 0.5, views=100, num_updates=30, labelled=(scores, known)
    )
    assert governor.status == ['labelled']
    assert governor.thresholds.item() == pytest.approx(0.5, abs=1e-3)


def test_floor_keeps_the_best_of_a_class_whose_scores_are_all_low():
    scores = torch.linspace(0.06, 0.12, 300)
    governor = governed(scores, 0.5, num_updates=1, views=200, start_threshold=0.9)
    assert governor.status == ['floor']
    kept = governor.keep(scores, zeros(scores))
    assert kept.sum() == 30  # 0.3 * 0.5 * 200
    assert kept[-30:].all()


def test_ceiling_stops_a_class_from_flooding():
    scores = torch.linspace(0.5, 1, 1000)
    labelled = torch.linspace(0.4, 1, 200), torch.ones(200, dtype=torch.bool)
    governor = governed(scores, 1.0, views=100, labelled=labelled, ceiling=1.2)
    assert governor.status == ['ceiling']
    assert governor.keep(scores, zeros(scores)).sum() == 120


def test_equal_scores_do_not_flood():
    governor = governed(torch.full((500,), 0.3), 0.5, views=100)
    assert governor.keep(torch.full((9,), 0.3), zeros(range(9))).sum() == 0


def test_ratio_holds_from_the_first_update_in_spite_of_momentum():
    scores, _ = stream('hard')
    governor = governed(scores, 0.6, num_updates=1, start_threshold=0.9, momentum=0.1)
    kept = governor.keep(scores, zeros(scores)).sum() / VIEWS
    assert kept + 1 / VIEWS >= 0.3 * 0.6
    assert kept <= 1.2 * 0.6


def test_no_threshold_is_below_the_minimum():
    scores = torch.linspace(0, 0.12, 400)
    governor = governed(scores, 5.0, views=400, min_score=0.1)
    assert governor.thresholds.item() == pytest.approx(0.1)
    assert governor.score_memory[0].nan_to_num(1.0).min() >= 0.1


def test_class_without_labelled_boxes_keeps_nothing_and_says_so():
    scores, _ = stream('easy')
    governor = governed(scores, 0.0)
    assert governor.status == ['no labelled boxes']
    assert not governor.keep(torch.ones(5), zeros(range(5))).any()
    governor.update(torch.tensor([0.5]))
    assert governor.status != ['no labelled boxes']
    assert 0 < governor.thresholds.item() < 1


@pytest.mark.parametrize('number', [0, 5])
def test_few_scores_leave_the_threshold_alone(number):
    governor = governed(torch.full((number,), 0.2), 0.5, views=10)
    assert governor.status == ['too few scores']
    assert governor.thresholds.item() == 0.5


def test_update_before_any_view_changes_nothing():
    governor = PseudoLabelGovernor(2)
    governor.update(torch.tensor([0.5, 0.5]))
    assert governor.status == ['too few scores'] * 2
    assert governor.thresholds.tolist() == [0.5, 0.5]


def test_few_scores_where_many_were_to_be_expected_get_the_floor():
    governor = governed(torch.tensor([0.06, 0.07]), 0.5, views=400)
    assert governor.status == ['floor']
    assert governor.thresholds.item() == pytest.approx(0.05)


def test_momentum_is_the_share_of_the_new_threshold():
    scores, _ = stream('easy')
    final = governed(scores, 0.5, momentum=1.0).thresholds.item()
    start = final + 0.02
    found = governed(scores, 0.5, 1, start_threshold=start, momentum=0.25)
    found = found.thresholds.item()
    assert found == pytest.approx(start - 0.25 * 0.02, abs=1e-4)


def test_classes_are_governed_apart():
    governor = TASK_UTILS.build(dict(type='PseudoLabelGovernor', num_classes=3))
    for label, name in enumerate(['hard', 'easy']):
        scores, _ = stream(name)
        governor.observe(scores, zeros(scores) + label, num_views=0)
    governor.observe(torch.zeros(0), torch.zeros(0, dtype=torch.long), VIEWS)
    governor.update(torch.tensor([0.6, 0.5, 0.0]))
    assert governor.status[2] == 'no labelled boxes'
    for label, name in enumerate(['hard', 'easy']):
        alone = governed(stream(name)[0], CLASSES[name][1], num_updates=1)
        assert governor.thresholds[label] == pytest.approx(alone.thresholds.item())


def test_non_finite_scores_are_counted_and_never_kept():
    governor = PseudoLabelGovernor(1)
    bad = torch.tensor([torch.nan, torch.inf, 0.9])
    governor.observe(bad, zeros(bad))
    missed, truth = torch.zeros(1).long(), torch.ones(3).bool()
    governor.observe_labelled(bad, zeros(bad), truth, missed)
    assert governor.non_finite == 4
    assert governor.score_memory.isfinite().sum() == 1
    assert governor.keep(bad, zeros(bad)).tolist() == [False, False, True]


def test_checkpoint_brings_back_thresholds_weights_and_memory():
    scores, _ = stream('hard')
    governor = governed(scores, 0.6, num_updates=2)
    copy = PseudoLabelGovernor(1)
    copy.load_state_dict(governor.state_dict())
    for each in (governor, copy):
        each.update(torch.tensor([0.6]))
    assert torch.equal(copy.thresholds, governor.thresholds)
    assert torch.equal(
        copy.weight(scores, zeros(scores)), governor.weight(scores, zeros(scores))
    )


def test_half_precision_scores_are_governed_too():
    scores, _ = stream('easy')
    governor = governed(scores.half(), 0.5)
    assert governor.weight(scores.half(), zeros(scores)).dtype == torch.float16
    whole = governed(scores, 0.5)
    assert governor.thresholds.item() == pytest.approx(
        whole.thresholds.item(), abs=0.01
    )


@pytest.mark.parametrize(
    'settings',
    [
        dict(floor=-0.1),
        dict(floor=1.0, ceiling=0.5),
        dict(beta=0.0),
        dict(momentum=0.0),
        dict(momentum=1.5),
        dict(capacity=0),
        dict(interval_iters=0),
        dict(min_score=1.5),
        dict(start_threshold=[0.5, 0.5]),
        dict(start_threshold=float('nan')),
    ],
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match='must|expected'):
        PseudoLabelGovernor(3, **settings)


def test_the_score_memory_forgets_what_is_old():
    governor = PseudoLabelGovernor(1, max_views=10)
    governor.observe(torch.full((5,), 0.9), zeros(range(5)), num_views=5)
    assert governor.score_memory.isfinite().sum() == 5
    governor.observe(torch.zeros(0), zeros([]), num_views=50)
    assert governor.score_memory.isfinite().sum() == 0


def test_only_rank_0_takes_the_memory_of_a_checkpoint(monkeypatch):
    governor = PseudoLabelGovernor(1)
    governor.observe(torch.full((5,), 0.9), zeros(range(5)), num_views=5)
    governor.thresholds.fill_(0.7)
    for rank, count in ((0, 5), (1, 0)):
        monkeypatch.setattr(
            'maxsight_mm.models.task_modules.pseudo_labels.pseudo_labels.get_rank',
            lambda rank=rank: rank,
        )
        other = PseudoLabelGovernor(1)
        other.load_state_dict(governor.state_dict())
        assert other.score_memory.isfinite().sum() == count
        assert other.unlabelled.views == count
        assert other.thresholds.item() == pytest.approx(0.7)
