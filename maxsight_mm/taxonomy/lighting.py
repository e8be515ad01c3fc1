"""The light of a scene; the order is that of every lighting label and score."""

LIGHTINGS = ('day', 'overcast', 'dusk', 'night', 'fog')
