"""The augmentation of image tasks, against Pillow's and by hand."""

import numpy as np
import pytest
from mmcv.transforms import Compose
from PIL import Image

from maxsight_mm.engine.config_loading import load_config
from maxsight_mm.registry import TRANSFORMS

CHANGE = {
    step.type: step
    for step in load_config('configs/risk/risk_resnet18.py').train_pipeline
}


def picture(seed=0, side=64):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return np.array(Image.fromarray(small).resize((side, side), Image.BICUBIC))


def changed(step, image, **settings):
    transform = TRANSFORMS.build(dict(CHANGE[step], **settings))
    return transform(dict(img=image.copy(), img_shape=image.shape[:2]))['img']


def test_flip_is_pillows():
    image = picture()
    expected = Image.fromarray(image).transpose(Image.FLIP_LEFT_RIGHT)
    np.testing.assert_array_equal(changed('RandomFlip', image, prob=1.0), expected)


def test_rotation_is_pillows():
    image = picture()
    turn = dict(prob=1.0, min_mag=15, max_mag=15, reversal_prob=0.0)
    turned = changed('Rotate', image, **turn)
    options = dict(resample=Image.BILINEAR, fillcolor=(128,) * 3)
    both = [
        np.array(Image.fromarray(image).rotate(angle, **options), dtype=int)
        for angle in (15, -15)
    ]
    inner = slice(16, 48)
    errors = [np.abs(turned[inner, inner] - each[inner, inner]).mean() for each in both]
    # mmdet turns about the pixel centre, Pillow about the corner of the middle pixel.
    assert min(errors) < 6 < max(errors)


def test_colours_stay_within_their_ranges():
    np.random.seed(0)
    image = np.full((4, 4, 3), 100, np.uint8)
    values = [changed('PhotoMetricDistortion', image).mean() for _ in range(200)]
    # Brightness +- 32 and contrast .8 to 1.2, in either order.
    assert min(values) >= (100 - 32) * 0.8 - 1
    assert max(values) <= (100 + 32) * 1.2 + 1
    assert np.std(values) > 5


@pytest.mark.parametrize('name', ['train_pipeline', 'test_pipeline'])
def test_pipelines_end_at_224(name, tmp_path):
    path = tmp_path / 'x.png'
    Image.fromarray(picture(side=300)).save(path)
    config = load_config('configs/risk/risk_resnet18.py')
    steps = [TRANSFORMS.build(step) for step in config[name]]
    packed = Compose(steps)(dict(img_path=str(path), gt_tasks=dict(risk=1)))
    assert packed['inputs'].shape == (3, 224, 224)
    assert packed['data_samples'].gt_tasks.risk.item() == 1
