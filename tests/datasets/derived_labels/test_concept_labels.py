import numpy as np

from maxsight_mm.datasets.derived_labels import DERIVED
from maxsight_mm.taxonomy import class_table
from maxsight_mm.taxonomy.concepts import CONCEPTS, OBJECT_CONCEPTS

CLASSES = ('person', 'car', 'bicycle', 'stairs down', 'crosswalk', 'fog horn')


def concepts(labels, classes=CLASSES, tasks=None, **fields):
    found = DERIVED['concepts'](
        {
            'classes': classes,
            'gt_bboxes_labels': np.array(labels, np.int64),
            'gt_instance_tasks': {k: np.array(v) for k, v in fields.items()},
            'gt_tasks': tasks or {},
        }
    )
    return None if found is None else dict(zip(CONCEPTS, found.tolist(), strict=True))


def test_objects_tell_their_concepts():
    found = concepts([1, 3])
    assert found['motor vehicles'] == found['drops'] == 1
    assert found['people'] == found['two-wheelers'] == found['crossings'] == 0


def test_what_no_class_can_show_is_unknown():
    found = concepts([0])
    assert np.isnan(found['kerbs']) and np.isnan(found['animals'])


def test_scene_concepts_rest_on_labels_of_objects():
    found = concepts(
        [0, 1], zones=[0, 2], moving=[1, 0], urgencies=[1, 1], tasks={'texts': []}
    )
    assert found['something near'] == 1 and found['moving traffic'] == 0
    assert found['urgent'] == 0 and found['text to read'] == 0


def test_unknown_label_leaves_a_no_open_but_not_a_yes():
    found = concepts([0, 1], zones=[2, -1], moving=[-1, 1], urgencies=[-1, -1])
    assert np.isnan(found['something near']) and found['moving traffic'] == 1
    assert np.isnan(found['urgent']) and np.isnan(found['text to read'])


def test_foreign_classes_give_no_concepts():
    assert concepts([0], classes=('scratch', 'inclusion')) is None


def test_every_object_concept_means_something():
    table = class_table()
    known = {spec.name for spec in table} | {spec.group for spec in table}
    for concept in OBJECT_CONCEPTS:
        assert any(concept.holds(spec) for spec in table)
        assert concept.classes | concept.groups <= known, concept.name
    assert len(set(CONCEPTS)) == len(CONCEPTS) == 16
