"""A picture reaches the network as the test pipeline would bring it there."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from mmengine.dataset import Compose, pseudo_collate

from maxsight_mm.datasets.safe_image import InvalidImageError
from maxsight_mm.inference import ImagePreparation, preparation_of_config
from maxsight_mm.registry import MODELS, TRANSFORMS

NUMBERS = dict(
    type='DetDataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    pad_size_divisor=32,
    pad_value=3,
)


def make_config(numbers=NUMBERS, **resize) -> dict:
    pipeline = [
        dict(type='LoadSafeImage'),
        dict(type='LoadTaskAnnotations', with_bbox=True),
        dict(type='Resize', **resize),
        dict(type='PackTaskInputs'),
    ]
    return dict(
        test_dataloader=dict(dataset=dict(pipeline=pipeline)),
        model=dict(data_preprocessor=numbers),
    )


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize('size', [(48, 64), (61, 97), (97, 61), (200, 31), (96, 128)])
@pytest.mark.parametrize('keep_ratio', [True, False])
@pytest.mark.parametrize(
    'numbers', [NUMBERS, dict(type='DetDataPreprocessor', pad_size_divisor=1)]
)
def test_equals_pipeline_and_data_preprocessor_to_the_bit(size, keep_ratio, numbers):
    config = make_config(numbers, scale=(128, 96), keep_ratio=keep_ratio)
    image = picture(*size)
    steps = config['test_dataloader']['dataset']['pipeline'][2:]
    results = dict(img=image, img_shape=size, ori_shape=size)
    packed = Compose([TRANSFORMS.build(step) for step in steps])(results)
    expected = MODELS.build(numbers)(pseudo_collate([packed]))
    found = preparation_of_config(config)(image)
    np.testing.assert_array_equal(found.pixels, expected['inputs'][0].float().numpy())
    sample = expected['data_samples'][0]
    assert found.shape == tuple(sample.img_shape)
    assert found.original_shape == size
    np.testing.assert_array_equal(found.scale_factor, np.float32(sample.scale_factor))


def test_static_graph_gets_its_size_and_the_padding_value():
    config = make_config(scale=(128, 96), keep_ratio=True)
    fixed = replace(preparation_of_config(config), fixed_size=(96, 128))
    found = fixed(picture(100, 50))
    assert found.pixels.shape == (3, 96, 128) and found.shape == (96, 48)
    assert (found.pixels[:, :, 48:] == 3).all()
    assert (found.pixels[:, :, :48] != 3).any()
    stretched = replace(fixed, keep_ratio=False)(picture(100, 50))
    assert stretched.shape == (96, 128)
    np.testing.assert_allclose(stretched.scale_factor, [128 / 50, 0.96], rtol=1e-6)


def test_picture_of_the_right_aspect_is_the_same_for_a_static_graph():
    preparation = preparation_of_config(make_config(scale=(128, 96), keep_ratio=True))
    fixed = replace(preparation, fixed_size=(96, 128))
    image = picture(240, 320)
    np.testing.assert_array_equal(preparation(image).pixels, fixed(image).pixels)


def test_a_line_of_pixels_keeps_one_pixel():
    preparation = ImagePreparation((128, 96), True, fixed_size=(96, 128))
    assert preparation(picture(1, 5000)).shape == (1, 128)


def test_size_outside_the_range_of_a_dynamic_graph_is_one_line():
    preparation = ImagePreparation(
        (128, 96), True, size_divisor=32, size_range=((32, 64), (96, 128))
    )
    assert preparation(picture(48, 64)).pixels.shape == (3, 96, 128)
    with pytest.raises(InvalidImageError, match='p.png: becomes an input of 128 x 64'):
        preparation(picture(128, 64), 'p.png')


@pytest.mark.parametrize(
    'resize', [dict(scale_factor=2.0), dict(scale=None, scale_factor=2.0)]
)
def test_other_ways_to_resize_are_refused(resize):
    with pytest.raises(ValueError, match='Resize'):
        preparation_of_config(make_config(**resize))


@pytest.mark.parametrize('how', [dict(interpolation='nearest'), dict(backend='pillow')])
def test_other_interpolations_are_refused(how):
    config = make_config(scale=(64, 64), keep_ratio=True, **how)
    with pytest.raises(ValueError, match=next(iter(how))):
        preparation_of_config(config)


def test_channels_swapped_the_other_way_are_refused():
    numbers = NUMBERS | dict(bgr_to_rgb=False, rgb_to_bgr=True)
    with pytest.raises(ValueError, match='rgb_to_bgr'):
        preparation_of_config(make_config(numbers, scale=(64, 64)))


def test_unknown_step_is_refused():
    config = make_config(scale=(64, 64))
    config['test_dataloader']['dataset']['pipeline'].insert(1, dict(type='RandomCrop'))
    with pytest.raises(ValueError, match='RandomCrop'):
        preparation_of_config(config)


def test_input_is_float32_and_contiguous():
    pixels = ImagePreparation(None, False)(picture(8, 8)).pixels
    assert pixels.dtype == np.float32
    assert torch.from_numpy(pixels).is_contiguous()
