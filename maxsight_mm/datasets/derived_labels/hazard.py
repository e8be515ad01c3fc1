"""Whether and when a hazard reaches the walker.

A hazard is an object whose urgency is at least *warning* and that the walker meets: by
the rule of ``synthetic/urgency.py`` it stands in the path or drives across it. The
labels are as good as the urgencies: one that is guessed from the class says nothing
about the path and counts as unknown.
"""

import numpy as np

from ...taxonomy import URGENCIES
from ...taxonomy.horizons import HORIZONS_S
from .registry import derives
from .surroundings import all_in_view

_WARNING = URGENCIES.index('warning')


@derives('hazard_within')
def hazard_within(results: dict) -> np.ndarray | None:
    """Whether a hazard is met within each of ``HORIZONS_S``.

    Returns:
        (4,) float32: 1 yes, 0 no, nan where an object that is not fully labelled, or
        was cropped away, could make the difference. None where no object has a time
        to contact.
    """
    found = _hazard_times(results)
    if found is None:
        return None
    times_s, complete = found
    first_s = times_s.min(initial=np.inf)
    within = (first_s <= np.array(HORIZONS_S)).astype(np.float32)
    if not complete:
        within[within == 0] = np.nan
    return within


@derives('time_to_hazard_s')
def time_to_hazard_s(results: dict) -> np.ndarray | None:
    """Seconds until the first hazard is met.

    Returns:
        (1,) float32 s; nan where there is no hazard, or where one that is not fully
        labelled, or was cropped away, could be met first. None where no object has a
        time to contact.
    """
    found = _hazard_times(results)
    if found is None:
        return None
    times_s, complete = found
    known = complete and len(times_s) > 0
    return np.array([times_s.min() if known else np.nan], np.float32)


def _hazard_times(results: dict) -> tuple[np.ndarray, bool] | None:
    """Times of the hazards in s, and whether these are all; None if unlabelled."""
    labels = results['gt_instance_tasks']
    if 'times_to_contact_s' not in labels or 'urgencies' not in labels:
        return None
    times_s = labels['times_to_contact_s']
    guessed = labels.get('urgencies_heuristic', np.zeros(len(times_s), bool))
    urgencies = np.where(guessed, -1, labels['urgencies'])
    hazard = urgencies >= _WARNING
    # inf: never met, which is known; nan of a hazard: nobody said when.
    complete = (urgencies >= 0).all() and not np.isnan(times_s[hazard]).any()
    complete &= all_in_view(results)
    return times_s[hazard & np.isfinite(times_s)], bool(complete)
