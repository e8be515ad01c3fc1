import pytest

from maxsight_mm.models.backbones import HybridCnnVit
from maxsight_mm.models.backbones.resnet_widths import resnet_widths
from maxsight_mm.models.passes import SafetyPass


def test_widths_are_those_of_the_published_networks():
    assert resnet_widths(18, 64) == [64, 128, 256, 512]
    assert resnet_widths(50, 64) == [256, 512, 1024, 2048]


@pytest.mark.parametrize('build', [SafetyPass, HybridCnnVit])
def test_a_stem_too_narrow_for_the_cpu_is_refused(build):
    with pytest.raises(ValueError, match='base_channels must be at least 16, got 8'):
        build(depth=18, base_channels=8)
