"""Classes whose boxes few anchors of the grid overlap enough."""

from ..anchor_setting import anchor_levels
from ..class_coverage import class_coverage
from .case import Case
from .finding import Finding

# Share of a class's boxes that reach an IoU of 0.5 with an anchor of the grid.
LEAST_SHARE = 0.7


def check_low_coverage(case: Case) -> list[Finding]:
    """One finding for all classes below ``LEAST_SHARE``."""
    if case.generator is None or case.boxes is None:
        return []
    place, generator = case.generator
    rows = class_coverage(case.boxes, anchor_levels(generator))
    low = [
        f'{row.name} {100 * row.grid_50:.0f} %'
        for row in rows
        if row.count and row.grid_50 < LEAST_SHARE
    ]
    if not low:
        return []
    return [
        Finding(
            'warning',
            'low_coverage',
            f'{place}: share of boxes with an anchor of IoU 0.5: {", ".join(low)}',
            'the others are learnt from their one best anchor, if at all',
            'the proposal of tools/analysis_tools/anchor_coverage.py',
        )
    ]
