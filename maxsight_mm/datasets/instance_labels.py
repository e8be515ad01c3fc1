"""Turns COCO annotations into labelled instances, and fills what is unlabelled.

A label read from the file, or that follows from an annotated distance, has the
source 'annotated'; one guessed by ``label_heuristics`` has 'heuristic'.
"""

import math
from typing import Any

from ..taxonomy import zone_of_distance
from .label_heuristics import (
    focal_from_fov,
    urgency_from_class,
    zone_from_box_area,
    zone_from_pinhole,
)

FILL_MODES = ('none', 'heuristic', 'pinhole')


def instance_of_annotation(
    annotation: dict, label: int, load_masks: bool = False
) -> dict[str, Any]:
    """An instance with the labels the annotation carries, and only those.

    Args:
        annotation: A valid COCO annotation.
        label: Class index.
        load_masks: Keep the segmentation, as ``mask``.

    Returns:
        ``bbox`` (xyxy pixels), ``bbox_label``, ``ignore_flag`` (1 for crowds and
        for annotations marked ``ignore``), ``ann_id``, and of ``mask``,
        ``distance_m``, ``time_to_contact_s``, ``zone``, ``urgency`` (with
        ``zone_source``, ``urgency_source``), ``moving``, ``findability``,
        ``text`` and ``instance_id`` those that are labelled.
    """
    x, y, w, h = annotation['bbox']
    instance = {
        'bbox': [x, y, x + w, y + h],
        'bbox_label': label,
        'ignore_flag': int(
            bool(annotation.get('iscrowd')) or bool(annotation.get('ignore'))
        ),
        'ann_id': annotation['id'],
    }
    if load_masks and annotation.get('segmentation'):
        instance['mask'] = annotation['segmentation']
    for key, convert in (
        ('distance_m', float),
        ('time_to_contact_s', _seconds),
        ('zone', int),
        ('urgency', int),
        ('moving', bool),
        ('findability', float),
        ('text', str),
        ('instance_id', int),
    ):
        if key in annotation:
            instance[key] = convert(annotation[key])
    if 'zone' not in instance and 'distance_m' in instance:
        instance['zone'] = zone_of_distance(instance['distance_m'])
    for key in ('zone', 'urgency'):
        if key in instance:
            instance[f'{key}_source'] = 'annotated'
    return instance


def _seconds(value: float | None) -> float:
    """A time of the file; null is one that never comes."""
    return math.inf if value is None else float(value)


def fill_heuristic_labels(
    instance: dict[str, Any],
    name: str,
    width: int,
    height: int,
    mode: str,
    focal_px: float | None = None,
) -> None:
    """Adds the zone and urgency that are missing, where a rule can tell them.

    Args:
        instance: Changed in place.
        name: Class name.
        width: Image width in pixels.
        height: Image height in pixels.
        mode: 'heuristic' takes the zone from the box area, 'pinhole' from the
            class height; 'none' adds nothing.
        focal_px: Focal length in pixels; None assumes a horizontal field of view
            of 60 degrees.
    """
    if mode == 'none':
        return
    if 'zone' not in instance:
        x1, y1, x2, y2 = box = instance['bbox']
        if mode == 'pinhole':
            focal_px = focal_px or focal_from_fov(width)
            zone = zone_from_pinhole(name, box, width, height, focal_px)
        else:
            zone = zone_from_box_area((x2 - x1) * (y2 - y1), width * height)
        if zone is not None:
            instance.update(zone=zone, zone_source='heuristic')
    if 'urgency' not in instance:
        urgency = urgency_from_class(name, instance.get('moving'))
        if urgency is not None:
            instance.update(urgency=urgency, urgency_source='heuristic')


def urgency_of_image(instances: list[dict[str, Any]]) -> int | None:
    """Heuristic urgency of the image: that of its most urgent object.

    None where no object has one: a picture nobody labelled is not called safe.
    """
    return max((i['urgency'] for i in instances if 'urgency' in i), default=None)
