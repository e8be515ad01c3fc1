"""The floor of an image classifier: logistic regression on colour histograms.

It does not look at shapes. A network that is no better has learnt the colours.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from maxsight_mm.datasets.safe_image import decode_bgr
from maxsight_mm.evaluation.task_predictions import write_predictions
from maxsight_mm.registry import DATASETS

BINS = (8, 4, 4)


def colour_histogram(image: np.ndarray) -> np.ndarray:
    """(128,) float32: shares of hue, saturation and value of (H, W, 3) uint8 BGR."""
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    counts = cv2.calcHist(
        [hsv], [0, 1, 2], None, list(BINS), [0, 180, 0, 256, 0, 256]
    ).ravel()
    # Square roots: small shares tell as much as large ones (Hellinger distance).
    return np.sqrt(counts / counts.sum())


def answer_by_colour(dataset: Mapping[str, Any], out: str | Path) -> int:
    """Train on the other folds, answer each fold, write ``predictions.json``.

    Args:
        dataset: Config of an ``ImageTaskDataset`` over a table with a column ``fold``;
            its ``where.fold`` is not looked at.
        out: File of the answers, in the form of the metric's.

    Returns:
        Number of pictures.

    Raises:
        ImportError: If scikit-learn is not installed.
        ValueError: If the data have several tasks.
    """
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise ImportError(
            'the floor needs scikit-learn: pip install scikit-learn'
        ) from error
    where = {k: v for k, v in (dataset.get('where') or {}).items() if k != 'fold'}
    config = {**dataset, 'where': where, 'pipeline': [], 'group_columns': ['fold']}
    data = DATASETS.build(config)
    tasks = data.metainfo['tasks']
    if len(tasks) != 1:
        raise ValueError(f'the floor answers one task, not {", ".join(tasks)}')
    task, classes = next(iter(tasks.items()))
    records = [r for r in map(data.get_data_info, range(len(data))) if r['gt_tasks']]
    labels = np.array([r['gt_tasks'][task] for r in records])
    folds = np.array([r['groups']['fold'] for r in records])
    features = np.array(
        [
            colour_histogram(
                decode_bgr(Path(r['img_path']).read_bytes(), r['img_path'])
            )
            for r in records
        ]
    )
    logits = np.zeros((len(records), len(classes)))
    for fold in np.unique(folds):
        own = folds == fold
        model = make_pipeline(
            StandardScaler(),
            LogisticRegression(C=0.1, class_weight='balanced', max_iter=2000),
        )
        model.fit(features[~own], labels[~own])
        logits[own] = model.predict_log_proba(features[own])
    images = [
        {
            'img_path': record['img_path'],
            'labels': {task: int(label)},
            'logits': {task: row.tolist()},
            'groups': {},
        }
        for record, label, row in zip(records, labels, logits, strict=True)
    ]
    activation = {'classes': list(classes), 'activation': 'softmax'}
    write_predictions(out, {task: activation}, images)
    return len(images)
