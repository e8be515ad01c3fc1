import numpy as np
import pytest

from maxsight_mm.registry import TRANSFORMS

LOAD = {'type': 'LoadTaskAnnotations', 'with_bbox': True}
RESIZE = {'type': 'Resize', 'scale': (50, 40), 'keep_ratio': False}
PACK = {'type': 'PackTaskInputs'}
QUAD = [[10, 20], [30, 20], [30, 28], [10, 28]]


def texts_after(results, *steps):
    results['tasks'] = {'texts': [{'text': 'EXIT', 'quad': QUAD}]}
    for step in steps:
        results = TRANSFORMS.build(step)(results)
    return results['data_samples'].gt_tasks.texts


def test_corners_are_resized_with_the_image(results):
    (text,) = texts_after(results, LOAD, RESIZE, PACK)
    np.testing.assert_allclose(text['quad'], np.array(QUAD) / 2)
    assert text['text'] == 'EXIT'


def test_labels_loaded_after_the_resize_stay_in_the_coordinates_of_the_file(results):
    (text,) = texts_after(results, RESIZE, LOAD, PACK)
    np.testing.assert_allclose(text['quad'], QUAD)


def test_word_out_of_view_is_left_out(results):
    zoom = TRANSFORMS.build({'type': 'RandomZoom'})
    zoom._draw = lambda: (8.0, 1.0, 1.0)
    results['tasks'] = {'texts': [{'text': 'EXIT', 'quad': QUAD}]}
    out = TRANSFORMS.build(PACK)(zoom(TRANSFORMS.build(LOAD)(results)))
    assert out['data_samples'].gt_tasks.texts == []


@pytest.mark.parametrize(('place', 'text'), [((0.1, 0.2), 'EXIT'), ((0.4, 0.2), '')])
def test_word_that_a_crop_cuts_can_no_longer_be_read(results, place, text):
    zoom = TRANSFORMS.build({'type': 'RandomZoom'})
    zoom._draw = lambda: (2.0, *place)
    results['tasks'] = {'texts': [{'text': 'EXIT', 'quad': QUAD}]}
    out = TRANSFORMS.build(PACK)(zoom(TRANSFORMS.build(LOAD)(results)))
    (kept,) = out['data_samples'].gt_tasks.texts
    assert kept['text'] == text


def test_word_that_the_file_cuts_stays_what_was_annotated(results):
    outside = (np.array(QUAD) - (16, 0)).tolist()
    results['tasks'] = {'texts': [{'text': 'EXIT', 'quad': outside}]}
    steps = (TRANSFORMS.build(step) for step in (LOAD, RESIZE, PACK))
    for step in steps:
        results = step(results)
    (kept,) = results['data_samples'].gt_tasks.texts
    assert kept['text'] == 'EXIT'


def test_without_a_move_nothing_changes(results):
    (text,) = texts_after(results, LOAD, PACK)
    assert text['quad'] == QUAD


def test_mirrored_words_are_unlabelled_and_a_plain_flip_is_refused(results):
    results['tasks'] = {'texts': [{'text': 'EXIT', 'quad': QUAD}]}
    loaded = TRANSFORMS.build(LOAD)(results)
    plain = TRANSFORMS.build({'type': 'RandomFlip', 'prob': 1.0})(dict(loaded))
    with pytest.raises(ValueError, match='texts are not'):
        TRANSFORMS.build(PACK)(plain)
    ours = TRANSFORMS.build({'type': 'TaskRandomFlip', 'prob': 1.0})(loaded)
    assert 'texts' not in TRANSFORMS.build(PACK)(ours)['data_samples'].gt_tasks
