import pytest
import torch
import torch.nn.functional as F

from maxsight_mm.registry import MODELS

LOSSES = [
    dict(type='SafetyCrossEntropyLoss'),
    dict(type='SafetyBCELoss'),
    dict(type='SafetyFocalLoss', alpha=1.0),
    dict(type='SafetyFocalLoss', use_sigmoid=True),
    dict(type='CostMatrixLoss', costs=[[0, 1, 1], [9, 0, 3], [1, 1, 0]]),
]
LABELS = torch.tensor([0, 1, 2, 1, 0])


def logits_like_labels(seed=0):
    torch.manual_seed(seed)
    return torch.randn(5, 3, requires_grad=True)


def test_cross_entropy_is_torchs():
    logits = logits_like_labels()
    loss = MODELS.build(LOSSES[0])(logits, LABELS)
    torch.testing.assert_close(loss, F.cross_entropy(logits, LABELS))


def test_binary_cross_entropy_by_hand():
    logits = torch.tensor([[2.0, -1.0]])
    loss = MODELS.build(LOSSES[1])(logits, torch.tensor([0]))
    # -log sigmoid(2) - log(1 - sigmoid(-1))
    assert loss.item() == pytest.approx(0.126928 + 0.313262, abs=1e-5)


def test_cost_matrix_by_hand():
    loss = MODELS.build(dict(type='CostMatrixLoss', costs=[[0, 1], [3, 0]]))
    # Scaled to a mean of 1: [[0, .5], [1.5, 0]]; both scores are .5.
    value = loss(torch.zeros(2, 2), torch.tensor([0, 1]), reduction_override='none')
    torch.testing.assert_close(value, torch.tensor([0.693147 + 0.25, 0.693147 + 0.75]))


def test_unsure_answers_move_to_the_cheaper_mistake():
    loss = MODELS.build(dict(type='CostMatrixLoss', costs=[[0, 1], [19, 0]]))
    logits = torch.zeros(1, 2, requires_grad=True)
    optimizer = torch.optim.SGD([logits], lr=0.5)
    for _ in range(300):
        optimizer.zero_grad()
        loss(logits.expand(10, 2), torch.tensor([0] * 8 + [1] * 2)).backward()
        optimizer.step()
    # One in five is of class 1, so p minimises
    # -.2 log p - .8 log(1 - p) + .8 * .1 p + .2 * 1.9 (1 - p).
    assert logits.softmax(-1)[0, 1].item() == pytest.approx(0.2573, abs=1e-3)


@pytest.mark.parametrize('config', LOSSES)
def test_gradient_of_a_class_of_weight_4_is_fourfold(config):
    gradients = []
    for weight in (None, [1.0, 4.0, 1.0]):
        logits = logits_like_labels()
        MODELS.build(dict(config, class_weight=weight))(logits, LABELS).backward()
        gradients.append(logits.grad)
    factor = torch.where(LABELS == 1, 4.0, 1.0)[:, None]
    torch.testing.assert_close(gradients[1], gradients[0] * factor)


@pytest.mark.parametrize('config', LOSSES)
def test_weights_of_a_policy_come_from_the_counts(config):
    loss = MODELS.build(dict(config, class_weight=dict(policy='balanced', cap=2.0)))
    assert loss.by_frequency
    with pytest.raises(ValueError, match='ClassWeightHook'):
        loss(logits_like_labels(), LABELS)
    given = loss.set_class_counts([8, 2, 2], ['a', 'b', 'c'])
    assert given == pytest.approx([0.5, 2.0, 2.0])
    explicit = MODELS.build(dict(config, class_weight=given))
    logits = logits_like_labels()
    torch.testing.assert_close(loss(logits, LABELS), explicit(logits, LABELS))
    assert not loss.state_dict()


@pytest.mark.parametrize('config', LOSSES)
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_finite(config, dtype):
    logits = (30 * torch.randn(5, 3)).to(dtype)
    assert torch.isfinite(MODELS.build(config)(logits, LABELS)).all()


@pytest.mark.parametrize('config', LOSSES)
def test_weights_for_another_number_of_classes_are_refused(config):
    loss = MODELS.build(dict(config, class_weight=[1.0, 2.0, 3.0, 4.0]))
    with pytest.raises(ValueError, match='must hold 3 numbers, got 4'):
        loss(logits_like_labels(), LABELS)


def test_a_detectors_background_weighs_1():
    loss = MODELS.build(
        dict(type='SafetyFocalLoss', gamma=0.0, alpha=1.0, class_weight=[4.0, 1.0])
    )
    logits = logits_like_labels()
    value = loss(logits, LABELS, reduction_override='none')
    plain = F.cross_entropy(logits, LABELS, reduction='none')
    factor = torch.tensor([4.0, 1.0, 1.0])[LABELS]
    torch.testing.assert_close(value, plain * factor)


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        (dict(type='CostMatrixLoss', costs=[[0, float('nan')], [1, 0]]), 'finite'),
        (dict(type='CostMatrixLoss', costs=[[0, 1]]), 'square'),
        (dict(type='CostMatrixLoss', costs=[[0, 0], [0, 0]]), 'all 0'),
        (dict(type='SafetyCrossEntropyLoss', label_smoothing=1.0), 'label_smoothing'),
        (dict(type='SafetyCrossEntropyLoss', class_weight=[1, -1]), '>= 0'),
        (dict(type='SafetyCrossEntropyLoss', class_weight=dict(cap=3)), 'policy'),
    ],
)
def test_bad_settings_are_refused(config, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build(config)


def test_costs_for_other_classes_are_refused():
    loss = MODELS.build(LOSSES[-1])
    with pytest.raises(ValueError, match='for 3 classes, not 2'):
        loss(torch.zeros(1, 2), torch.tensor([0]))
