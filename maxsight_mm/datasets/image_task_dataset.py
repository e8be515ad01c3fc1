"""Pictures with labels of named tasks, from class folders or a table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset

from ..registry import DATASETS
from .bad_images import SkipsBadImages
from .coco_json import DatasetError, DatasetNotFoundError
from .image_folders import read_image_folders
from .label_table import Where, label_of, read_table, select_rows


@DATASETS.register_module()
class ImageTaskDataset(SkipsBadImages, BaseDataset):
    """One record a picture: ``img_path``, ``img_id``, ``gt_tasks``, ``groups``.

    With ``ann_file`` it is a CSV table with one column a task, whose empty cells are
    unlabelled; without, ``data_root`` holds a folder a class.

    Args:
        tasks: Class names by task, in the order of their labels. Class folders are one
            task. Without it folders in alphabetical order are the classes of ``risk``.
        ann_file: CSV table, below ``data_root`` unless absolute.
        data_root: Folder of the class folders, or of the table and the pictures.
        data_prefix: ``img`` is the folder of the pictures of a table.
        path_column: Column of the pictures' paths.
        where: Which rows of the table to take: cell, or list of cells, by column.
        group_columns: Columns to be kept as ``groups``, for tables by subgroup.
        max_bad_images: Share of the pictures that may turn out unusable in training
            (they are logged and replaced) before it stops.
        if_missing: Said after the error that the data are not there: what to do.
        **kwargs: See mmengine's ``BaseDataset``.

    ``metainfo['tasks']`` has the class names by task.

    Raises:
        DatasetNotFoundError: If the folder, the table or a class folder is absent.
        DatasetError: If a class folder is empty, a cell is no class, a task has no
            labels, or, in training, labels of one class only.
        ValueError: If there is no table and there are several tasks, or a task has less
            than two classes.
    """

    def __init__(
        self,
        tasks: Mapping[str, Sequence[str]] | None = None,
        ann_file: str = '',
        data_root: str = '',
        data_prefix: dict | None = None,
        path_column: str = 'path',
        where: Where | None = None,
        group_columns: Sequence[str] = (),
        max_bad_images: float = 0.01,
        if_missing: str = '',
        **kwargs,
    ) -> None:
        if tasks is not None:
            for task, names in tasks.items():
                if len(set(names)) < max(len(names), 2):
                    raise ValueError(f'task {task!r}: two or more class names, {names}')
        if not ann_file and tasks is not None and len(tasks) != 1:
            raise ValueError(f'class folders are one task, not {list(tasks)}')
        if ann_file and not tasks:
            raise ValueError(f'{ann_file}: tasks must name the classes of each task')
        self.tasks = {task: tuple(names) for task, names in (tasks or {}).items()}
        self.path_column = path_column
        self.where = dict(where or {})
        self.group_columns = tuple(group_columns)
        self.max_bad_images = max_bad_images
        self.if_missing = if_missing
        super().__init__(
            ann_file=ann_file,
            data_root=data_root,
            data_prefix=data_prefix or dict(img=''),
            **kwargs,
        )

    @property
    def source(self) -> str:
        """The table, or the folder of the class folders."""
        return self.ann_file or self.data_root

    def load_data_list(self) -> list[dict]:
        """Reads the table or the folders."""
        try:
            records = self._of_table() if self.ann_file else self._of_folders()
        except DatasetNotFoundError as error:
            if not self.if_missing:
                raise
            raise DatasetNotFoundError(f'{error}; {self.if_missing}') from error
        self._metainfo['tasks'] = self.tasks
        for index, record in enumerate(records):
            record['img_id'] = index
        self._check_classes(records)
        return records

    def _of_folders(self) -> list[dict]:
        task, names = next(iter(self.tasks.items()), ('risk', None))
        classes, pictures = read_image_folders(self.data_root, names)
        if len(classes) < 2:
            raise DatasetError(f'{self.source}: one class only, {classes[0]!r}')
        self.tasks = {task: classes}
        return [
            {'img_path': path, 'gt_tasks': {task: label}, 'groups': {}}
            for path, label in pictures
        ]

    def _of_table(self) -> list[dict]:
        columns = [self.path_column, *self.tasks, *self.group_columns]
        rows = read_table(self.ann_file, columns)
        records = []
        for row in select_rows(rows, self.where, self.ann_file):
            labels = {
                task: label_of(row[task], task, classes, self.ann_file)
                for task, classes in self.tasks.items()
            }
            records.append(
                {
                    'img_path': str(Path(self._folder, row[self.path_column])),
                    'gt_tasks': {
                        t: label for t, label in labels.items() if label is not None
                    },
                    'groups': {name: row[name] for name in self.group_columns},
                }
            )
        return records

    @property
    def _folder(self) -> str:
        return self.data_prefix['img'] or self.data_root

    def _check_classes(self, records: list[dict]) -> None:
        for task, counts in task_counts(records, self.tasks).items():
            seen = [n for n, c in zip(self.tasks[task], counts, strict=True) if c]
            if not seen:
                raise DatasetError(f'{self.source}: no label of task {task!r}')
            if len(seen) == 1 and not self.test_mode:
                raise DatasetError(
                    f'{self.source}: task {task!r} has one class only, {seen[0]!r}: '
                    'nothing to tell apart'
                )
            if absent := [n for n in self.tasks[task] if n not in seen]:
                self._log(f'task {task!r}: no picture of {", ".join(absent)}')

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """A copy of the record; the pipeline may do with it what it likes."""
        info = super().get_data_info(idx)
        info['gt_tasks'] = dict(info['gt_tasks'])
        return info


def task_counts(
    records: Sequence[Mapping], tasks: Mapping[str, Sequence[str]]
) -> dict[str, list[int]]:
    """Labelled pictures a class, by task."""
    return {
        task: np.bincount(
            [r['gt_tasks'][task] for r in records if task in r['gt_tasks']],
            minlength=len(classes),
        ).tolist()
        for task, classes in tasks.items()
    }
