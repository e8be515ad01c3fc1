"""How far ahead hazards are foreseen, in seconds (our design).

The order is that of every label and answer of a hazard within a time.
"""

HORIZONS_S = (0.5, 1.0, 2.0, 4.0)
