import pytest
import torch
from mmdet.models import ResNet

from maxsight_mm.models.backbones.inner_channels import (
    inner_convs,
    set_inner_channels,
)
from maxsight_mm.models.passes import SafetyPass


@pytest.mark.parametrize(('depth', 'count'), [(18, 8), (34, 16), (50, 32)])
def test_inner_convolutions_are_all_but_the_last_of_each_block(depth, count):
    found = inner_convs(ResNet(depth, base_channels=16))
    assert len(found) == count
    assert found['layer2.1.conv1'] == (
        'layer2.1.conv1',
        'layer2.1.bn1',
        'layer2.1.conv2',
    )


def test_narrow_blocks_keep_the_shapes_around_them():
    wanted = {'layer2.0.conv1': 24, 'layer2.0.conv2': 16, 'layer4.2.conv2': 40}
    narrow = ResNet(50, base_channels=16, out_indices=(1, 2, 3))
    before = sum(p.numel() for p in narrow.parameters())
    images = torch.randn(1, 3, 64, 64)
    narrow.eval()
    shapes = [x.shape for x in narrow(images)]
    set_inner_channels(narrow, wanted)
    assert [x.shape for x in narrow(images)] == shapes
    for name, count in wanted.items():
        assert narrow.get_submodule(name).out_channels == count
    assert sum(p.numel() for p in narrow.parameters()) < before
    assert narrow.layer2[0].conv2.stride == (2, 2)


@pytest.mark.parametrize(
    ('channels', 'message'),
    [
        ({'layer1.0.conv2': 16}, "'layer1.0.conv2' is no inner convolution"),
        ({'layer3.0.conv1': 15}, 'must have 16 to 64 channels, got 15'),
        ({'layer3.0.conv1': 65}, 'must have 16 to 64 channels, got 65'),
    ],
)
def test_what_does_not_fit_is_refused(channels, message):
    with pytest.raises(ValueError, match=message):
        SafetyPass(depth=18, base_channels=16, inner_channels=channels)


def test_groups_are_refused():
    resnet = ResNet(18, base_channels=32)
    resnet.layer1[0].conv2 = torch.nn.Conv2d(32, 32, 3, groups=2)
    with pytest.raises(ValueError, match='2 groups cannot be narrowed'):
        set_inner_channels(resnet, {'layer1.0.conv1': 16})


def test_weights_of_full_width_do_not_go_with_a_pruned_resnet():
    with pytest.raises(ValueError, match='inner_channels and pretrained'):
        SafetyPass(pretrained='resnet50.pth', inner_channels={'layer4.0.conv1': 256})
