"""COCO data with the optional labels of safety perception, read without silence.

Categories are matched to classes by name, every fault of the file is an error or
a counted and logged choice, and a label that a rule of thumb filled in is marked
as such. The format is described in ``docs/datasets.md``.
"""

import os.path as osp
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from mmdet.datasets import BaseDetDataset

from ..registry import DATASETS
from ..taxonomy import CLASSES, COCO_CLASSES, COCO_UNUSED
from .bad_images import SkipsBadImages
from .category_map import map_categories
from .class_palette import class_palette
from .clips import previous_frames
from .coco_extras import FILE_TASKS
from .coco_json import DatasetError, DatasetNotFoundError, load_coco_json
from .coco_validation import BOX_CODES, ValidationReport, listed, validate_coco
from .complete_labels import complete_labels
from .image_dirs import find_image_dir
from .instance_labels import (
    FILL_MODES,
    fill_heuristic_labels,
    instance_of_annotation,
    urgency_of_image,
)

BOX_POLICIES = ('error', 'clip', 'drop')
# Entries of an image's record that a sample keeps as they are.
_IMAGE_KEYS = ('video_id', 'frame_id', 'part_id', 'view_id', 'focal_px', 'fps')

# Names, and which of them a file may lack.
CLASS_SETS = {
    'coco': (COCO_CLASSES, COCO_UNUSED),
    'all': (tuple(spec.name for spec in CLASSES), 'any'),
}


