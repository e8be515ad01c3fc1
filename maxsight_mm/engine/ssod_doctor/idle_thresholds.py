"""Thresholds that never act, since an earlier one has dropped the boxes already."""

from .case import Case
from .finding import Finding
from .pseudo_thresholds import INITIAL, pseudo_thresholds


def check_idle_thresholds(case: Case) -> list[Finding]:
    """Thresholds at or below ``pseudo_label_initial_score_thr``."""
    thresholds = pseudo_thresholds(case)
    initial = thresholds.pop(INITIAL, None)
    if initial is None:
        return []
    return [
        Finding(
            'warning',
            'idle_thresholds',
            f'model.{place}={value:g}',
            f'boxes at or below pseudo_label_initial_score_thr={initial:g} are gone '
            'before it is asked, so it drops nothing',
            f'an initial threshold below {value:g}, or a {place.split(".")[-1]} above '
            f'{initial:g}',
        )
        for place, value in thresholds.items()
        if value <= initial
    ]
