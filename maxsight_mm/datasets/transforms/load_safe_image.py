"""Loads an image file, or says in one line what is wrong with it."""

from mmcv.transforms import LoadImageFromFile
from mmengine import fileio

from ...registry import TRANSFORMS
from ..safe_image import MAX_PIXELS, InvalidImageError, decode_bgr


@TRANSFORMS.register_module()
class LoadSafeImage(LoadImageFromFile):
    """``LoadImageFromFile`` that distrusts the file.

    The header is read before the pixels, so that a decompression bomb costs
    nothing; truncated files are refused; grey, alpha and 16-bit images become
    uint8 BGR. Adds ``img`` (H, W, 3), ``img_shape`` and ``ori_shape``.

    Args:
        max_pixels: Largest width * height that is accepted.
        check_size: Compare the decoded size with the ``height`` and ``width``
            of the annotation file: boxes drawn on another size are wrong.
        ignore_orientation: Do not turn the image as its EXIF tag says.

    Raises:
        InvalidImageError: If the file is absent, no image, truncated, too large,
            or not of the annotated size.
    """

    def __init__(
        self,
        max_pixels: int = MAX_PIXELS,
        check_size: bool = True,
        ignore_orientation: bool = False,
        to_float32: bool = False,
        backend_args: dict | None = None,
    ) -> None:
        super().__init__(to_float32=to_float32, backend_args=backend_args)
        self.max_pixels = max_pixels
        self.check_size = check_size
        self.ignore_orientation = ignore_orientation

    def transform(self, results: dict) -> dict:
        """Reads ``results['img_path']``."""
        path = results['img_path']
        try:
            data = fileio.get(path, backend_args=self.backend_args)
        except OSError as error:
            reason = error.strerror or error
            raise InvalidImageError(f'{path}: cannot be read: {reason}') from None
        image = decode_bgr(data, path, self.max_pixels, self.ignore_orientation)
        shape = image.shape[:2]
        if self.check_size and 'height' in results and 'width' in results:
            annotated = (results['height'], results['width'])
            if shape != annotated:
                hint = ''
                if shape == annotated[::-1]:
                    hint = ' (an EXIF turn? see ignore_orientation)'
                raise InvalidImageError(
                    f'{path}: the image is {shape[1]} x {shape[0]}, annotated as '
                    f'{annotated[1]} x {annotated[0]}{hint}'
                )
        results['img'] = image.astype('float32') if self.to_float32 else image
        results['img_shape'] = shape
        results['ori_shape'] = shape
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(max_pixels={self.max_pixels}, '
            f'check_size={self.check_size}, '
            f'ignore_orientation={self.ignore_orientation}, '
            f'to_float32={self.to_float32}, backend_args={self.backend_args})'
        )
