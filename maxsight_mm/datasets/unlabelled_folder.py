"""A folder of pictures without labels, the unlabelled source of a training."""

import os
import re
from collections import Counter
from hashlib import blake2b
from pathlib import Path

from ..registry import DATASETS
from .coco_json import DatasetError, DatasetNotFoundError
from .image_dirs import IMAGE_SUFFIXES
from .maxsight_coco import MaxSightCocoDataset


@DATASETS.register_module()
class UnlabelledFolder(MaxSightCocoDataset):
    """All pictures below a folder, in the order of their names, without annotations.

    Broken pictures are treated as in ``MaxSightCocoDataset``. The sizes are not known
    before a picture is loaded, so ``filter_cfg`` has no effect.

    Args:
        data_root: The folder, or one above ``data_prefix['img']``.
        metainfo: ``classes`` of the labelled data set beside it.
        part_regex: Searched in each picture's path below the folder (with ``/``): the
            group ``part`` names the part, the group ``view``, if there is one, the
            number of the view; else views are counted in the order of their names. A
            picture that it does not fit, and each one without it, is a part of its own.
            Example: ``r'(?P<part>[^/]+)_(?P<view>\\d+)\\.jpg$'``.
        **kwargs: See ``MaxSightCocoDataset``.

    Raises:
        DatasetNotFoundError: If the folder is absent.
        DatasetError: If there is no picture below it, or none that the regex fits.
        ValueError: If the regex is none, has no group ``part``, or its group ``view``
            catches something that is no number; if there are no classes.
    """

    def __init__(self, *args, part_regex: str | None = None, **kwargs) -> None:
        try:
            self.part_regex = re.compile(part_regex) if part_regex else None
        except re.error as error:
            raise ValueError(f'part_regex {part_regex!r}: {error}') from None
        if self.part_regex and 'part' not in self.part_regex.groupindex:
            raise ValueError(f'part_regex {part_regex!r} has no group (?P<part>...)')
        super().__init__(*args, **kwargs)

    def _join_prefix(self) -> None:
        super()._join_prefix()
        # What messages name.
        self.ann_file = str(Path(self.data_prefix['img']))

    def load_data_list(self) -> list[dict]:
        """One record a picture: ``img_path``, ``img_id``, ``part_id``, ``view_id``."""
        folder = Path(self.ann_file)
        if not folder.is_dir():
            hint = f'; {self.if_missing}' if self.if_missing else ''
            raise DatasetNotFoundError(f'{folder}: no such image folder{hint}')
        if 'classes' not in self._metainfo:
            raise ValueError(f"{folder}: metainfo needs the labelled set's classes")
        self._set_classes([])
        names = _pictures(folder)
        if not names:
            raise DatasetError(f'{folder}: no pictures ({", ".join(IMAGE_SUFFIXES)})')
        data_list = [
            {'img_path': str(folder / name), 'img_id': index, 'instances': []}
            for index, name in enumerate(names)
        ]
        if self.part_regex:
            self._link_views(self.part_regex, data_list, names)
        return data_list

    def filter_data(self) -> list[dict]:
        """Leaves out nothing."""
        return self.data_list

    def _link_views(
        self, regex: re.Pattern[str], data_list: list[dict], names: list[str]
    ) -> None:
        views: Counter[str] = Counter()
        for info, name in zip(data_list, names, strict=True):
            match = regex.search(name)
            if match is None or not match['part']:
                continue
            part = match['part']
            view = match.groupdict().get('view')
            if view is not None and not view.isdecimal():
                raise ValueError(
                    f'{self.ann_file}: part_regex reads the view of {name!r} as '
                    f'{view!r}, which is no number'
                )
            info['part_id'] = _part_id(self.ann_file, part)
            info['view_id'] = views[part] if view is None else int(view)
            views[part] += 1
        unlinked = len(names) - views.total()
        if not views:
            raise DatasetError(
                f'{self.ann_file}: part_regex {regex.pattern!r} fits no '
                f'picture, such as {names[0]!r}'
            )
        if unlinked:
            self._log(f'{unlinked} of {len(names)} pictures do not fit part_regex')


def _pictures(folder: Path) -> list[str]:
    """Paths below the folder, with ``/``, sorted."""
    return sorted(
        (Path(parent) / name).relative_to(folder).as_posix()
        for parent, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(IMAGE_SUFFIXES)
    )


def _part_id(folder: str, part: str) -> int:
    """A number that no part of another folder has, and the same in every process."""
    digest = blake2b(f'{folder}\n{part}'.encode(), digest_size=7).digest()
    return int.from_bytes(digest, 'big')
