import pytest

from maxsight_mm.datasets.category_map import map_categories
from maxsight_mm.datasets.coco_json import DatasetError

CATEGORIES = [{'id': 7, 'name': 'car'}, {'id': 2, 'name': 'person'}]


def test_labels_follow_the_names_and_not_the_order():
    mapped = map_categories(CATEGORIES, ['person', 'car'])
    assert mapped.label_of == {2: 0, 7: 1}


def test_missing_class_suggests_the_nearest_category():
    with pytest.raises(DatasetError, match=r"'persons' \(nearest: 'person'\)"):
        map_categories(CATEGORIES, ['persons', 'person', 'car'], source='a.json')


def test_absent_classes_keep_the_labels_of_the_others_in_place():
    mapped = map_categories(
        CATEGORIES, ['bus', 'person', 'car'], absent_classes=['bus']
    )
    assert mapped.label_of == {2: 1, 7: 2}
    assert mapped.absent == ('bus',)
    classes = ['a', 'b', 'car', 'person']
    everything = map_categories(CATEGORIES, classes, absent_classes='any')
    assert everything.label_of == {7: 2, 2: 3}


def test_extra_category_is_an_error_unless_ignored():
    with pytest.raises(DatasetError, match="no class: 'car'"):
        map_categories(CATEGORIES, ['person'])
    mapped = map_categories(CATEGORIES, ['person'], extra_categories='ignore')
    assert mapped.label_of == {2: 0}
    assert mapped.ignored_ids == {7}


@pytest.mark.parametrize(
    ('classes', 'options', 'says'),
    [
        (['car', 'person', 'car'], {}, 'twice: car'),
        (['car', 'person'], {'extra_categories': 'drop'}, "'error' or 'ignore'"),
        (['car', 'person'], {'absent_classes': ['bus']}, "no classes: \\['bus'\\]"),
    ],
)
def test_bad_options_are_refused(classes, options, says):
    with pytest.raises(ValueError, match=says):
        map_categories(CATEGORIES, classes, **options)
