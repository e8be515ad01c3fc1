import numpy as np
import pytest

from maxsight_mm.datasets.derived_labels import contrast_map, scene_contrast
from maxsight_mm.synthetic.street import StreetConfig, StreetWorld


def test_half_black_half_white_has_full_contrast():
    image = np.zeros((32, 32, 3), np.uint8)
    image[:, 16:] = 255
    assert scene_contrast({'img': image})[0] == pytest.approx(1.0)
    found = contrast_map({'img': image})
    assert found.shape == (1, 4, 4) and found.dtype == np.float32
    # A window about the cell right of the edge spans 12 to 28: a quarter is black.
    beside = 2 * np.sqrt(0.25 * 0.75)
    np.testing.assert_allclose(found[0, 1], [0, beside, beside, 0], atol=1e-3)


def test_map_agrees_with_the_standard_deviation_of_each_window():
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    image[..., 1] = image[..., 2] = image[..., 0]
    found = contrast_map({'img': image})[0]
    grey = image[..., 0] / 255
    for row, column in ((1, 1), (2, 5), (4, 6)):
        y, x = row * 8 - 4, column * 8 - 4
        expected = 2 * grey[y : y + 16, x : x + 16].std()
        assert found[row, column] == pytest.approx(expected, abs=1e-3)


def test_sides_that_are_no_multiple_of_the_cell_are_cut():
    assert contrast_map({'img': np.zeros((30, 41, 3), np.uint8)}).shape == (1, 3, 5)


def test_street_contrast_is_the_one_it_is_labelled_with():
    frame = StreetWorld(StreetConfig(height=96, width=128)).frame(3)
    found = scene_contrast({'img': frame.image})[0]
    assert found == pytest.approx(frame.contrast, abs=1e-4)
