"""Average precision: both libraries against each other and a hand-worked case."""

import sys

import numpy as np
import pytest

from maxsight_mm.evaluation.functional.coco_ap import coco_average_precision
from maxsight_mm.evaluation.functional.detection import (
    precision_recall_curve,
    sampled_precision,
)
from maxsight_mm.evaluation.functional.matching import match_classwise

BACKENDS = ('faster_coco_eval', 'pycocotools')
NAMES = ('AP', 'AP50', 'AP75', 'AP_small', 'AP_medium', 'AP_large')


def image(boxes=(), scores=(), labels=(), gt=(), gt_labels=()):
    return {
        'boxes': np.array(boxes, dtype=np.float32).reshape(-1, 4),
        'scores': np.array(scores, dtype=np.float32),
        'labels': np.array(labels, dtype=np.int64),
        'gt_boxes': np.array(gt, dtype=np.float32).reshape(-1, 4),
        'gt_labels': np.array(gt_labels, dtype=np.int64),
        'ignored_boxes': np.empty((0, 4), dtype=np.float32),
        'ignored_labels': np.empty(0, dtype=np.int64),
    }


@pytest.fixture(params=BACKENDS)
def backend(request):
    pytest.importorskip(request.param)
    return request.param


@pytest.mark.parametrize('max_dets', [3, 100])
@pytest.mark.parametrize('seed', range(3))
def test_backends_give_the_same_figures(random_images, seed, max_dets):
    pytest.importorskip('faster_coco_eval')
    images = random_images(seed)
    fast, reference = (
        coco_average_precision(images, 5, max_dets, backend) for backend in BACKENDS
    )
    assert tuple(fast) == tuple(reference) == NAMES
    for name in NAMES:
        np.testing.assert_allclose(fast[name], reference[name], atol=1e-6)
    assert np.isnan(reference['AP'][4])
    assert 0.05 < np.nanmean(reference['AP']) < 0.95


@pytest.mark.parametrize('seed', range(3))
def test_mean_over_classes_is_what_coco_summarizes(random_images, seed, capsys):
    reference = pytest.importorskip('pycocotools.coco')
    cocoeval = pytest.importorskip('pycocotools.cocoeval')
    images = random_images(seed)
    annotations, detections = [], []
    for i, item in enumerate(images):
        for kind in ('gt', 'ignored'):
            for (x1, y1, x2, y2), label in zip(
                item[f'{kind}_boxes'].tolist(),
                item[f'{kind}_labels'].tolist(),
                strict=True,
            ):
                annotations.append(
                    {
                        'id': len(annotations) + 1,
                        'image_id': i,
                        'category_id': label,
                        'bbox': [x1, y1, x2 - x1, y2 - y1],
                        'area': (x2 - x1) * (y2 - y1),
                        'iscrowd': int(kind == 'ignored'),
                    }
                )
        for (x1, y1, x2, y2), label, score in zip(
            item['boxes'].tolist(),
            item['labels'].tolist(),
            item['scores'].tolist(),
            strict=True,
        ):
            box = [x1, y1, x2 - x1, y2 - y1]
            detections.append(
                {'image_id': i, 'category_id': label, 'bbox': box, 'score': score}
            )
    coco = reference.COCO()
    coco.dataset = {
        'images': [{'id': i} for i in range(len(images))],
        'categories': [{'id': k} for k in range(4)],
        'annotations': annotations,
    }
    coco.createIndex()
    evaluator = cocoeval.COCOeval(coco, coco.loadRes(detections), 'bbox')
    evaluator.evaluate()
    evaluator.accumulate()
    evaluator.summarize()
    capsys.readouterr()
    ours = coco_average_precision(images, 4)
    means = [np.nanmean(ours[name]) for name in NAMES]
    np.testing.assert_allclose(means, evaluator.stats[:6], atol=1e-6)


@pytest.mark.parametrize('seed', range(3))
def test_own_curve_gives_the_reference_ap50(random_images, seed):
    images = random_images(seed)
    expected = coco_average_precision(images, 4, backend='pycocotools')['AP50']
    outcome = np.concatenate([match_classwise(**item) for item in images])
    scores = np.concatenate([item['scores'] for item in images])
    labels = np.concatenate([item['labels'] for item in images])
    gt_labels = np.concatenate([item['gt_labels'] for item in images])
    for label in range(4):
        mine = labels == label
        curve = precision_recall_curve(
            scores[mine], outcome[mine], int((gt_labels == label).sum())
        )
        ours = sampled_precision(curve).mean()
        assert ours == pytest.approx(expected[label], abs=1e-9)


def test_hand_worked_case(backend):
    """One of two objects found first: precision 1 up to recall 0.5, then 0."""
    images = [
        image(
            boxes=[[0, 0, 40, 40], [200, 200, 240, 240]],
            scores=[0.9, 0.8],
            labels=[0, 0],
            gt=[[0, 0, 40, 40], [100, 100, 140, 140]],
            gt_labels=[0, 0],
        )
    ]
    result = coco_average_precision(images, 2, backend=backend)
    assert result['AP'][0] == pytest.approx(51 / 101)
    assert result['AP_medium'][0] == pytest.approx(51 / 101)
    assert np.isnan(result['AP_small'][0])
    assert np.isnan(result['AP'][1])


def test_empty_predictions_score_zero_where_objects_are(backend):
    images = [image(gt=[[0, 0, 40, 40]], gt_labels=[1])]
    result = coco_average_precision(images, 2, backend=backend)
    assert np.isnan(result['AP'][0]) and result['AP'][1] == 0


@pytest.mark.parametrize('images', [[], [image()], [image([[0, 0, 9, 9]], [0.5], [0])]])
def test_no_objects_gives_nan(backend, images):
    result = coco_average_precision(images, 2, backend=backend)
    assert all(np.isnan(result[name]).all() for name in NAMES)


def test_nothing_is_printed(backend, random_images, capfd):
    coco_average_precision(random_images(0), 4, backend=backend)
    captured = capfd.readouterr()
    assert captured.out == captured.err == ''


def test_unknown_backend_is_named():
    with pytest.raises(ValueError, match='cocoapi'):
        coco_average_precision([], 2, backend='cocoapi')


def test_missing_backend_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, 'faster_coco_eval', None)
    with pytest.raises(ImportError, match="extra 'eval'"):
        coco_average_precision([], 2, backend='faster_coco_eval')
