"""A gamma so high that good and doubtful boxes get nearly the same score."""

from .case import Case
from .finding import Finding
from .focal_score import score_of
from .score_heads import score_heads

MOST_GAMMA = 2.5
# (1 - 0.1) / (1 - 0.7), to the power of gamma.
_NOISE_RATIO = 3


def check_flat_confidence(case: Case) -> list[Finding]:
    """Warns above ``MOST_GAMMA`` with the scores at 50 and 90 % certainty."""
    if case.detector is None:
        return []
    findings = []
    for head in score_heads(case.detector):
        rule = head.rule
        if rule is None or rule.gamma <= MOST_GAMMA:
            continue
        half, sure = (score_of(q, rule, 'spread') for q in (0.5, 0.9))
        findings.append(
            Finding(
                'warning',
                'flat_confidence',
                f'{head.place}.gamma={rule.gamma:g}',
                f'at its optimum a box that is right with probability 0.5 scores '
                f'{half:.2f} and one with 0.9 only {sure:.2f}; and a label that the '
                'student gives 0.1, as it gives a wrong one, weighs '
                f'{_NOISE_RATIO**rule.gamma:.0f} times one that it gives 0.7',
                f'gamma of {MOST_GAMMA:g} or less (2 is usual)',
            )
        )
    return findings
