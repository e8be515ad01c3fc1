import pytest
import torch

from maxsight_mm.models.enhancement_heads import SoundDirectionHead, SoundEventHead
from maxsight_mm.structures import FeatureBundle


def features(batch=4, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    return FeatureBundle(
        audio_pooled=torch.randn(batch, 8, generator=generator).to(dtype),
        audio_valid=torch.tensor([True, False] * (batch // 2)),
    )


def train(head, name, targets, steps=150):
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(steps):
        loss = head.loss(head(features()), {name: targets})[f'loss_{head.task}']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return head.predict(head(features()))


def test_event_loss_by_hand_leaves_unknown_labels_out():
    outputs = {'logits': torch.zeros(1, 3)}
    wanted = torch.tensor([[1.0, 0.0, float('nan')]])
    loss = SoundEventHead(8, num_classes=3).loss(outputs, {'sound_events': wanted})
    assert loss['loss_sound_event'].item() == pytest.approx(0.6931, abs=1e-4)


def test_events_of_unknown_labels_only_cost_a_connected_zero():
    head = SoundEventHead(8)
    wanted = torch.full((4, 6), float('nan'))
    loss = head.loss(head(features()), {'sound_events': wanted})['loss_sound_event']
    assert loss.item() == 0
    loss.backward()


def test_events_are_learnt():
    torch.manual_seed(0)
    wanted = torch.eye(4, 6)
    answers = train(SoundEventHead(8), 'sound_events', wanted)
    torch.testing.assert_close(answers['scores'], wanted, atol=0.1, rtol=0)
    assert answers['available'].tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ('vector', 'full', 'degrees'),
    [
        ([1.0, 0.0], False, 0),
        ([0.5, 0.5], False, 45),
        ([0.0, -2.0], False, -90),
        ([-1.0, 0.1], False, 90),
        ([-1.0, 0.0], True, 180),
        ([0.0, 0.0], False, 0),
    ],
)
def test_direction_of_a_vector(vector, full, degrees):
    head = SoundDirectionHead(8, full_circle=full)
    outputs = {'vector': torch.tensor([vector]), 'available': torch.tensor([True])}
    assert head.predict(outputs)['azimuth_deg'].item() == pytest.approx(degrees)


def test_direction_loss_is_the_distance_to_the_unit_vector():
    outputs = {'vector': torch.tensor([[0.0, -1.0]])}
    wanted = {'sound_azimuth_deg': torch.tensor([90.0])}
    loss = SoundDirectionHead(8).loss(outputs, wanted)['loss_sound_direction']
    assert loss.item() == pytest.approx(2, abs=1e-4)


def test_direction_loss_has_a_gradient_where_it_is_right():
    vector = torch.tensor([[1.0, 0.0]], requires_grad=True)
    wanted = {'sound_azimuth_deg': torch.zeros(1)}
    loss = SoundDirectionHead(8).loss({'vector': vector}, wanted)
    loss['loss_sound_direction'].backward()
    assert vector.grad.isfinite().all()


def test_directions_are_learnt():
    torch.manual_seed(0)
    wanted = torch.tensor([-80.0, -20.0, 10.0, 70.0])
    answers = train(SoundDirectionHead(8), 'sound_azimuth_deg', wanted)
    torch.testing.assert_close(answers['azimuth_deg'], wanted, atol=5.0, rtol=0)


@pytest.mark.parametrize('kind', [SoundEventHead, SoundDirectionHead])
def test_half_precision_gives_finite_losses(kind):
    head = kind(8).to(torch.bfloat16)
    outputs = head(features(dtype=torch.bfloat16))
    targets = {
        'sound_events': torch.ones(4, 6),
        'sound_azimuth_deg': torch.zeros(4),
    }
    loss = next(iter(head.loss(outputs, targets).values()))
    assert loss.dtype == torch.float32 and loss.isfinite()
