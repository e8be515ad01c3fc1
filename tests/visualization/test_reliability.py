import numpy as np
from numpy.testing import assert_allclose

from maxsight_mm.evaluation.functional.calibration import calibration_bins
from maxsight_mm.visualization.reliability import plot_reliability, risk_coverage


def test_risk_at_bin_edges_is_the_mean_error_of_the_least_uncertain():
    rng = np.random.default_rng(0)
    uncertainty, error = rng.random(60), rng.random(60)
    found = calibration_bins(uncertainty, error, 6, 'equal_mass')
    coverage, risk = risk_coverage(found._asdict())
    by_rank = error[np.argsort(uncertainty)]
    assert_allclose(coverage, np.arange(1, 7) / 6)
    assert_allclose(risk, [by_rank[: 10 * k].mean() for k in range(1, 7)])


def test_diagram_shows_the_points_and_says_where_there_are_none(calibration):
    figure = plot_reliability(calibration['bins'], calibration['metrics'])
    empty, urgency = figure.axes[:2]
    assert [text.get_text() for text in empty.texts] == ['no cases']
    points = urgency.collections[-1].get_offsets()
    assert_allclose(points, [(0.4, 0.5), (0.8, 0.75)])
    assert '6 cases' in urgency.texts[0].get_text()


def test_absent_source_is_an_empty_panel():
    figure = plot_reliability({}, {})
    assert [axes.texts[0].get_text() for axes in figure.axes] == ['no cases'] * 4
