"""One look for every plot, on light and on dark paper.

Colours are Okabe and Ito's for colour-blind readers, lightened for dark paper. No
plot tells two things apart by colour alone: lines differ in marker too.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

MARKERS = ('o', 's', '^', 'D')


class Palette(NamedTuple):
    """Colours of one kind of paper."""

    paper: str
    ink: str
    faint: str
    lines: tuple[str, ...]


LIGHT = Palette(
    '#ffffff', '#26303a', '#d5dbe1', ('#0072b2', '#c44e00', '#00805c', '#8a5a83')
)
DARK = Palette(
    '#1b2027', '#dfe5eb', '#3d4650', ('#62b8ee', '#f2a35e', '#3fc79a', '#d79ccb')
)


@contextmanager
def paper(dark: bool = False) -> Iterator[Palette]:
    """Figures made and saved inside lie on light or on dark paper."""
    palette = DARK if dark else LIGHT
    settings: Any = {
        'figure.facecolor': palette.paper,
        'savefig.facecolor': palette.paper,
        'axes.facecolor': palette.paper,
        'axes.edgecolor': palette.faint,
        'axes.labelcolor': palette.ink,
        'axes.titlecolor': palette.ink,
        'axes.titlelocation': 'left',
        'axes.titlesize': 11,
        'axes.titleweight': 'bold',
        'axes.spines.top': False,
        'axes.spines.right': False,
        'axes.grid': True,
        'axes.axisbelow': True,
        'grid.color': palette.faint,
        'grid.linewidth': 0.6,
        'text.color': palette.ink,
        'xtick.color': palette.ink,
        'ytick.color': palette.ink,
        'xtick.major.size': 0,
        'ytick.major.size': 0,
        'font.family': 'DejaVu Sans',
        'font.size': 9.5,
        'legend.frameon': False,
        'legend.fontsize': 8.5,
        'lines.linewidth': 1.8,
    }
    with matplotlib.rc_context(settings):
        yield palette


def say_nothing_to_show(axes: Axes, text: str) -> None:
    """Write why a panel is empty instead of leaving it blank."""
    axes.text(
        0.5,
        0.5,
        text,
        transform=axes.transAxes,
        ha='center',
        va='center',
        style='italic',
        bbox=dict(facecolor=axes.get_facecolor(), edgecolor='none'),
    )


def png_bytes(figure: Figure, dpi: int = 110) -> bytes:
    """The figure as a PNG file; to be called inside ``paper``."""
    stream = io.BytesIO()
    figure.savefig(stream, format='png', dpi=dpi)
    return stream.getvalue()