@DATASETS.register_module()
class MaxSightCocoDataset(SkipsBadImages, BaseDetDataset):
    """COCO JSON plus optional zones, urgencies, distances and image-level tasks.

    Args:
        class_set: Classes where ``metainfo['classes']`` gives none: 'coco', the 91
            names of which the file may lack the 11 that COCO never annotated, or
            'all', the whole taxonomy, of which it may lack any.
        if_missing: Said after the error that the data are not there: what to do.
        labels_for_missing: 'none' leaves unlabelled what is unlabelled;
            'heuristic' fills zones from the box area and urgencies from the
            class; 'pinhole' takes the zones from class height and focal length.
        ignore_below_px: Objects whose longer side is shorter are treated as a crowd:
            not learned, not counted, and no error if they are found.
        bad_boxes: 'error' lists them; 'clip' cuts those that reach out of the
            image and drops the others; 'drop' drops all of them.
        extra_categories: 'error', or 'ignore' for categories that are no class.
        absent_classes: Classes the file may lack, or 'any'.
        allow_outside: Accept file names that lead out of the data root.
        max_bad_images: Share of the images that may turn out undecodable in
            training (they are logged and replaced) before it stops. The worker
            processes of one loader count together; of several ranks each counts
            the images that it meets.
        clip_length: Frames of a clip, the current one last. Above 1 each sample has
            ``clip_frames``, the up to T - 1 frames of its ``video_id`` before it.
        load_masks: Keep the segmentations, for a pipeline that loads masks; they
            are most of the memory that a large file takes.
        data_prefix: ``img`` is the image folder below the data root; 'auto'
            looks for it in the usual layouts.

    ``metainfo['classes']`` defaults to all categories of the file in the order
    of their ids. ``metainfo['sound_labels']`` names the sounds of a set that are not
    those of the street world. ``filter_cfg`` takes MMDetection's ``filter_empty_gt``
    and ``min_size``.

    Raises:
        DatasetError: If the file, its categories or its records cannot be used.
        ValueError: If an option is not one of its values.
    """

    METAINFO: dict = {}

    def __init__(
        self,
        *args,
        class_set: str | None = None,
        if_missing: str = '',
        labels_for_missing: str = 'none',
        ignore_below_px: float = 0.0,
        bad_boxes: str = 'error',
        extra_categories: str = 'error',
        absent_classes: Sequence[str] | str = (),
        allow_outside: bool = False,
        max_bad_images: float = 0.01,
        clip_length: int = 1,
        load_masks: bool = False,
        data_prefix: dict | None = None,
        **kwargs,
    ) -> None:
        for name, value, allowed in (
            ('labels_for_missing', labels_for_missing, FILL_MODES),
            ('bad_boxes', bad_boxes, BOX_POLICIES),
            ('class_set', class_set, (None, *CLASS_SETS)),
        ):
            if value not in allowed:
                raise ValueError(f'{name} must be one of {allowed}, got {value!r}')
        if not isinstance(clip_length, int) or clip_length < 1:
            raise ValueError(f'clip_length must be an int from 1, got {clip_length!r}')
        metainfo = kwargs.get('metainfo') or {}
        if class_set is not None and 'classes' not in metainfo:
            classes, lacking = CLASS_SETS[class_set]
            kwargs['metainfo'] = {**metainfo, 'classes': classes}
            absent_classes = absent_classes or lacking
        self.if_missing = if_missing
        self.labels_for_missing = labels_for_missing
        self.ignore_below_px = ignore_below_px
        self.bad_boxes = bad_boxes
        self.extra_categories = extra_categories
        self.absent_classes = absent_classes
        self.allow_outside = allow_outside
        self.max_bad_images = max_bad_images
        self.clip_length = clip_length
        self.load_masks = load_masks
        super().__init__(*args, data_prefix=data_prefix or {'img': ''}, **kwargs)

    @property
    def source(self) -> str:
        """The annotation file."""
        return self.ann_file

    def _join_prefix(self) -> None:
        self._auto_prefix = self.data_prefix.get('img') == 'auto'
        super()._join_prefix()

    def load_data_list(self) -> list[dict]:
        """Reads, checks and converts the annotation file."""
        data = self._read()
        report = validate_coco(data)
        dropped = self._unusable_boxes(report)
        self._set_classes(data['categories'])
        categories = map_categories(
            data['categories'],
            self._metainfo['classes'],
            extra_categories=self.extra_categories,
            absent_classes=self.absent_classes,
            source=self.ann_file,
        )
        if categories.absent:
            self._log(f'{len(categories.absent)} classes are not in the file')
        if self._auto_prefix:
            names = [image['file_name'] for image in data['images']]
            self.data_prefix['img'] = str(find_image_dir(self.data_root or '.', names))
        folder = self.data_prefix['img']
        if folder and '://' not in folder and not osp.isdir(folder):
            raise DatasetNotFoundError(
                f'{folder}: no such image folder (data_prefix.img of {self.ann_file})'
            )

        complete = complete_labels(data, self.ann_file)
        by_image: dict[Any, list] = defaultdict(list)
        left_out = set()
        ignored = 0
        for annotation in data['annotations']:
            if annotation['category_id'] in categories.ignored_ids:
                ignored += 1
            elif annotation['id'] not in dropped:
                by_image[annotation['image_id']].append(annotation)
                continue
            left_out.add(annotation['image_id'])
        if categories.ignored_ids:
            self._log(
                f'ignored {len(categories.ignored_ids)} categories that are no class '
                f'and their {ignored} annotations'
            )
        self._counts: Counter = Counter()
        data_list = [
            self._data_info(image, by_image[image['id']], categories.label_of)
            for image in data['images']
        ]
        for info in data_list:
            # What was left out is there all the same: no label may say that it is not.
            if info['img_id'] in left_out:
                info['objects_left_out'] = True
            else:
                info['complete_labels'] = complete
        for what, count in self._counts.items():
            self._log(f'{count} {what}')
        if self.clip_length > 1:
            before = previous_frames(data_list, self.clip_length - 1)
            for info in data_list:
                info['clip_frames'] = before.get(info['img_id'], [])
        return data_list

    def _unusable_boxes(self, report: ValidationReport) -> set:
        """Ids of the annotations to leave out; raises where that is not allowed."""
        box_faults = [issue for issue in report.errors if issue.code in BOX_CODES]
        others = [issue for issue in report.errors if issue.code not in BOX_CODES]
        errors = report.errors if self.bad_boxes == 'error' else others
        if errors:
            raise DatasetError(f'{self.ann_file}: {listed(errors, "error")}')
        if report.warnings:
            self._log(listed(report.warnings, 'warning'))
        if self.bad_boxes == 'clip':
            clipped = [i for i in box_faults if i.code == 'box_reaches_out']
            box_faults = [i for i in box_faults if i.code == 'bad_box']
            if clipped:
                self._log(f'clipped {listed(clipped, "box")}')
        if box_faults:
            self._log(f'dropped {listed(box_faults, "box")}')
        return {issue.record_id for issue in box_faults}

    def _read(self) -> dict:
        try:
            if self.data_root and not osp.isdir(self.data_root):
                raise DatasetNotFoundError(f'{self.data_root}: no such data root')
            return load_coco_json(self.ann_file)
        except DatasetNotFoundError as error:
            if not self.if_missing:
                raise
            raise DatasetNotFoundError(f'{error}; {self.if_missing}') from error

    def _set_classes(self, categories: list[dict]) -> None:
        """Fills in the classes and the palette that ``metainfo`` does not give."""
        if 'classes' not in self._metainfo:
            in_order = sorted(categories, key=_id_order)
            self._metainfo['classes'] = tuple(c['name'] for c in in_order)
        if 'palette' not in self._metainfo:
            self._metainfo['palette'] = class_palette(len(self._metainfo['classes']))

    def _data_info(
        self, image: dict, annotations: list[dict], label_of: dict
    ) -> dict[str, Any]:
        """One image with its instances and its tasks."""
        classes = self._metainfo['classes']
        width, height = int(image['width']), int(image['height'])
        instances = []
        for annotation in annotations:
            label = label_of[annotation['category_id']]
            instance = instance_of_annotation(annotation, label, self.load_masks)
            x1, y1, x2, y2 = instance['bbox']
            if max(x2 - x1, y2 - y1) < self.ignore_below_px:
                instance['ignore_flag'] = 1
                self._counts[f'objects under {self.ignore_below_px} px ignored'] += 1
            instance['bbox'] = [max(x1, 0), max(y1, 0), min(x2, width), min(y2, height)]
            fill_heuristic_labels(
                instance,
                classes[label],
                width,
                height,
                self.labels_for_missing,
                image.get('focal_px'),
            )
            instances.append(instance)
        info = {
            'img_path': self._path(self.data_prefix['img'], image['file_name'], image),
            'img_id': image['id'],
            'height': height,
            'width': width,
            'instances': instances,
            'tasks': self._tasks(image, instances),
        }
        for key in _IMAGE_KEYS:
            if key in image:
                info[key] = image[key]
        if self.labels_for_missing != 'none' and 'urgency' not in info['tasks']:
            urgency = urgency_of_image(instances)
            if urgency is not None:
                info['tasks']['urgency'] = urgency
                info['heuristic_tasks'] = ('urgency',)
        if self.return_classes:
            info['text'] = classes
            info['caption_prompt'] = self.caption_prompt
            info['custom_entities'] = True
        return info

    def _tasks(self, image: dict, instances: list[dict]) -> dict[str, Any]:
        """Image-level labels: paths joined, relations as instance indices."""
        tasks = dict(image.get('tasks', {}))
        for name in FILE_TASKS:
            if name in tasks:
                tasks[name] = self._path(self.data_root, tasks[name], image)
        if 'relations' in tasks:
            index = {instance['ann_id']: i for i, instance in enumerate(instances)}
            kept = [
                [index[subject], predicate, index[object_]]
                for subject, predicate, object_ in tasks['relations']
                if subject in index and object_ in index
            ]
            lost = len(tasks['relations']) - len(kept)
            if lost:
                self._counts['relations lost an object that was left out'] += lost
            tasks['relations'] = kept
        return tasks

    def _path(self, folder: str, name: str, image: dict) -> str:
        """Joins a name from the file to its folder, and keeps it inside."""
        path = osp.join(folder, name)
        if self.allow_outside:
            return path
        normal = osp.abspath(path)
        for root in (self.data_root, folder):
            if normal.startswith(osp.join(osp.abspath(root or '.'), '')):
                return path
        raise DatasetError(
            f'{self.ann_file}: image {image["id"]!r}: {name!r} leads out of '
            f'{self.data_root or folder or "."}; allow_outside=True accepts it'
        )

    def filter_data(self) -> list[dict]:
        """Leaves out empty and small images in training, and says how many.

        Raises:
            DatasetError: If no image is left.
        """
        config = {} if self.test_mode else self.filter_cfg or {}
        min_size = config.get('min_size', 0)
        kept = [i for i in self.data_list if min(i['width'], i['height']) >= min_size]
        small = len(self.data_list) - len(kept)
        if config.get('filter_empty_gt', False):
            kept = [info for info in kept if _has_objects(info)]
        empty = len(self.data_list) - small - len(kept)
        left_out = f'{empty} images without objects, {small} under {min_size} px'
        if not kept:
            raise DatasetError(
                f'{self.ann_file}: no image is left of {len(self.data_list)} '
                f'({left_out} were left out)'
            )
        if empty or small:
            self._log(f'left out {left_out}')
        return kept

    def get_data_info(self, idx: int) -> dict:
        """The info of a sample, with what holds for all samples beside it."""
        info = super().get_data_info(idx)
        info['classes'] = self._metainfo['classes']
        if 'sound_labels' in self._metainfo:
            info['sound_labels'] = self._metainfo['sound_labels']
        info['clip_length'] = self.clip_length
        return info


def _id_order(category: dict) -> tuple[bool, int | str]:
    """Sorts number ids before text ids, which Python does not compare."""
    return isinstance(category['id'], str), category['id']


def _has_objects(info: dict) -> bool:
    return any(not instance['ignore_flag'] for instance in info['instances'])
