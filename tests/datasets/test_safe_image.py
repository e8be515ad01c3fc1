import io
import struct
import time
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from maxsight_mm.datasets.safe_image import InvalidImageError, decode_bgr, image_size

PICTURE = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)


def encoded(suffix, image=PICTURE):
    return cv2.imencode(suffix, image)[1].tobytes()


def bomb(width, height):
    """A PNG of a few hundred bytes that states a huge size."""

    def chunk(kind, body):
        checksum = struct.pack('>I', zlib.crc32(kind + body))
        return struct.pack('>I', len(body)) + kind + body + checksum

    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b'IDAT', zlib.compress(bytes(1000)))
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + pixels + chunk(b'IEND', b'')


@pytest.mark.parametrize('suffix', ['.png', '.bmp', '.webp', '.jpg'])
def test_usual_formats_decode_as_opencv_does(suffix):
    data = encoded(suffix)
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(decode_bgr(data, 'a'), expected)
    assert image_size(data, 'a') == (40, 30)


@pytest.mark.parametrize(
    'image',
    [
        PICTURE[..., 0],
        np.dstack([PICTURE, PICTURE[..., :1]]),
        PICTURE[..., 0].astype(np.uint16) * 257,
    ],
    ids=['grey', 'alpha', '16 bit'],
)
def test_other_pixels_become_bgr(image):
    decoded = decode_bgr(encoded('.png', image), 'a')
    assert decoded.shape == (30, 40, 3)
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded[..., 0], PICTURE[..., 0])


@pytest.mark.parametrize('size', [(20000, 20000), (1, 200_000_000)])
def test_bomb_is_refused_from_the_header(size):
    data = bomb(*size)
    start = time.perf_counter()
    with pytest.raises(InvalidImageError, match='^bomb.png: .*pixels'):
        decode_bgr(data, 'bomb.png')
    assert time.perf_counter() - start < 0.05


def test_limit_on_pixels_is_the_callers():
    with pytest.raises(InvalidImageError, match='max_pixels=1199'):
        decode_bgr(encoded('.png'), 'a', max_pixels=1199)
    assert decode_bgr(encoded('.png'), 'a', max_pixels=1200).shape == PICTURE.shape


@pytest.mark.parametrize(
    ('data', 'says'),
    [
        (b'', 'empty'),
        (b'<html>not found</html>', 'not an image'),
        (encoded('.png')[:-20], 'truncated'),
        (encoded('.jpg')[:-2], 'truncated'),
        (encoded('.jpg')[: len(encoded('.jpg')) // 2], 'truncated'),
        (encoded('.png')[:20], 'header|not an image'),
        (encoded('.webp')[:-50], 'broken image header'),
        (encoded('.bmp')[:-500], 'cannot be decoded'),
    ],
)
def test_broken_file_is_one_line_that_names_it(data, says):
    with pytest.raises(InvalidImageError, match=says) as caught:
        decode_bgr(data, 'a.img')
    assert str(caught.value).startswith('a.img: ')
    assert '\n' not in str(caught.value)


def jpeg_with_thumbnail():
    exif = Image.Exif()
    exif[0x010E] = 'made up'
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, 'jpeg', exif=exif)
    data = file.getvalue()
    thumbnail = encoded('.jpg')
    segment = b'\xff\xe2' + struct.pack('>H', len(thumbnail) + 2) + thumbnail
    return data[:2] + segment + data[2:]


def test_end_of_an_embedded_thumbnail_is_not_the_end_of_the_image():
    data = jpeg_with_thumbnail()
    assert decode_bgr(data, 'a').shape == (30, 40, 3)
    with pytest.raises(InvalidImageError, match='truncated'):
        decode_bgr(data[:-2], 'a')


def test_orientation_tag_turns_the_image_unless_ignored():
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, 'jpeg', exif=exif)
    assert decode_bgr(file.getvalue(), 'a').shape == (40, 30, 3)
    stored = decode_bgr(file.getvalue(), 'a', ignore_orientation=True)
    assert stored.shape == (30, 40, 3)
