"""Builders of samples and of random detection problems."""

import numpy as np
import pytest
import torch


def _tensor(values, dtype):
    return torch.tensor(values, dtype=dtype)


@pytest.fixture
def make_sample():
    """Build the dict of a sample; what is not given is unlabelled or unanswered."""

    def build(
        gt=None,
        pred=(),
        img_id=7,
        scale_factor=(1.0, 1.0),
        ignored=(),
        gt_extra=None,
        pred_extra=None,
        **tasks,
    ):
        """``gt``: [(box, label)], ``pred``: [(box, score, label)].

        ``urgency_answer`` is ``pred_tasks.urgency``; ``urgency_heuristic`` marks the
        true urgency.
        """
        sample = {
            'img_id': img_id,
            'ori_shape': (100, 100),
            'scale_factor': scale_factor,
            'pred_instances': {
                'bboxes': _tensor([p[0] for p in pred], torch.float32).reshape(-1, 4),
                'scores': _tensor([p[1] for p in pred], torch.float32),
                'labels': _tensor([p[2] for p in pred], torch.int64),
                **(pred_extra or {}),
            },
            'gt_instances': {},
            'ignored_instances': {
                'bboxes': _tensor([b for b, _ in ignored], torch.float32).reshape(
                    -1, 4
                ),
                'labels': _tensor([label for _, label in ignored], torch.int64),
            },
        }
        if gt is not None:
            sample['gt_instances'] = {
                'bboxes': _tensor([b for b, _ in gt], torch.float32).reshape(-1, 4),
                'labels': _tensor([label for _, label in gt], torch.int64),
                **(gt_extra or {}),
            }
        if 'urgency' in tasks:
            sample['gt_tasks'] = {'urgency': torch.tensor([tasks['urgency']])}
        if tasks.get('urgency_heuristic'):
            sample['gt_tasks']['heuristic'] = ('urgency',)
        sample['pred_tasks'] = {
            name: torch.as_tensor(tasks[name])
            for name in ('urgency_scores', 'uncertainty')
            if name in tasks
        }
        if 'urgency_answer' in tasks:
            sample['pred_tasks']['urgency'] = torch.tensor([tasks['urgency_answer']])
        return sample

    return build


def _random_boxes(rng, num):
    corner = rng.uniform(0, 300, (num, 2))
    return np.hstack([corner, corner + rng.uniform(8, 160, (num, 2))])


@pytest.fixture
def random_images():
    """Images whose detections are jittered objects plus false alarms."""

    def build(seed, num_images=12, num_classes=4):
        rng = np.random.default_rng(seed)
        images = []
        for _ in range(num_images):
            gt_boxes = _random_boxes(rng, rng.integers(0, 12))
            gt_labels = rng.integers(0, num_classes, len(gt_boxes))
            near = np.tile(gt_boxes, (2, 1))
            near = near + rng.normal(0, 6, near.shape)
            near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
            far = _random_boxes(rng, rng.integers(0, 6))
            labels = rng.integers(0, num_classes, len(near) + len(far))
            keep = rng.random(len(near)) < 0.8
            labels[: len(near)][keep] = np.tile(gt_labels, 2)[keep]
            ignored = _random_boxes(rng, rng.integers(0, 3))
            images.append(
                {
                    'boxes': np.vstack([near, far]),
                    'scores': rng.random(len(labels)),
                    'labels': labels,
                    'gt_boxes': gt_boxes,
                    'gt_labels': gt_labels,
                    'ignored_boxes': ignored,
                    'ignored_labels': rng.integers(0, num_classes, len(ignored)),
                }
            )
        return images

    return build
