"""The share of an image's safety answers that are wrong, measured in training.

The training's stand-in for ``evaluation.functional.image_error``: instead of final
detections matched to objects, the location that answers for an object is its
assigned location with the best score. What counts as wrong is the same.
"""

from torch import Tensor

from maxsight_mm.structures import Target

_MIN_IOU = 0.5


def image_error_target(
    answers: dict[str, dict[str, Tensor]],
    targets: dict[str, Target],
    assigned: Tensor,
    num_objects: list[int],
    min_score: float,
) -> Target:
    """Error of each image.

    An object's answer is wrong if its best score is below ``min_score``, its box
    overlaps by less than 0.5, or its class or zone is wrong.

    Args:
        answers: What the heads predict, by task.
        targets: (B, N) targets ``objectness`` (overlaps), ``labels`` and, where
            known, ``zones``; (B,) target ``urgency`` where known.
        assigned: (B, N) int64, the object of each location, 0 or less for none.
        num_objects: Number of objects of each image.
        min_score: Score from which a detection counts as given.

    Returns:
        (B, 2) float32: the share of wrong objects in [0, 1], and 1 where the image
        urgency is wrong; nan for what is unlabelled, valid where anything is not.
    """
    score, label = answers['classification']['scores'].max(-1)
    score = (score * answers['objectness']['scores']).float()
    right = (label == targets['labels'].values) & (score >= min_score)
    right &= targets['objectness'].values >= _MIN_IOU
    if 'zones' in targets and 'distance' in answers:
        zone = answers['distance']['scores'].argmax(-1)
        right &= (zone == targets['zones'].values) | ~targets['zones'].valid

    errors = score.new_full((len(num_objects), 2), float('nan'))
    for i, count in enumerate(num_objects):
        if count:
            errors[i, 0] = _share_wrong(score[i], right[i], assigned[i], count)
    if 'urgency' in targets and 'urgency' in answers:
        known = targets['urgency'].valid
        wrong = answers['urgency']['labels'] != targets['urgency'].values
        errors[known, 1] = wrong[known].to(errors)
    return Target(errors, errors.isfinite().any(dim=1))


def _share_wrong(score: Tensor, right: Tensor, assigned: Tensor, count: int) -> Tensor:
    """Share of ``count`` objects whose best location is wrong or missing."""
    positive = assigned > 0
    owner = assigned[positive] - 1
    score = score[positive]
    best = score.new_full((count,), -1.0)
    best = best.scatter_reduce(0, owner, score, 'amax')
    found = right[positive] & (score == best[owner])
    correct = score.new_zeros(count).scatter_reduce(0, owner, found.float(), 'amax')
    return 1 - correct.mean()
