import numpy as np
import pytest

from maxsight_mm.datasets.transforms.recorded_geometry import (
    affine_of,
    check_geometry,
    remember_geometry,
    source_pixels,
)


def test_halving_reads_the_pixel_under_each_centre():
    affine = np.array([[0.5, 0, 0], [0, 0.5, 0]])
    rows, columns, inside = source_pixels(affine, (2, 3), (4, 6))
    # Centre 0.5 of the picture is 1.0 of the file: the first pixel from there on.
    assert columns[0].tolist() == [1, 3, 5]
    assert rows[:, 0].tolist() == [1, 3]
    assert inside.all()


def test_mirror_reverses_the_columns():
    rows, columns, inside = source_pixels(
        np.array([[-1.0, 0, 4], [0, 1, 0]]), (1, 4), (1, 4)
    )
    assert columns.tolist() == [[3, 2, 1, 0]]
    assert rows.tolist() == [[0] * 4]
    assert inside.all()


def test_shift_leaves_pixels_outside():
    affine = np.array([[1.0, 0, 2], [0, 1, 0]])
    inside = source_pixels(affine, (1, 4), (1, 4))[2]
    assert inside.tolist() == [[False, False, True, True]]


def test_matrix_is_taken_up_to_its_scale():
    assert affine_of({'homography_matrix': 2 * np.eye(3)}).tolist() == [
        [1, 0, 0],
        [0, 1, 0],
    ]


def test_perspective_is_refused():
    matrix = np.eye(3)
    matrix[2, 0] = 0.01
    with pytest.raises(ValueError, match='change of perspective'):
        affine_of({'homography_matrix': matrix, 'img_path': 'a.png'})


def test_later_move_is_found_out():
    results = {'img': np.zeros((4, 4, 3))}
    check_geometry(results)
    remember_geometry(results)
    check_geometry(results)
    results['homography_matrix'] = np.diag([-1, 1, 1])
    with pytest.raises(ValueError, match='moved after its maps'):
        check_geometry(results)
