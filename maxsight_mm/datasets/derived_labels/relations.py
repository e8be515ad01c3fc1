"""The relation label of every pair of objects, from the list of relations."""

import numpy as np

from ...taxonomy.predicates import LABEL_ORDER, RELATIONS, SYMMETRIC
from ..transforms.object_labels import kept_relations
from .registry import derives


@derives('relation_labels')
def relation_labels(results: dict) -> np.ndarray | None:
    """(N, N) int64, row the subject, column the object; indices of ``RELATIONS``.

    N counts the boxes that are not ignored, in the order of ``gt_instances``. -1 on
    the diagonal, and where only a predicate that is not in ``RELATIONS`` holds. None
    where relations are not labelled.
    """
    relations = results['gt_tasks'].get('relations')
    if relations is None:
        return None
    count = len(results['gt_bboxes'])
    keep = ~np.asarray(results.get('gt_ignore_flags', np.zeros(count)), bool)
    labels = np.zeros((keep.sum(), keep.sum()), np.int64)
    ranks = np.full(labels.shape, len(LABEL_ORDER) + 1)
    for subject, predicate, object_ in kept_relations(relations, keep):
        known = predicate in LABEL_ORDER
        rank = LABEL_ORDER.index(predicate) if known else len(LABEL_ORDER)
        ends = [(subject, object_)]
        if predicate in SYMMETRIC:
            ends.append((object_, subject))
        for pair in ends:
            if rank < ranks[pair]:
                ranks[pair] = rank
                labels[pair] = RELATIONS.index(predicate) if known else -1
    np.fill_diagonal(labels, -1)
    return labels
