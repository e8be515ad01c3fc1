import numpy as np
import pytest

from maxsight_mm.engine.network_resize import NetworkResize, network_resize

SIZES = np.array([[160.0, 160.0], [400.0, 100.0]])


def test_no_resize_keeps_the_size():
    found = network_resize([dict(type='LoadImageFromFile')])
    assert found == NetworkResize()
    assert found.factors(SIZES).tolist() == [[1, 1], [1, 1]]


def test_fit_keeps_the_ratio():
    found = network_resize([dict(type='Resize', scale=(1333, 800), keep_ratio=True)])
    # 800 / 160 = 5; min(1333 / 400, 800 / 100) = 3.3325
    assert found.factors(SIZES) == pytest.approx(np.array([[5, 5], [3.3325, 3.3325]]))


def test_fill_stretches():
    found = network_resize([dict(type='Resize', scale=(320, 240))])
    assert found.factors(SIZES) == pytest.approx(np.array([[2, 1.5], [0.8, 2.4]]))


@pytest.mark.parametrize(
    ('step', 'expected'),
    [
        (dict(type='RandomResize', scale=[(1333, 400), (1333, 1200)]), (1333, 800)),
        (
            dict(type='RandomResize', scale=(640, 640), ratio_range=(0.5, 1.5)),
            (640, 640),
        ),
        (dict(type='RandomChoiceResize', scales=[(480, 320), (480, 640)]), (480, 480)),
        (dict(type='RandomChoiceResize', scales=[128, 192]), (160, 160)),
        (dict(type='FixShapeResize', width=300, height=200), (300, 200)),
        (dict(type='Resize', scale=224), (224, 224)),
    ],
)
def test_random_sizes_are_taken_at_their_middle(step, expected):
    found = network_resize([dict(type='MultiBranch', sup=[step])])
    assert found.scale_wh == pytest.approx(expected)


def test_factor_without_a_size():
    assert network_resize([dict(type='Resize', scale_factor=2.0)]).factor == 2.0


def test_first_resize_counts():
    steps = [dict(type='Resize', scale=(100, 100)), dict(type='Resize', scale=(9, 9))]
    assert network_resize(steps).scale_wh == (100, 100)
