import pytest

from maxsight_mm.taxonomy import (
    ACCESSIBILITY_CLASSES,
    CLASSES,
    COCO_CLASSES,
    COCO_UNUSED,
    ClassSpec,
    by_name,
    class_table,
)

# Fixed points of COCO's category ids, from the published label map.
COCO_IDS = {
    'person': 1,
    'airplane': 5,
    'fire hydrant': 11,
    'street sign': 12,
    'stop sign': 13,
    'hat': 26,
    'umbrella': 28,
    'handbag': 31,
    'bottle': 44,
    'plate': 45,
    'mirror': 66,
    'door': 71,
    'tv': 72,
    'blender': 83,
    'book': 84,
    'toothbrush': 90,
    'hair brush': 91,
}
STREET_NAMES = (
    'stairs up',
    'stairs down',
    'kerb',
    'bollard',
    'pole',
    'crosswalk',
    'open manhole',
    'low branch',
    'scaffold',
    'wet floor sign',
    'trash bin',
)


@pytest.mark.parametrize(('name', 'coco_id'), COCO_IDS.items())
def test_coco_names_stand_at_their_ids(name, coco_id):
    assert by_name(name).coco_id == coco_id
    assert COCO_CLASSES[coco_id - 1] == name


def test_counts_of_the_two_tables():
    assert len(COCO_CLASSES) == 91
    assert len(COCO_UNUSED) == 11
    assert len(ACCESSIBILITY_CLASSES) >= 200
    assert len(CLASSES) == 91 + len(ACCESSIBILITY_CLASSES)


def test_names_are_unique_lower_case_and_stripped():
    names = [spec.name for spec in CLASSES]
    assert len(set(names)) == len(names)
    assert all(name == name.lower().strip() for name in names)


def test_names_differ_by_more_than_a_blank_or_a_hyphen():
    plain = [spec.name.replace('-', '').replace(' ', '') for spec in CLASSES]
    assert len(set(plain)) == len(plain)


@pytest.mark.parametrize('name', STREET_NAMES)
def test_street_world_names_are_accessibility_classes(name):
    assert name in ACCESSIBILITY_CLASSES
    assert by_name(name).coco_id is None


def test_drops_are_danger_and_lie_flat_unless_they_are_a_ledge():
    for spec in CLASSES:
        if spec.group == 'drop' and spec.urgency == 3:
            assert spec.height_m == 0 or spec.name == 'loading dock'
    assert by_name('stairs down').urgency > by_name('stairs up').urgency


def test_unknown_name_is_a_key_and_value_error_that_names_the_nearest():
    for kind in (KeyError, ValueError):
        with pytest.raises(kind) as caught:
            by_name('fire_hydrant')
        assert str(caught.value) == (
            "'fire_hydrant' is not in the class table; nearest: 'fire hydrant'"
        )


def test_class_table_keeps_the_order_asked_for():
    assert [spec.name for spec in class_table(['kerb', 'car'])] == ['kerb', 'car']
    assert class_table() == CLASSES


@pytest.mark.parametrize(
    ('urgency', 'height_m'), [(4, 1.0), (-1, 1.0), (0, -0.1), (0, float('nan'))]
)
def test_spec_refuses_values_out_of_range(urgency, height_m):
    with pytest.raises(ValueError, match="'thing'"):
        ClassSpec('thing', 'group', urgency, False, height_m)
