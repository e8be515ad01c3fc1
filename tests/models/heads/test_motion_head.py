import pytest
import torch

from maxsight_mm.models.heads import HeadSet
from maxsight_mm.models.navigation_heads import MotionHead
from maxsight_mm.structures import FeatureBundle


def build(**settings):
    torch.manual_seed(0)
    head = MotionHead(hidden_channels=16, radius=2, **settings)
    head.init_weights()
    return head


def bundle(frames):
    return FeatureBundle(frames=frames)


def shifted_pairs(count=4, size=(48, 64)):
    """Noise pictures that move as a whole, and their flow in px."""
    generator = torch.Generator().manual_seed(1)
    texture = torch.rand(
        count, 3, size[0] // 4 + 8, size[1] // 4 + 8, generator=generator
    )
    texture = torch.nn.functional.interpolate(texture, scale_factor=4, mode='bilinear')
    frames, flows = [], []
    for index in range(count):
        dx, dy = torch.randint(-6, 7, (2,), generator=generator).tolist()
        previous = texture[index, :, 16 : 16 + size[0], 16 : 16 + size[1]]
        current = texture[index, :, 16 - dy : 16 - dy + size[0], 16 - dx :][
            ..., : size[1]
        ]
        frames.append(torch.stack([previous, current]) * 4 - 2)
        flows.append(torch.tensor([dx, dy]).float().reshape(2, 1, 1).expand(2, *size))
    return torch.stack(frames), torch.stack(flows)


def error_after_fit(head, frames, labels, flow):
    """Mean px from the true flow after 60 steps on the labels."""
    optimizer = torch.optim.Adam(head.parameters(), lr=3e-3)
    for _ in range(60):
        losses = head.loss(head(bundle(frames)), {'flow': labels})
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
    with torch.no_grad():
        found = head.predict(head(bundle(frames)))['flow']
    return (found - flow[..., ::4, ::4]).norm(dim=1).mean()


def test_learns_the_motion_of_pictures():
    frames, flow = shifted_pairs()
    error = error_after_fit(build(), frames, flow, flow)
    assert error < 0.4 * flow.norm(dim=1).mean()


def test_learns_from_one_pixel_in_fifty():
    frames, flow = shifted_pairs()
    head = build()
    known = torch.rand(len(flow), 1, 48, 64) < 0.02
    sparse = torch.where(known, flow, torch.tensor(float('nan')))
    error = error_after_fit(head, frames, sparse, flow)
    assert error < 0.5 * flow.norm(dim=1).mean()


def test_answers_at_a_quarter_of_the_size_in_px():
    head = build().eval()
    answers = head.predict(head(bundle(torch.randn(2, 3, 3, 40, 52))))
    assert answers['flow'].shape == (2, 2, 10, 13)
    assert answers['magnitude'].shape == answers['direction'].shape == (2, 1, 10, 13)
    torch.testing.assert_close(answers['magnitude'][:, 0], answers['flow'].norm(dim=1))


def test_reads_the_last_two_frames_of_a_clip():
    head, clip = build().eval(), torch.randn(1, 5, 3, 32, 32)
    torch.testing.assert_close(
        head(bundle(clip))['flow'], head(bundle(clip[:, -2:]))['flow']
    )


def test_single_frame_is_compared_with_itself():
    head, frame = build().eval(), torch.randn(1, 1, 3, 32, 32)
    pair = frame.expand(-1, 2, -1, -1, -1)
    torch.testing.assert_close(head(bundle(frame))['flow'], head(bundle(pair))['flow'])


def test_error_is_the_mean_distance_by_hand():
    """All flows 0 against (3, 4) px: 5 px, and half of it from each coarser level."""
    zeros = torch.zeros(1, 2, 4, 4)
    outputs = dict(
        flow=zeros, coarse_flow=torch.zeros(1, 4, 4, 4), edge_weight=zeros + 1
    )
    target = torch.full((1, 2, 16, 16), float('nan'))
    target[0, :, 3, 5] = torch.tensor([3.0, 4.0])
    losses = build().loss(outputs, {'flow': target})
    assert losses['loss_motion'].item() == pytest.approx(10.0, abs=1e-3)


def test_smoothness_counts_less_across_an_edge():
    flow = torch.zeros(1, 2, 4, 4)
    flow[:, 0, :, 2:] = 8.0
    target, losses = torch.zeros(1, 2, 4, 4), []
    for weight in (1.0, 0.1):
        edges = torch.ones(1, 2, 4, 4)
        edges[:, 0, :, 1] = weight
        outputs = dict(
            flow=flow, coarse_flow=torch.zeros(1, 4, 4, 4), edge_weight=edges
        )
        losses.append(build().loss(outputs, {'flow': target})['loss_motion_smooth'])
    # One of three neighbours along x differs by 8 px; times 0.1.
    assert losses[0].item() == pytest.approx(0.1 * 8 / 3, abs=0.01)
    assert losses[1].item() == pytest.approx(0.01 * 8 / 3, abs=0.01)


def test_no_finite_label_costs_a_connected_zero():
    head = build()
    outputs = head(bundle(torch.randn(1, 2, 3, 32, 32)))
    losses = head.loss(outputs, {'flow': torch.full((1, 2, 32, 32), float('nan'))})
    assert set(losses) == set(head.loss_names)
    total = sum(losses.values())
    assert total.item() == 0
    total.backward()
    assert all(p.grad is not None for p in head.parameters())


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_half_precision_is_finite(dtype):
    head = build()
    with torch.autocast('cpu', dtype=dtype):
        outputs = head(bundle(torch.randn(1, 2, 3, 32, 48)))
        losses = head.loss(outputs, {'flow': torch.randn(1, 2, 32, 48)})
    assert all(torch.isfinite(value) for value in losses.values())


def test_stands_in_a_head_set():
    heads = HeadSet(
        {'motion': dict(type='MotionHead', hidden_channels=16)}, {'frames': 3}
    )
    outputs = heads(bundle(torch.randn(1, 2, 3, 32, 32)))
    assert set(heads.loss(outputs, {})) == {'loss_motion', 'loss_motion_smooth'}
