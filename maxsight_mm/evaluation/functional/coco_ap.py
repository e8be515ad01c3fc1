"""COCO average precision per class, computed in memory.

The arithmetic is left to the reference (``pycocotools``) or to its fast rewrite
(``faster-coco-eval``), which give the same figures; this file only hands them
arrays and reads their precision table. Nothing is written or printed.
"""

import contextlib
import importlib.util
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

BACKENDS = ('faster_coco_eval', 'pycocotools')
AREAS = ('all', 'small', 'medium', 'large')


def coco_average_precision(
    images: Sequence[Mapping[str, np.ndarray]],
    num_classes: int,
    max_dets: int = 100,
    backend: str = 'auto',
) -> dict[str, np.ndarray]:
    """Average precision of every class by COCO's rules.

    Objects are small, medium or large by the area of their *box*, as in MMDetection
    when it converts ground truth (COCO's own figures use the mask's area).

    Args:
        images: One mapping an image with ``boxes`` (N, 4) xyxy, ``scores`` (N,),
            ``labels`` (N,), ``gt_boxes`` (G, 4), ``gt_labels`` (G,),
            ``ignored_boxes`` (I, 4) and ``ignored_labels`` (I,).
        num_classes: Number of classes K.
        max_dets: Detections judged per image and class.
        backend: ``'faster_coco_eval'``, ``'pycocotools'``, or ``'auto'`` for the
            first that is installed.

    Returns:
        ``AP`` (IoU 0.50 to 0.95), ``AP50``, ``AP75``, ``AP_small``, ``AP_medium``
        and ``AP_large``, each (K,) float64 in [0, 1], nan where the class has no
        object. The mean over the classes is ``nanmean``.

    Raises:
        ValueError: If ``backend`` is unknown.
        ImportError: If the named backend is not installed.
    """
    coco_class, eval_class = _load_backend(backend)
    if not images:
        absent = np.full(num_classes, np.nan)
        names = ('AP', 'AP50', 'AP75', *(f'AP_{area}' for area in AREAS[1:]))
        return {name: absent.copy() for name in names}

    # Both libraries report their progress on standard output.
    with contextlib.redirect_stdout(io.StringIO()):
        evaluator = eval_class(
            _index(coco_class, _objects(images), len(images), num_classes),
            _index(coco_class, _detections(images), len(images), num_classes),
            'bbox',
        )
        evaluator.params.maxDets = [max_dets]
        evaluator.evaluate()
        evaluator.accumulate()
    # (T, R, K, A, M) -> (T, R, K, A), with -1 for classes that have no object
    precision = np.array(evaluator.eval['precision'], dtype=np.float64)[..., -1]
    precision = np.where(precision < 0, np.nan, precision)
    by_iou = precision.mean(axis=1)  # (T, K, A)
    result = {
        'AP': by_iou[:, :, 0].mean(axis=0),
        'AP50': by_iou[0, :, 0],
        'AP75': by_iou[5, :, 0],
    }
    for index, area in enumerate(AREAS[1:], start=1):
        result[f'AP_{area}'] = by_iou[:, :, index].mean(axis=0)
    return result


def _load_backend(backend: str) -> tuple[Any, Any]:
    if backend == 'auto':
        fast = importlib.util.find_spec('faster_coco_eval') is not None
        backend = BACKENDS[0] if fast else BACKENDS[1]
    if backend not in BACKENDS:
        raise ValueError(
            f"backend must be 'auto' or one of {BACKENDS}, got {backend!r}"
        )
    if backend == 'pycocotools':
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval

        return COCO, COCOeval
    try:
        from faster_coco_eval import COCO, COCOeval_faster
    except ImportError as error:
        raise ImportError(
            "backend='faster_coco_eval' needs the extra 'eval' (faster-coco-eval)"
        ) from error
    return COCO, COCOeval_faster


def _index(
    coco_class: Any, annotations: list[dict], num_images: int, num_classes: int
) -> Any:
    coco = coco_class()
    coco.dataset = {
        'images': [{'id': i, 'width': 0, 'height': 0} for i in range(num_images)],
        'categories': [{'id': k, 'name': str(k)} for k in range(num_classes)],
        # An id of 0 would read as "unmatched" in the matching table.
        'annotations': [{'id': i, **a} for i, a in enumerate(annotations, start=1)],
    }
    coco.createIndex()
    return coco


def _objects(images: Sequence[Mapping[str, np.ndarray]]) -> list[dict]:
    annotations = []
    for image_id, image in enumerate(images):
        for kind, crowd in (('gt', 0), ('ignored', 1)):
            pairs = zip(image[f'{kind}_boxes'], image[f'{kind}_labels'], strict=True)
            annotations += [
                {**_annotation(image_id, box, label), 'iscrowd': crowd}
                for box, label in pairs
            ]
    return annotations


def _detections(images: Sequence[Mapping[str, np.ndarray]]) -> list[dict]:
    return [
        {**_annotation(image_id, box, label), 'iscrowd': 0, 'score': float(score)}
        for image_id, image in enumerate(images)
        for box, label, score in zip(
            image['boxes'], image['labels'], image['scores'], strict=True
        )
    ]


def _annotation(image_id: int, box: np.ndarray, label: int) -> dict:
    x1, y1, x2, y2 = (float(value) for value in box)
    return {
        'image_id': image_id,
        'category_id': int(label),
        'bbox': [x1, y1, x2 - x1, y2 - y1],
        'area': (x2 - x1) * (y2 - y1),
    }
