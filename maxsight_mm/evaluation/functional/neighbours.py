"""Are images that lie near each other in an embedding alike in what they show?"""

import numpy as np


def neighbour_similarity(
    embeddings: np.ndarray, descriptors: np.ndarray, groups: np.ndarray
) -> tuple[float, float, float]:
    """Likeness of each image's nearest neighbour, beside chance and the best.

    Likeness is the cosine of two descriptors. Images of one group (frames of one
    video) are no neighbours: they are alike whatever the embedding.

    Args:
        embeddings: (N, E) float.
        descriptors: (N, K) float.
        groups: (N,) int.

    Returns:
        Mean likeness of the nearest by embedding, of a random other, and of the one
        that is most alike; nan where no image has a neighbour.
    """
    near, alike = _unit(embeddings), _unit(descriptors)
    nearest, random, best = [], [], []
    for index, group in enumerate(groups):
        others = np.flatnonzero(groups != group)
        if others.size:
            likeness = alike[others] @ alike[index]
            nearest.append(likeness[(near[others] @ near[index]).argmax()])
            random.append(likeness.mean())
            best.append(likeness.max())
    if not nearest:
        return float('nan'), float('nan'), float('nan')
    return float(np.mean(nearest)), float(np.mean(random)), float(np.mean(best))


def _unit(vectors: np.ndarray) -> np.ndarray:
    vectors = np.asarray(vectors, dtype=np.float64)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(length, 1e-12)
