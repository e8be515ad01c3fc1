"""What a user wants to be told: eight preferences in [0, 1] and the alert rule.

Our design. The neutral user, all zeros, is told of every object from *caution* on.
A preference for a kind of thing adds up to ``INTEREST_GAIN`` urgency levels to
objects of that kind, *more detail* up to one level to whatever is not far, *fewer
alerts* takes off up to one. An object is told of if its urgency with all this
reaches *caution*; so with the full wish for *fewer alerts*, warnings still are.
Danger is told of whatever the user wishes.
"""

from .classes import ClassSpec
from .levels import URGENCIES, ZONES

PREFERENCES = (
    'people',
    'vehicles',
    'signs and text',
    'ground hazards',
    'overhead',
    'far things',
    'more detail',
    'fewer alerts',
)
# Preferences of a user that wishes nothing in particular.
NEUTRAL_USER = (0.0,) * len(PREFERENCES)
# Two thirds of the full interest make a safe thing worth telling.
INTEREST_GAIN = 1.5

_KINDS: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (frozenset(groups), frozenset(names))
    for groups, names in (
        (('person',), ()),
        (('vehicle', 'light vehicle'), ()),
        (
            ('guidance',),
            ('street sign', 'stop sign', 'traffic light', 'wet floor sign'),
        ),
        (
            ('level change', 'drop', 'walking surface'),
            ('wet floor sign', 'fire hydrant', 'bollard'),
        ),
        (('head height',), ('scaffold',)),
    )
)
_FAR, _DETAIL, _FEWER = (
    PREFERENCES.index(name) for name in ('far things', 'more detail', 'fewer alerts')
)
_CAUTION, _DANGER = URGENCIES.index('caution'), URGENCIES.index('danger')
_FAR_ZONE = ZONES.index('far')


def preferences_of_class(spec: ClassSpec) -> tuple[int, ...]:
    """Indices of the preferences that speak of a class."""
    return tuple(
        index
        for index, (groups, names) in enumerate(_KINDS)
        if spec.group in groups or spec.name in names
    )


def is_alerted(
    user: tuple[float, ...], kinds: tuple[int, ...], urgency: int, zone: int
) -> bool:
    """Whether a user is told of an object.

    Args:
        user: Eight numbers in [0, 1].
        kinds: What :func:`preferences_of_class` gives for its class.
        urgency: 0 safe to 3 danger.
        zone: 0 near to 2 far, -1 if unknown, which counts as not far.
    """
    if urgency >= _DANGER:
        return True
    far = zone == _FAR_ZONE
    interest = max((user[kind] for kind in kinds), default=0.0)
    if far:
        interest = max(interest, user[_FAR])
    detail = 0.0 if far else user[_DETAIL]
    told = urgency + INTEREST_GAIN * interest + detail - user[_FEWER]
    return told >= _CAUTION - 1e-6
