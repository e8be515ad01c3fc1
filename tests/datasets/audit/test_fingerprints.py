import cv2
import numpy as np
import pytest

from maxsight_mm.datasets.audit.fingerprints import (
    fingerprint,
    groups_of,
    near_pairs,
    read_fingerprints,
)


def scene(seed, side=120):
    """A smooth picture of its own."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)


def bits_apart(one, other):
    words = fingerprint(one) ^ fingerprint(other)
    return int(np.unpackbits(words.view(np.uint8)).sum())


@pytest.mark.parametrize(
    'change',
    [
        lambda image: cv2.resize(image, (77, 64), interpolation=cv2.INTER_AREA),
        lambda image: cv2.imdecode(
            cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 1
        ),
        lambda image: cv2.convertScaleAbs(image, alpha=0.8, beta=20),
    ],
    ids=['smaller', 'compressed', 'lighter'],
)
def test_the_same_picture_stays_near(change):
    assert max(bits_apart(scene(s), change(scene(s))) for s in range(20)) <= 10


def test_other_pictures_are_far():
    apart = [bits_apart(scene(a), scene(b)) for a in range(20) for b in range(a)]
    assert min(apart) > 20


def test_twins_copies_and_broken_files_are_told(tmp_path):
    names = ('a.png', 'copy.png', 'other.png', 'broken.png', 'like_a.jpg')
    paths = [tmp_path / name for name in names]
    cv2.imwrite(str(paths[0]), scene(1))
    paths[1].write_bytes(paths[0].read_bytes())
    cv2.imwrite(str(paths[2]), scene(2))
    paths[3].write_bytes(b'nothing')
    cv2.imwrite(str(paths[4]), scene(1, 90))
    prints = read_fingerprints(paths)
    assert prints.places.tolist() == [0, 1, 2, 4]
    assert list(prints.unreadable) == [3]
    pairs = near_pairs(prints)
    assert [pair[:2] for pair in pairs] == [(0, 1), (0, 4)]
    assert pairs[0][2] == 0
    assert groups_of(5, pairs) == [0, 0, 2, 3, 0]


def test_flat_pictures_are_not_all_alike(tmp_path):
    for value in (0, 128, 255):
        cv2.imwrite(str(tmp_path / f'{value}.png'), np.full((20, 20, 3), value))
    assert near_pairs(read_fingerprints(sorted(tmp_path.iterdir()))) == []


def test_no_pictures_have_no_pairs():
    assert near_pairs(read_fingerprints([])) == []
