import cv2
import numpy as np
import pytest

from maxsight_mm.datasets import InvalidImageError
from maxsight_mm.registry import TRANSFORMS


@pytest.fixture
def path(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    cv2.imwrite(str(tmp_path / 'a.png'), image)
    return str(tmp_path / 'a.png')


def load(**options):
    return TRANSFORMS.build({'type': 'LoadSafeImage', **options})


def test_loads_as_mmcv_does(path):
    safe = load()({'img_path': path})
    plain = TRANSFORMS.build({'type': 'LoadImageFromFile'})({'img_path': path})
    np.testing.assert_array_equal(safe['img'], plain['img'])
    assert safe['img_shape'] == plain['img_shape'] == (20, 30)
    assert safe['ori_shape'] == plain['ori_shape']
    assert load(to_float32=True)({'img_path': path})['img'].dtype == np.float32


@pytest.mark.parametrize(
    ('size', 'says'),
    [((20, 31), 'is 30 x 20, annotated as 31 x 20$'), ((30, 20), 'EXIF turn')],
)
def test_other_size_than_annotated_is_refused(path, size, says):
    results = {'img_path': path, 'height': size[0], 'width': size[1]}
    with pytest.raises(InvalidImageError, match=says):
        load()(dict(results))
    assert load(check_size=False)(dict(results))['img'].shape == (20, 30, 3)


def test_missing_and_huge_files_are_one_line(path):
    with pytest.raises(InvalidImageError, match='none.png: cannot be read: No such'):
        load()({'img_path': 'none.png'})
    with pytest.raises(InvalidImageError, match='max_pixels=599'):
        load(max_pixels=599)({'img_path': path})
