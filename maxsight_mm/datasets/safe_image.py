"""Decodes image files that may be broken, huge or no images at all.

OpenCV decodes a 380 KB file of 20000 x 20000 pixels into 2.6 GB without asking,
and a truncated JPEG into a picture that ends in grey. Here the header is read
first, and a file without its end mark is refused.
"""

import io
import warnings
from typing import BinaryIO

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 100_000_000

_JPEG_START, _JPEG_END, _JPEG_SCAN = b'\xff\xd8', b'\xff\xd9', 0xDA
_PNG_START, _PNG_END = b'\x89PNG\r\n\x1a\n', b'IEND'


class InvalidImageError(ValueError):
    """A file that is no usable image; the message is one line that names it."""


def image_size(
    source: bytes | BinaryIO, name: str, max_pixels: int = MAX_PIXELS
) -> tuple[int, int]:
    """Width and height in pixels as the header states them; decodes nothing.

    Args:
        source: The file's bytes, or the file opened for reading.
        name: The file's name for the message.
        max_pixels: Largest width * height that is accepted.

    Raises:
        InvalidImageError: If it is no image or the image is too large.
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    if not file.read(1):
        raise InvalidImageError(f'{name}: the file is empty')
    file.seek(0)
    try:
        with warnings.catch_warnings():
            # Our own limit decides, before Pillow's smaller one warns.
            warnings.simplefilter('ignore', Image.DecompressionBombWarning)
            with Image.open(file) as image:
                width, height = image.size
    except Image.DecompressionBombError as error:
        raise InvalidImageError(f'{name}: {error}') from None
    except UnidentifiedImageError:
        file.seek(0)
        start = file.read(12)
        raise InvalidImageError(
            f'{name}: not an image, starts with {start!r}'
        ) from None
    except (OSError, SyntaxError, ValueError) as error:
        raise InvalidImageError(f'{name}: broken image header: {error}') from None
    if width * height > max_pixels:
        raise InvalidImageError(
            f'{name}: {width} x {height} pixels are more than max_pixels={max_pixels}'
        )
    return width, height


def decode_bgr(
    data: bytes,
    name: str,
    max_pixels: int = MAX_PIXELS,
    ignore_orientation: bool = False,
) -> np.ndarray:
    """The image as uint8 BGR (H, W, 3); grey, alpha and 16 bit are converted.

    Args:
        data: The file's bytes.
        name: The file's name for the message.
        max_pixels: Largest width * height that is accepted.
        ignore_orientation: Leave the pixels as stored instead of turning them as
            the EXIF tag says, which is MMCV's default too.

    Raises:
        InvalidImageError: If the file is no image, too large, truncated, or
            cannot be decoded.
    """
    width, height = image_size(data, name, max_pixels)
    if min(width, height) < 1:
        raise InvalidImageError(f'{name}: the image has no pixels')
    if _is_truncated(data):
        raise InvalidImageError(f'{name}: the file is truncated')
    flags = cv2.IMREAD_COLOR
    if ignore_orientation:
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise InvalidImageError(f'{name}: cannot be decoded: {error.err}') from None
    if image is None:
        raise InvalidImageError(f'{name}: cannot be decoded')
    return image


def _is_truncated(data: bytes) -> bool:
    """Whether a JPEG or PNG lacks its end mark; other formats pass."""
    if data.startswith(_PNG_START):
        return data.rfind(_PNG_END) < 0
    if data.startswith(_JPEG_START):
        return data.find(_JPEG_END, _jpeg_scan_start(data)) < 0
    return False


def _jpeg_scan_start(data: bytes) -> int:
    """Offset of the first scan: an embedded thumbnail before it has an end too."""
    offset = 2
    while offset + 4 <= len(data) and data[offset] == 0xFF:
        marker = data[offset + 1]
        if marker == _JPEG_SCAN:
            return offset
        if marker == 0xFF:
            offset += 1
            continue
        offset += 2 + int.from_bytes(data[offset + 2 : offset + 4], 'big')
    return offset
