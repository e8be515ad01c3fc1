import numpy as np
import pytest

from maxsight_mm.datasets.transforms.vision_conditions import (
    blur,
    colour,
    field_loss,
    light,
    shapes,
)
from maxsight_mm.datasets.transforms.vision_conditions.condition_table import RANDOM

SYMPTOMS = {
    'gaussian_blur': (blur.gaussian_blur, {}),
    'directional_blur': (blur.directional_blur, {'angle_deg': 75.0}),
    'far_blur': (blur.far_blur, {}),
    'near_blur': (blur.near_blur, {}),
    'central_loss': (field_loss.central_loss, {}),
    'tunnel': (field_loss.tunnel, {}),
    'arcuate_loss': (field_loss.arcuate_loss, {}),
    'lower_loss': (field_loss.lower_loss, {}),
    'blotches': (field_loss.blotches, {}),
    'glare': (light.glare, {}),
    'lower_contrast': (light.lower_contrast, {}),
    'dim': (light.dim, {}),
    'fluctuate': (light.fluctuate, {}),
    'deuteranopia': (colour.deuteranopia, {}),
    'desaturate': (colour.desaturate, {}),
    'yellow': (colour.yellow, {}),
    'floaters': (shapes.floaters, {}),
    'double_vision': (shapes.double_vision, {'turn_deg': 3.0}),
    'noise': (shapes.noise, {}),
    'bend': (shapes.bend, {}),
    'crowd': (shapes.crowd, {}),
}


def stripes(height=60, width=90):
    image = np.zeros((height, width, 3), np.uint8)
    image[:, ::4] = image[:, 1::4] = (200, 120, 60)
    image[::6] = (250, 250, 250)
    return image


def run(name, severity, image=None, seed=0):
    symptom, options = SYMPTOMS[name]
    if symptom in RANDOM:
        options = {**options, 'rng': np.random.default_rng(seed)}
    return symptom(stripes() if image is None else image, severity, **options)


@pytest.mark.parametrize('name', SYMPTOMS)
class TestEverySymptom:
    def test_severity_zero_changes_nothing(self, name):
        assert np.array_equal(run(name, 0.0), stripes())

    def test_changes_grow_with_the_severity(self, name):
        image = stripes().astype(int)
        change = [np.abs(run(name, s) - image).mean() for s in (0.3, 1.0)]
        assert 0 < change[0] < change[1]

    @pytest.mark.parametrize('size', [(1, 1), (33, 17)])
    def test_any_size_keeps_its_shape_and_type(self, name, size):
        image = np.full((*size, 3), 90, np.uint8)
        seen = run(name, 1.0, image)
        assert seen.shape == image.shape and seen.dtype == np.uint8

    def test_input_is_not_written_to(self, name):
        image = stripes()
        run(name, 1.0, image)
        assert np.array_equal(image, stripes())


def sharpness(image):
    return np.abs(np.diff(image[..., 0].astype(int), axis=1)).mean(axis=1)


def test_far_blur_spares_the_feet_and_near_blur_the_horizon():
    far, near = (sharpness(run(name, 1.0)) for name in ('far_blur', 'near_blur'))
    full = sharpness(stripes())
    odd = np.arange(60) % 6 != 0
    assert far[:20][odd[:20]].max() < 0.1 * full[1] < 0.8 * full[1] < far[59]
    assert near[58] < 0.1 * full[1] and np.array_equal(near[:30], full[:30])


def test_loss_of_the_middle_and_of_the_border_are_opposites():
    grey = np.full((60, 90, 3), 200, np.uint8)
    middle, border = (run(n, 1.0, grey) for n in ('central_loss', 'tunnel'))
    assert middle[30, 45, 0] < 90 and middle[2, 2, 0] == 200
    assert border[30, 45, 0] == 200 and border[2, 2, 0] < 30
    arcs = run('arcuate_loss', 0.6, grey)
    assert arcs[30, 45, 0] == 200 and arcs[5, 45, 0] < arcs[55, 45, 0]


def test_contrast_by_hand():
    image = np.zeros((2, 2, 3), np.uint8)
    image[0] = 100
    # Mean 50, a fifth of the contrast: 50 +- 10.
    assert light.lower_contrast(image, 1.0)[:, 0, 0].tolist() == [60, 40]


def test_red_and_green_fall_together_and_grey_stays():
    # sRGB red through the matrix of Machado et al.: linear .367322, .280085, 0.
    red = np.array([[[0, 0, 255]]], np.uint8)
    assert colour.deuteranopia(red, 1.0)[0, 0].tolist() == [0, 144, 163]
    grey = np.full((1, 1, 3), 128, np.uint8)
    assert np.abs(colour.deuteranopia(grey, 1.0).astype(int) - 128).max() <= 1


def test_directional_blur_keeps_lines_along_its_axis():
    lines = np.zeros((40, 40, 3), np.uint8)
    lines[:, ::4] = 255
    along = blur.directional_blur(lines, 1.0, angle_deg=90.0)
    across = blur.directional_blur(lines, 1.0, angle_deg=0.0)
    assert sharpness(along).mean() > 5 * sharpness(across).mean()


def test_second_image_lies_beside_the_first():
    image = np.zeros((50, 100, 3), np.uint8)
    image[20:30, 20:24] = 200
    seen = shapes.double_vision(image, 1.0, turn_deg=0.0)[25, :, 0]
    assert seen[21] == pytest.approx(104, abs=1)
    assert seen[31] == pytest.approx(96, abs=1)


def test_floaters_lie_where_the_seed_says():
    assert np.array_equal(run('floaters', 0.8, seed=4), run('floaters', 0.8, seed=4))
    assert not np.array_equal(run('floaters', 0.8), run('floaters', 0.8, seed=4))
