"""Checks the image files behind a COCO dictionary: there, whole, and as stated."""

from pathlib import Path

from .coco_validation import ValidationReport
from .safe_image import MAX_PIXELS, InvalidImageError, decode_bgr, image_size


def check_images(
    report: ValidationReport,
    data: dict,
    root: str | Path,
    decode: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> None:
    """Adds the faults of image files to a report.

    Args:
        report: Where the faults go.
        data: COCO dictionary; images that are no dict or have no file_name are
            left to ``validate_coco``.
        root: Folder that file names are relative to.
        decode: Decode every image instead of reading its header.
        max_pixels: Largest width * height that is accepted.
    """
    root = Path(root)
    for image in data.get('images', ()):
        if not isinstance(image, dict) or not isinstance(image.get('file_name'), str):
            continue
        image_id, path = image.get('id'), root / image['file_name']
        if not path.resolve().is_relative_to(root.resolve()):
            message = f'file_name {image["file_name"]!r} leads out of {root}'
            report.error('file_outside', 'image', image_id, message)
            continue
        if not path.is_file():
            report.error('missing_file', 'image', image_id, f'no file {path}')
            continue
        try:
            width, height = _size_of(path, decode, max_pixels)
        except (InvalidImageError, OSError) as error:
            report.error('bad_image', 'image', image_id, str(error))
            continue
        stated = (image.get('width'), image.get('height'))
        if (width, height) != stated:
            message = f'{path} is {width} x {height}, stated {stated[0]} x {stated[1]}'
            report.error('wrong_image_size', 'image', image_id, message)


def _size_of(path: Path, decode: bool, max_pixels: int) -> tuple[int, int]:
    if decode:
        height, width = decode_bgr(path.read_bytes(), str(path), max_pixels).shape[:2]
        return width, height
    with path.open('rb') as file:
        return image_size(file, str(path), max_pixels)
