from maxsight_mm.visualization.anchor_aspects import plot_anchor_aspects


def test_one_panel_a_class_with_a_line_for_each_anchor():
    figure = plot_anchor_aspects(
        [0.4, 0.5, 2.0], [0, 0, 1], ['narrow', 'wide'], {'a': [0.5, 1.0], 'b': [3.0]}
    )
    panels = figure.axes
    assert [axes.get_title(loc='left') for axes in panels] == [
        'narrow  (2)',
        'wide  (1)',
    ]
    for axes in panels:
        assert [line.get_xdata()[0] for line in axes.lines] == [0.5, 1.0, 3.0]
    low, high = panels[0].get_xlim()
    assert low < 0.4 and high > 3.0
    styles = {line.get_linestyle() for line in panels[0].lines}
    assert len(styles) == 2


def test_no_boxes_are_said_to_be_none():
    figure = plot_anchor_aspects([], [], ['empty'], {'a': [1.0]})
    assert figure.axes[0].texts[0].get_text() == 'no boxes'
