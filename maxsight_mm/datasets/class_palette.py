"""One colour a class, the same for the same number of classes, told apart well."""

import colorsys

# Turning the hue by the golden ratio keeps neighbours far apart for any count.
_GOLDEN_TURN = 0.618033988749895


def class_palette(count: int) -> list[tuple[int, int, int]]:
    """``count`` RGB colours, 0 to 255."""
    colours = []
    for index in range(count):
        hue = (index * _GOLDEN_TURN) % 1.0
        value = (0.95, 0.75, 0.6)[index % 3]
        red, green, blue = colorsys.hsv_to_rgb(hue, 0.75, value)
        colours.append((round(red * 255), round(green * 255), round(blue * 255)))
    return colours
