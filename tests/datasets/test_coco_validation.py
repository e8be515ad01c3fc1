import copy
import json

import pytest

from maxsight_mm.datasets.coco_validation import validate_coco


def codes(report):
    return [(issue.code, issue.record_id) for issue in report.errors]


def test_good_file_has_no_faults_and_is_counted(coco):
    report = validate_coco(coco)
    assert report.ok
    assert report.warnings == []
    assert report.counts == {
        'images': 2,
        'annotations': 3,
        'categories': 2,
        'images without annotations': 0,
    }
    assert 'no faults found' in report.summary()


def test_every_duplicate_id_is_listed(coco):
    coco['images'].append(copy.deepcopy(coco['images'][0]))
    coco['annotations'] += copy.deepcopy(coco['annotations'][:2])
    coco['categories'].append({'id': 3, 'name': 'bus'})
    assert codes(validate_coco(coco)) == [
        ('duplicate_category_id', 3),
        ('duplicate_image_id', 1),
        ('duplicate_annotation_id', 11),
        ('duplicate_annotation_id', 12),
    ]


def test_duplicate_category_name_is_an_error(coco):
    coco['categories'].append({'id': 4, 'name': 'car'})
    assert codes(validate_coco(coco)) == [('duplicate_category_name', 4)]


@pytest.mark.parametrize(
    ('bbox', 'code', 'says'),
    [
        ([1, 1, float('nan'), 5], 'bad_box', 'not finite'),
        ([1, 1, float('inf'), 5], 'bad_box', 'not finite'),
        ([1, 1, 0, 5], 'bad_box', 'must be positive'),
        ([1, 1, 5, -2], 'bad_box', 'must be positive'),
        ([64, 1, 5, 5], 'bad_box', 'outside the image of 64 x 48'),
        ([-9, 1, 5, 5], 'bad_box', 'outside'),
        ([60, 1, 9, 5], 'box_reaches_out', 'reaches out'),
        ([-2, 1, 9, 5], 'box_reaches_out', 'reaches out'),
        ([1, 1, 5], 'bad_box', r'\[x, y, w, h\]'),
        ('1,1,5,5', 'bad_box', r'\[x, y, w, h\]'),
        (['1', 1, 5, 5], 'bad_box', 'must hold numbers'),
        ([True, 1, 5, 5], 'bad_box', 'must hold numbers'),
        (None, 'bad_box', 'None'),
    ],
)
def test_bad_box_is_reported_with_its_annotation_id(coco, bbox, code, says):
    coco['annotations'][1]['bbox'] = bbox
    report = validate_coco(coco)
    assert codes(report) == [(code, 12)]
    assert says.replace('\\', '') in report.errors[0].message
    assert str(report.errors[0]).startswith('annotation 12: ')


@pytest.mark.parametrize('bbox', [[-0.9, 0, 64.8, 48.9], [0, 0, 0.2, 0.2]])
def test_rounding_at_the_border_and_small_boxes_pass(coco, bbox):
    coco['annotations'][1]['bbox'] = bbox
    assert validate_coco(coco).ok


@pytest.mark.parametrize(
    ('record', 'key', 'expected'),
    [
        ('annotations', 'image_id', ('missing_key', 11)),
        ('annotations', 'category_id', ('missing_key', 11)),
        ('annotations', 'bbox', ('bad_box', 11)),
        ('images', 'width', ('missing_key', 1)),
        ('images', 'file_name', ('missing_key', 1)),
        ('categories', 'name', ('missing_key', 3)),
    ],
)
def test_missing_key_names_its_record(coco, record, key, expected):
    del coco[record][0][key]
    coco['images'][0].pop('tasks')
    assert codes(validate_coco(coco)) == [expected]


def test_unknown_image_and_category_are_named(coco):
    coco['annotations'][2].update(image_id=99, category_id=[1])
    report = validate_coco(coco)
    assert codes(report) == [('unknown_image', 13), ('unknown_category', 13)]
    assert report.counts['images without annotations'] == 1


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('zone', 3),
        ('zone', -1),
        ('zone', '1'),
        ('urgency', 4),
        ('urgency', 1.5),
        ('distance_m', -0.1),
        ('distance_m', float('nan')),
        ('time_to_contact_s', -1),
        ('findability', 1.2),
        ('moving', 'yes'),
        ('text', 5),
        ('instance_id', None),
    ],
)
def test_object_label_out_of_range_is_an_error(coco, field, value):
    coco['annotations'][2][field] = value
    report = validate_coco(coco)
    assert codes(report) == [('bad_extra', 13)]
    assert field in report.errors[0].message


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('urgency', 7),
        ('glare', -1),
        ('relations', [[11, 'on']]),
        ('relations', [[11, 'on', 13]]),
        ('relations', [[11, 'on', 99]]),
        ('sounds', [{'azimuth_deg': 3}]),
        ('depth_file', ''),
        ('texts', [{'text': 'EXIT'}]),
        ('texts', [{'text': 'EXIT', 'quad': [[0, 0], [1, 0], [1, 1]]}]),
    ],
)
def test_image_label_out_of_range_is_an_error(coco, field, value):
    coco['images'][0]['tasks'][field] = value
    assert codes(validate_coco(coco)) == [('bad_extra', 1)]


def test_zone_that_contradicts_the_distance_is_a_warning(coco):
    coco['annotations'][0]['zone'] = 2
    report = validate_coco(coco)
    assert report.ok
    assert [(i.code, i.record_id) for i in report.warnings] == [('zone_disagrees', 11)]


def test_shared_file_name_is_a_warning(coco):
    coco['images'][1]['file_name'] = 'images/a.png'
    report = validate_coco(coco)
    assert report.ok
    assert [issue.code for issue in report.warnings] == ['duplicate_file_name']


def test_classes_are_compared_by_name_with_the_nearest_suggested(coco):
    report = validate_coco(coco, classes=['persons', 'car'])
    assert codes(report) == [('extra_category', 1), ('absent_class', None)]
    assert "nearest: 'person'" in report.errors[1].message


@pytest.mark.parametrize('data', [[], None, {}, {'images': 3}, {'images': [4]}])
def test_other_shapes_are_reported_and_do_not_raise(data):
    assert not validate_coco(data).ok


def test_summary_shows_the_first_of_many_and_json_holds_all(coco):
    for i in range(30):
        annotation = {'id': 100 + i, 'image_id': 1, 'category_id': 1}
        coco['annotations'].append({**annotation, 'bbox': [0, 0, 0, 0]})
    report = validate_coco(coco)
    summary = report.summary(limit=5)
    assert 'error: bad_box (30)' in summary
    assert 'annotation 104' in summary
    assert 'annotation 105' not in summary
    assert '... and 25 more' in summary
    assert len(json.loads(report.to_json())['errors']) == 30


def test_misspelt_task_is_a_warning_with_the_nearest_name(coco):
    coco['images'][0]['tasks']['urgncy'] = 2
    report = validate_coco(coco)
    assert report.ok
    assert [issue.code for issue in report.warnings] == ['unknown_task']
    assert "nearest: 'urgency'" in report.warnings[0].message


def test_own_task_may_be_a_number_but_text_is_a_warning(coco):
    coco['images'][0]['tasks'] |= {'crowding': 0.5, 'weather_now': 'rain'}
    report = validate_coco(coco)
    assert [issue.code for issue in report.warnings] == ['text_task']
