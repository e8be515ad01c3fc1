import numpy as np
import pytest

from maxsight_mm.registry import TRANSFORMS

LOAD = {'type': 'LoadTaskAnnotations', 'with_bbox': True}
FLIP = {'type': 'TaskRandomFlip', 'prob': 1.0}
PACK = {'type': 'PackTaskInputs'}


def run(results, *steps):
    for step in steps:
        results = TRANSFORMS.build(step)(results)
    return results


def test_sides_of_relations_change_places_with_the_boxes(results):
    flipped = run(results, LOAD, FLIP)
    assert flipped['gt_bboxes'].tensor[0].tolist() == [70, 10, 90, 50]
    assert flipped['gt_tasks']['relations'][0] == [0, 'right of', 2]
    assert flipped['gt_tasks']['relations'][1] == [2, 'near', 1]


def test_flipping_twice_gives_the_first_labels_back(results):
    relations = [list(relation) for relation in results['tasks']['relations']]
    image = results['img'].copy()
    twice = run(results, LOAD, FLIP, FLIP)
    assert twice['gt_tasks']['relations'] == relations
    np.testing.assert_array_equal(twice['img'], image)


@pytest.mark.parametrize(
    ('caption', 'kept'),
    [('a car on the Left', False), ('right here', False), ('bright leftovers', True)],
)
def test_caption_that_names_a_side_becomes_unlabelled(results, caption, kept):
    results['tasks']['caption'] = caption
    assert ('caption' in run(results, LOAD, FLIP)['gt_tasks']) is kept


def test_mirrored_texts_become_unlabelled(results):
    results['instances'][0]['text'] = 'EXIT'
    assert 'texts' in run(dict(results), LOAD)['gt_instance_tasks']
    assert 'texts' not in run(results, LOAD, FLIP)['gt_instance_tasks']


def test_upside_down_is_no_mirror(results):
    flipped = run(results, LOAD, {**FLIP, 'direction': 'vertical'})
    assert flipped['gt_tasks']['relations'][0] == [0, 'left of', 2]


def test_labels_of_the_data_set_are_not_changed_in_place(results):
    run(dict(results), LOAD, FLIP)
    assert results['tasks']['relations'][0] == [0, 'left of', 2]


def test_plain_flip_of_sided_labels_is_refused_when_packed(results):
    plain = {'type': 'RandomFlip', 'prob': 1.0}
    with pytest.raises(ValueError, match='relations are not; use TaskRandomFlip'):
        run(dict(results), LOAD, plain, PACK)
    packed = run(dict(results), LOAD, FLIP, PACK)
    assert packed['data_samples'].gt_tasks.relations == [[0, 'right of', 1]]


def test_plain_flip_is_fine_without_sided_labels(results):
    del results['tasks']['relations']
    plain = {'type': 'RandomFlip', 'prob': 1.0}
    assert run(results, LOAD, plain, PACK)['data_samples'].flip is True


def test_sound_that_is_not_loaded_yet_is_asked_for_mirrored(results):
    sounds = [{'label': 'siren', 'azimuth_deg': 30.0}, {'label': 'rain'}]
    results['tasks'].update(sounds=sounds, audio_file='a.wav')
    results = run(results, LOAD, FLIP)
    assert results['flip']
    assert results['ears_swapped']
    assert results['gt_tasks']['sounds'] == [
        {'label': 'siren', 'azimuth_deg': -30.0},
        {'label': 'rain'},
    ]
    assert sounds[0]['azimuth_deg'] == 30.0


def test_loaded_sound_is_mirrored_with_the_image(results):
    sounds = [{'label': 'horn', 'azimuth_deg': 30.0}, {'label': 'siren'}]
    results['tasks'].update(audio_file='a.wav', sounds=sounds)
    audio = np.arange(8, dtype=np.float32).reshape(2, 4)
    flipped = run(results | {'audio': audio}, LOAD, FLIP)
    assert flipped['flip'] is True
    np.testing.assert_array_equal(flipped['audio'], audio[::-1])
    assert flipped['gt_tasks']['sounds'][0]['azimuth_deg'] == -30
    assert flipped['gt_tasks']['sounds'][1] == {'label': 'siren'}
    assert sounds[0]['azimuth_deg'] == 30
    twice = run(flipped, FLIP)
    np.testing.assert_array_equal(twice['audio'], audio)


def test_upside_down_leaves_loaded_sound_alone(results):
    audio = np.arange(8, dtype=np.float32).reshape(2, 4)
    results['tasks']['sounds'] = [{'label': 'horn', 'azimuth_deg': 30.0}]
    down = run(results | {'audio': audio}, LOAD, {**FLIP, 'direction': 'vertical'})
    assert down['flip'] is True
    np.testing.assert_array_equal(down['audio'], audio)
    assert down['gt_tasks']['sounds'][0]['azimuth_deg'] == 30
