import math

import pytest
import torch

from maxsight_mm.registry import MODELS


def build(**settings):
    return MODELS.build(dict(type='MultiPartDetectionLoss', **settings))


def one_hand(label=0):
    """A hand that is found well and taken for the other class."""
    return dict(
        objectness=torch.tensor([4.0, -4.0], requires_grad=True),
        class_logits=torch.tensor([[-1.0, 1.0], [0.0, 0.0]], requires_grad=True),
        boxes=torch.tensor([[0.105, 0.152, 0.3, 0.3], [0.0, 0.0, 1.0, 1.0]]),
        labels=torch.tensor([label, -1]),
        target_boxes=torch.tensor([[0.1, 0.15, 0.3, 0.3], [9.0, 9.0, 9.0, 9.0]]),
    )


def test_three_parts_by_hand():
    losses = build()(**one_hand())
    assert losses['loss_objectness'].item() == pytest.approx(
        math.log1p(math.exp(-4)), rel=1e-4
    )
    assert losses['loss_class'].item() == pytest.approx(math.log1p(math.exp(2)))
    # .5 x^2 / beta of both errors.
    expected = 4.5 * (0.005**2 + 0.002**2)
    assert losses['loss_box'].item() == pytest.approx(expected, rel=1e-3)


def test_a_missed_violation_costs_four_times_as_much():
    weighted = build(loss_cls=dict(type='SafetyCrossEntropyLoss', class_weight=[4, 1]))
    plain, heavy = build()(**one_hand()), weighted(**one_hand())
    torch.testing.assert_close(heavy['loss_class'], 4 * plain['loss_class'])
    assert heavy['loss_box'] == plain['loss_box']
    assert heavy['loss_objectness'] == plain['loss_objectness']


def test_without_an_object_only_objectness_teaches():
    inputs = one_hand()
    inputs['labels'] = torch.tensor([-1, -1])
    losses = build()(**inputs)
    assert losses['loss_class'] == losses['loss_box'] == 0
    sum(losses.values()).backward()
    assert not inputs['class_logits'].grad.any()
    assert inputs['objectness'].grad.all()


def test_a_beta_of_1_starves_normalised_boxes():
    """The gradient of an error of 1 % of the image, per unit of a linear loss."""
    gradients = {}
    for beta in (1.0, 1 / 9, 0.005):
        inputs = one_hand()
        inputs['boxes'] = torch.full((2, 4), 0.51, requires_grad=True)
        inputs['target_boxes'] = torch.full((2, 4), 0.5)
        build(beta=beta)(**inputs)['loss_box'].backward()
        gradients[beta] = inputs['boxes'].grad[0, 0].item()
    assert gradients[1.0] == pytest.approx(0.01, rel=1e-3)
    assert gradients[1 / 9] == pytest.approx(0.09, rel=1e-3)
    assert gradients[0.005] == pytest.approx(1.0)


@pytest.mark.parametrize('settings', [dict(beta=0), dict(box_weight=-1)])
def test_bad_settings_are_refused(settings):
    with pytest.raises(ValueError, match='MultiPartDetectionLoss'):
        build(**settings)
