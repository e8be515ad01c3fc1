import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from maxsight_mm.models.losses.functional import class_weights


@pytest.mark.parametrize('counts', [[90, 10], [5, 5, 5], [1000, 30, 1]])
def test_balanced_is_scikit_learns(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    expected = compute_class_weight('balanced', classes=np.unique(labels), y=labels)
    np.testing.assert_allclose(class_weights('balanced', counts), expected, rtol=1e-12)


@pytest.mark.parametrize('beta', [0.9, 0.99, 0.999, 0.9999])
def test_effective_number_is_the_papers_formula(beta):
    counts = np.array([5000, 400, 32, 1])
    # Equation 6 and the normalisation of section 4, in the paper's own order.
    effective = (1.0 - beta**counts) / (1.0 - beta)
    expected = 1.0 / effective
    expected = expected / expected.sum() * len(counts)
    weights = class_weights('effective_number', counts, beta=beta)
    np.testing.assert_allclose(weights, expected, rtol=1e-9)


def test_the_mean_example_can_weigh_one():
    counts = np.array([3600, 360, 36, 4])
    paper = class_weights('effective_number', counts)
    ours = class_weights('effective_number', counts, mean_of='examples')
    np.testing.assert_allclose(counts @ ours / counts.sum(), 1.0)
    np.testing.assert_allclose(ours / ours[0], paper / paper[0])
    # What the paper's mean leaves of a task that is 1000 : 1.
    assert counts @ paper / counts.sum() < 0.03


def test_effective_number_lies_between_equal_and_inverse_frequency():
    counts = [1000, 10]
    equal = class_weights('effective_number', counts, beta=0.0)
    inverse = class_weights('effective_number', counts, beta=1 - 1e-9)
    np.testing.assert_allclose(equal, [1, 1])
    np.testing.assert_allclose(inverse[1] / inverse[0], 100, rtol=1e-4)


def test_five_percent_of_the_data_weigh_twenty():
    weights = class_weights('inverse_frequency', [95, 5])
    np.testing.assert_allclose(weights, [100 / 95, 20])


def test_costs_go_by_name_and_free_classes_still_teach():
    weights = class_weights(
        'business_cost',
        [10, 10, 10],
        names=['normal', 'bare_hand', 'contamination'],
        costs=dict(bare_hand=5000, contamination=50000, normal=0),
    )
    np.testing.assert_allclose(weights, [0.1, 3 / 11, 30 / 11])


def test_cost_matrix_weighs_a_class_by_its_wrong_answers():
    weights = class_weights('business_cost', [1, 1], costs=[[0, 1], [20, 0]])
    np.testing.assert_allclose(weights, [0.1, 40 / 21])


def test_safety_weights_go_by_name():
    weights = class_weights(
        'safety', [3, 3, 3], names=['a', 'b', 'c'], weights={'b': 4.0}
    )
    np.testing.assert_allclose(weights, [1, 4, 1])


def test_cap_limits_the_rare_and_leaves_the_others():
    weights = class_weights('inverse_frequency', [999, 1], cap=10)
    np.testing.assert_allclose(weights, [1000 / 999, 10])


def test_a_class_without_examples_gets_the_largest_weight_of_the_others():
    np.testing.assert_allclose(class_weights('balanced', [6, 0, 2]), [2 / 3, 2, 2])


@pytest.mark.parametrize(
    ('policy', 'options', 'message'),
    [
        ('effectiv_number', {}, 'must be one of'),
        ('balanced', dict(beta=0.9), 'does not take'),
        ('balanced', dict(cap=0), 'cap'),
        ('effective_number', dict(beta=1.0), 'beta'),
        ('effective_number', dict(mean_of='images'), 'mean_of'),
        ('business_cost', dict(costs=[1, float('nan')]), 'finite'),
        ('business_cost', dict(costs=[1, -1]), '>= 0'),
        ('business_cost', dict(costs=[0, 0]), 'all 0'),
        ('business_cost', dict(costs=[1, 2, 3]), '3 class weights for 2'),
        ('business_cost', dict(costs=[[1, 2], [3, 0]]), 'diagonal'),
        ('business_cost', dict(costs={'x': 1, 'b': 2}), 'costs are for'),
        ('safety', dict(weights={'x': 4}), 'unknown classes'),
        ('safety', dict(weights={'b': float('inf')}), 'finite'),
    ],
)
def test_bad_settings_are_refused(policy, options, message):
    with pytest.raises(ValueError, match=message):
        class_weights(policy, [3, 1], names=['a', 'b'], **options)


@pytest.mark.parametrize('counts', [[], [0, 0], [1, -1], [1, float('nan')]])
def test_counts_that_say_nothing_are_refused(counts):
    with pytest.raises(ValueError, match='counts'):
        class_weights('balanced', counts)
