import numpy as np
import pytest
import torch
import torch.nn.functional as F

from maxsight_mm.models.classifiers import BatchMix
from maxsight_mm.registry import MODELS
from tests.models.toy_classifier import classifier_config, sample, toy_classifier

TWO_TASKS = dict(
    risk=dict(num_classes=2, dropout=0.0),
    severity=dict(num_classes=3, dropout=0.0, loss=dict(type='SafetyBCELoss')),
)


def images(count=4, side=32):
    torch.manual_seed(1)
    return torch.randn(count, 3, side, side)


def test_answers_have_labels_scores_and_logits():
    torch.manual_seed(0)
    model = toy_classifier(**TWO_TASKS).eval()
    answers = [s.pred_tasks for s in model(images(), [sample()] * 4, 'predict')]
    logits = model(images())
    for index, answer in enumerate(answers[3:], 3):
        torch.testing.assert_close(answer.risk_logits, logits['risk'][index])
        torch.testing.assert_close(
            answer.risk_scores, logits['risk'][index].softmax(-1)
        )
        torch.testing.assert_close(
            answer.severity_scores, logits['severity'][index].sigmoid()
        )
        assert answer.risk.shape == (1,)
        assert answer.risk.dtype == torch.int64
        assert answer.risk == answer.risk_scores.argmax()


def test_an_unlabelled_image_does_not_teach_its_task():
    model = toy_classifier(**TWO_TASKS).train()
    samples = [sample(risk=1, severity=2), sample(risk=0), sample(severity=0), sample()]
    losses = model(images(), samples, 'loss')
    logits = model(images())
    expected = F.cross_entropy(logits['risk'][:2], torch.tensor([1, 0]))
    torch.testing.assert_close(losses['loss_risk'], expected)


def test_a_batch_without_a_label_costs_a_connected_zero():
    model = toy_classifier(**TWO_TASKS).train()
    losses = model(images(), [sample(risk=1)] * 4, 'loss')
    assert losses['loss_severity'] == 0
    losses['loss_severity'].backward()
    assert model.heads['severity'].fc.weight.grad is not None
    assert not model.heads['severity'].fc.weight.grad.any()


def test_a_frozen_backbone_does_not_change():
    model = MODELS.build(dict(classifier_config(), freeze_backbone=True)).train()
    before = {k: v.clone() for k, v in model.backbone.state_dict().items()}
    parameters = [p for p in model.parameters() if p.requires_grad]
    assert len(parameters) == 2
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    model(images(), [sample(risk=1)] * 4, 'loss')['loss_risk'].backward()
    optimizer.step()
    for name, value in model.backbone.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_losses_travel_by_task():
    model = toy_classifier(**TWO_TASKS).train()
    losses = model(images(), [sample(risk=1, severity=0)] * 4, 'loss')
    total, log_vars = model.parse_losses(losses)
    assert set(total.task_losses) == {'risk', 'severity'}
    torch.testing.assert_close(sum(total.task_losses.values()), total)
    assert set(log_vars) == {'loss', 'loss_risk', 'loss_severity'}


@pytest.mark.parametrize('alphas', [(0.4, 0.0), (0.0, 1.0), (0.4, 1.0)])
def test_mixed_images_are_their_shares_of_two(alphas):
    np.random.seed(0)
    torch.manual_seed(0)
    # Each image is one value, so the mean says what share of it is left.
    plain = torch.arange(1.0, 5.0).view(4, 1, 1, 1).expand(4, 3, 20, 20)
    for _ in range(20):
        mix = BatchMix(*alphas)(plain)
        own, other = torch.arange(1.0, 5.0), torch.arange(1.0, 5.0)[mix.partner]
        expected = mix.share * own + (1 - mix.share) * other
        torch.testing.assert_close(mix.images.mean(dim=(1, 2, 3)), expected)
    assert torch.equal(plain[0], torch.ones(3, 20, 20))


def test_the_loss_of_mixed_images_is_shared_between_both_labels():
    np.random.seed(0)
    torch.manual_seed(0)
    config = dict(
        classifier_config(risk=dict(num_classes=2, dropout=0.0)),
        batch_mix=dict(type='BatchMix', mixup_alpha=1.0),
    )
    model = MODELS.build(config).eval()
    labels = torch.tensor([0, 1, 1, 0])
    mixes = []
    mixer = model.batch_mix
    model.batch_mix = lambda batch: mixes.append(mixer(batch)) or mixes[-1]
    loss = model(images(), [sample(risk=int(x)) for x in labels], 'loss')['loss_risk']
    mix = mixes[0]
    logits = model(mix.images)['risk']
    expected = mix.share * F.cross_entropy(logits, labels)
    expected += (1 - mix.share) * F.cross_entropy(logits, labels[mix.partner])
    torch.testing.assert_close(loss, expected)


def test_a_batch_of_one_is_not_mixed():
    assert BatchMix()(images(1)) is None


def test_it_learns_two_tasks():
    torch.manual_seed(0)
    model = toy_classifier(**TWO_TASKS).train()
    labels = [(i % 2, i % 3) for i in range(12)]
    batch = 0.3 * torch.randn(12, 3, 16, 16)
    for index, (risk, severity) in enumerate(labels):
        batch[index, 0] += risk
        batch[index, 1] += severity
    samples = [sample(risk=r, severity=s) for r, s in labels]
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(40):
        optimizer.zero_grad()
        sum(model(batch, samples, 'loss').values()).backward()
        optimizer.step()
    answers = model.eval()(batch, samples, 'predict')
    right = [
        (int(a.pred_tasks.risk), int(a.pred_tasks.severity)) == truth
        for a, truth in zip(answers, labels, strict=True)
    ]
    assert sum(right) >= 11


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        (classifier_config(risk=dict(num_classes=1)), "head 'risk': num_classes"),
        (
            classifier_config(
                risk=dict(
                    num_classes=2,
                    loss=dict(type='SafetyFocalLoss', class_weight=[1.0]),
                )
            ),
            "head 'risk': 1 class weights for 2 classes",
        ),
        (classifier_config(risk=None), 'no heads'),
        (
            dict(classifier_config(), batch_mix=dict(type='BatchMix', mixup_alpha=0)),
            'alphas',
        ),
    ],
)
def test_bad_configs_are_refused(config, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build(config)


def test_a_label_beyond_the_classes_is_refused():
    model = toy_classifier()
    with pytest.raises(ValueError, match="task 'risk': label 2"):
        model(images(1), [sample(risk=2)], 'loss')
