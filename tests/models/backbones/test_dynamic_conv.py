import pytest
import torch
import torch.nn.functional as F

from maxsight_mm.models.backbones import DynamicConv
from maxsight_mm.models.backbones.dynamic_conv import DynamicConvBlock


def trained_conv(**kwargs) -> DynamicConv:
    """Kernel attention that differs between images."""
    torch.manual_seed(0)
    conv = DynamicConv(4, 6, **kwargs)
    torch.nn.init.normal_(conv.attention[-1].weight, std=20)
    return conv


def test_one_kernel_is_a_convolution():
    conv = trained_conv(num_kernels=1)
    feature = torch.randn(3, 4, 5, 7)
    expected = F.conv2d(feature, conv.kernels.view(6, 4, 3, 3), padding=1)
    torch.testing.assert_close(conv(feature), expected)


def test_is_the_weighted_sum_of_its_kernels_convolutions():
    conv = trained_conv(num_kernels=3)
    feature = torch.randn(2, 4, 5, 7)
    weights = conv.kernel_weights(feature)
    assert not torch.allclose(weights[0], weights[1], atol=1e-2)
    expected = sum(
        weights[:, k, None, None, None]
        * F.conv2d(feature, conv.kernels[k].view(6, 4, 3, 3), padding=1)
        for k in range(3)
    )
    torch.testing.assert_close(conv(feature), expected, rtol=1e-4, atol=1e-4)


def test_each_image_has_its_own_kernel():
    conv = trained_conv()
    feature = torch.randn(4, 4, 6, 6).to(memory_format=torch.channels_last)
    alone = torch.cat([conv(image[None]) for image in feature])
    torch.testing.assert_close(conv(feature), alone, rtol=1e-4, atol=1e-4)


def test_attention_starts_uniform():
    weights = DynamicConv(4, 4, num_kernels=5).kernel_weights(torch.randn(2, 4, 3, 3))
    torch.testing.assert_close(weights, torch.full((2, 5), 0.2))


def test_a_higher_temperature_is_closer_to_uniform():
    feature = torch.randn(1, 4, 3, 3)
    sharp = trained_conv(temperature=1.0).kernel_weights(feature)
    flat = trained_conv(temperature=30.0).kernel_weights(feature)
    assert flat.amax() < sharp.amax()


def test_block_starts_as_the_identity_of_what_is_positive():
    block = DynamicConvBlock(4)
    block.init_weights()
    feature = torch.rand(2, 4, 5, 5)
    torch.testing.assert_close(block(feature), feature)


def test_even_kernels_are_refused():
    with pytest.raises(ValueError, match='odd'):
        DynamicConv(4, 4, kernel_size=2)
