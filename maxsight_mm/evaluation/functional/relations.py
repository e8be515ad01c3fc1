"""F1 of each predicate between pairs of objects, averaged over predicates."""

import numpy as np


def predicate_scores(answers: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Macro F1 and macro recall over the predicates that are true anywhere.

    Args:
        answers: (P,) int of each pair; 0 is no relation.
        truth: (P,) int of each pair; 0 is no relation.

    Returns:
        Both in [0, 1]; nan where no pair is related.
    """
    present = np.unique(truth[truth > 0])
    if not present.size:
        return float('nan'), float('nan')
    f1, recall = [], []
    for predicate in present:
        own, true = answers == predicate, truth == predicate
        hits = (own & true).sum()
        f1.append(2 * hits / (own.sum() + true.sum()))
        recall.append(hits / true.sum())
    return float(np.mean(f1)), float(np.mean(recall))
