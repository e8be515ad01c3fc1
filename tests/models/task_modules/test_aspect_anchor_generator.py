import pytest
import torch
from mmdet.models.task_modules.prior_generators import AnchorGenerator

from maxsight_mm.registry import TASK_UTILS


def build(**settings):
    return TASK_UTILS.build(dict(type='AspectAnchorGenerator', **settings))


def test_half_is_twice_as_high_as_wide():
    generator = build(strides=[16], aspects_wh=[0.5], scales=[2])
    x1, y1, x2, y2 = generator.base_anchors[0][0].tolist()
    assert (y2 - y1) / (x2 - x1) == pytest.approx(2.0)
    assert (y2 - y1) * (x2 - x1) == pytest.approx(32.0**2)


def test_equals_mmdet_with_inverted_ratios():
    ours = build(
        strides=[8, 16], aspects_wh=(0.45, 1.0, 3.0), octave_base_scale=4,
        scales_per_octave=3,
    )  # fmt: skip
    theirs = AnchorGenerator(
        [8, 16], [1 / 0.45, 1.0, 1 / 3.0], octave_base_scale=4, scales_per_octave=3
    )
    assert ours.num_base_priors == theirs.num_base_priors
    for own, other in zip(ours.base_anchors, theirs.base_anchors, strict=True):
        torch.testing.assert_close(own, other)


def test_ratios_are_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r'ratios \(height / width\).*aspects_wh'):
        build(strides=[8], ratios=[0.5], scales=[8])


@pytest.mark.parametrize('aspects', [[], [0.0], [-1.0], [float('nan')], [float('inf')]])
def test_impossible_aspects_are_refused(aspects):
    with pytest.raises(ValueError, match='finite numbers above 0'):
        build(strides=[8], aspects_wh=aspects, scales=[8])
