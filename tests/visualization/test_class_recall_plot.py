import numpy as np
import pytest

from maxsight_mm.evaluation.functional.detection import precision_recall_curve
from maxsight_mm.evaluation.functional.matching import HIT, MISS
from maxsight_mm.visualization.class_recall import plot_class_recall

CURVE = precision_recall_curve(
    np.array([0.9, 0.8, 0.7, 0.6]), np.array([HIT, HIT, MISS, HIT]), 5
)


def test_an_arm_is_a_line_and_its_seeds_a_band():
    figure = plot_class_recall(dict(a=[CURVE], b=[CURVE, CURVE]), 'bare', [0.8])
    (axes,) = figure.axes
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ['a', 'b (2 seeds)']
    assert len(axes.collections) == 1
    line = axes.lines[0]
    at = dict(zip(np.round(line.get_xdata(), 3), line.get_ydata(), strict=True))
    assert at[0.5] == at[0.75] == pytest.approx(0.6)
    assert at[0.8] == at[1.0] == pytest.approx(0.4)
    assert axes.get_ylabel() == 'recall of 5 objects'
    assert axes.get_title('left') == 'bare: found at equal precision'


def test_eight_arms_differ_and_nine_are_refused():
    def looks(number):
        figure = plot_class_recall({str(i): [CURVE] for i in range(number)}, 'bare')
        lines = [each for each in figure.axes[0].lines if each.get_label()[0] != '_']
        return {(i.get_color(), i.get_marker(), i.get_linestyle()) for i in lines}

    assert len(looks(8)) == 8
    with pytest.raises(ValueError, match='at most 8 arms'):
        looks(9)
