"""Public data sets, one module each, to COCO JSON with our optional labels."""

from collections.abc import Callable
from pathlib import Path

from .esc10 import convert_esc10
from .icdar2015 import convert_icdar2015
from .middlebury import convert_middlebury
from .mot import convert_mot
from .rgbd import convert_rgbd

CONVERTERS: dict[str, Callable[[Path, Path], str]] = {
    'esc10': convert_esc10,
    'icdar2015': convert_icdar2015,
    'middlebury': convert_middlebury,
    'mot': convert_mot,
    'rgbd': convert_rgbd,
}

__all__ = ['CONVERTERS']
