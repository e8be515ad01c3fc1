from collections import Counter

import pytest

from maxsight_mm.datasets.folds import deal_folds


def test_folds_have_even_shares_of_every_class():
    labels = ['fire'] * 21 + ['normal'] * 58
    folds = deal_folds(labels, range(79), 5)
    for name in ('fire', 'normal'):
        sizes = Counter(f for f, n in zip(folds, labels, strict=True) if n == name)
        assert max(sizes.values()) - min(sizes.values()) <= 1


def test_groups_stay_together():
    groups = [index // 3 for index in range(60)]
    folds = deal_folds(['a'] * 60, groups, 4)
    for group in range(20):
        assert len(set(folds[3 * group : 3 * group + 3])) == 1
    assert sorted(Counter(folds).values()) == [15] * 4


@pytest.mark.parametrize(('groups', 'num_folds'), [([0, 0, 0], 2), ([0, 1, 2], 1)])
def test_what_cannot_be_dealt_is_refused(groups, num_folds):
    with pytest.raises(ValueError, match='fold'):
        deal_folds(['a'] * 3, groups, num_folds)
