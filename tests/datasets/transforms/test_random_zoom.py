import numpy as np
import pytest

from maxsight_mm.datasets.transforms import RandomZoom
from maxsight_mm.registry import TRANSFORMS

LOAD = {'type': 'LoadTaskAnnotations', 'with_bbox': True}


def zoomed(results, zoom, place=(0.0, 0.0), **options):
    """The results zoomed by a given factor, with the window at a given place."""
    transform = RandomZoom(**options)
    transform._draw = lambda: (zoom, *place)
    return transform(TRANSFORMS.build(LOAD)(results))


def test_boxes_follow_the_pixels(results):
    # One white square on black: its box and its pixels must stay together.
    results['img'][:] = 0
    results['img'][20:60, 40:80] = 255
    results['instances'] = [
        {'bbox': [40, 20, 80, 60], 'bbox_label': 0, 'ignore_flag': 0}
    ]
    results['tasks'] = {}
    for zoom, place in ((0.5, (0.3, 0.8)), (1.25, (0.4, 0.6))):
        out = zoomed(dict(results, img=results['img'].copy()), zoom, place, pad_value=0)
        rows, columns = np.nonzero(out['img'][..., 0] > 127)
        x1, y1, x2, y2 = out['gt_bboxes'].tensor[0].tolist()
        assert (columns.min(), rows.min()) == pytest.approx((x1, y1), abs=1)
        assert (columns.max() + 1, rows.max() + 1) == pytest.approx((x2, y2), abs=1)


def test_size_stays_and_padding_is_grey(results):
    out = zoomed(results, 0.5, (1.0, 1.0))
    assert out['img'].shape == (80, 100, 3)
    assert (out['img'][:35, :45] == 114).all()


def test_distance_shrinks_by_the_zoom_and_its_zone_follows(results):
    out = zoomed(results, 1.5, (0.5, 0.2), min_visible=0.0)
    labels = out['gt_instance_tasks']
    # 3 m -> 2 m is near, 9 m -> 6 m is medium.
    np.testing.assert_allclose(labels['distances_m'], [2.0, 6.0])
    np.testing.assert_array_equal(labels['zones'], [0, 1])
    assert out['zoom'] == 1.5


def test_heuristic_zone_is_forgotten(results):
    out = zoomed(results, 0.5)
    labels = out['gt_instance_tasks']
    np.testing.assert_allclose(labels['distances_m'], [6.0, np.nan, 18.0])
    np.testing.assert_array_equal(labels['zones'], [1, -1, 2])
    assert 'zones_heuristic' not in labels


def test_annotated_zone_without_a_distance_stays(results):
    results['instances'][1]['zone_source'] = 'annotated'
    labels = zoomed(results, 0.5)['gt_instance_tasks']
    np.testing.assert_array_equal(labels['zones'], [1, 2, 2])


def test_heuristic_zones_without_any_distance_are_unlabelled_when_packed(results):
    for instance in results['instances']:
        instance.pop('distance_m', None)
        instance.update(zone=0, zone_source='heuristic', ignore_flag=0)
    packed = TRANSFORMS.build({'type': 'PackTaskInputs'})(zoomed(results, 0.5))
    assert 'zones' not in packed['data_samples'].gt_instances


def test_object_out_of_view_is_left_out_with_its_labels_and_relations(results):
    # Twice as large, the window at the right end: objects 0 and 1 are gone.
    out = zoomed(results, 2.0, (1.0, 0.5))
    assert out['gt_bboxes_labels'].tolist() == [2]
    assert out['gt_instance_tasks']['distances_m'].tolist() == [4.5]
    assert out['gt_tasks']['relations'] == []
    assert 'urgency' not in out['gt_tasks']


def test_object_mostly_cut_off_is_ignored_and_not_background(results):
    # The window shows x 25 to 75 and y 20 to 60: a quarter of the width of object
    # 0 and three quarters of its height, half of object 2 and four fifths.
    out = zoomed(results, 2.0, (0.5, 0.5), min_visible=0.3)
    assert out['gt_bboxes_labels'].tolist() == [0, 2]
    assert out['gt_ignore_flags'].tolist() == [True, False]


def test_smaller_limit_keeps_what_is_mostly_cut_off(results):
    out = zoomed(results, 2.0, (0.5, 0.5), min_visible=0.15)
    assert out['gt_ignore_flags'].tolist() == [False, False]


def test_all_objects_may_leave(results):
    results['instances'] = results['instances'][:1]
    results['tasks'].pop('relations')
    out = zoomed(results, 4.0, (1.0, 1.0))
    assert len(out['gt_bboxes']) == 0
    assert out['gt_instance_tasks']['zones'].tolist() == []
    packed = TRANSFORMS.build({'type': 'PackTaskInputs'})(out)
    assert len(packed['data_samples'].gt_instances) == 0


def test_whole_view_keeps_the_urgency_and_drops_the_caption(results):
    results['tasks']['caption'] = 'a person 3 m ahead'
    out = zoomed(results, 0.8)
    assert out['gt_tasks']['urgency'] == 2
    assert 'caption' not in out['gt_tasks']


def test_homography_maps_the_old_boxes_to_the_new(results):
    out = zoomed(results, 0.5, (0.5, 0.5))
    corner = out['homography_matrix'] @ [10, 10, 1]
    np.testing.assert_allclose(corner[:2], out['gt_bboxes'].tensor[0, :2], rtol=1e-6)


def test_draws_lie_in_the_range_and_probability_is_kept():
    np.random.seed(0)
    transform = RandomZoom(factor=(0.5, 2.0), prob=0.5)
    draws = [transform._draw() for _ in range(400)]
    zooms = [draw[0] for draw in draws if draw is not None]
    assert 160 < len(zooms) < 240
    assert min(zooms) >= 0.5
    assert max(zooms) <= 2.0
    # Even on a log scale: as many zoom in as out.
    assert 0.4 < np.mean(np.array(zooms) > 1) < 0.6


@pytest.mark.parametrize(
    'options',
    [
        {'factor': (0, 1)},
        {'factor': (2, 1)},
        {'prob': 2},
        {'min_visible': -1},
        {'focus': 2},
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match='must'):
        RandomZoom(**options)


def test_masks_are_refused(results):
    results['gt_seg_map'] = np.zeros((80, 100))
    with pytest.raises(ValueError, match='gt_seg_map'):
        zoomed(results, 2.0)


@pytest.mark.parametrize('corner', [(0, 0), (10, 60), (88, 70)])
def test_a_focused_crop_shows_a_labelled_object_whole(results, corner):
    """Others are ignored or out of reach of the crop: only the drawn one counts."""
    x, y = corner
    results['instances'] = [
        {'bbox': [x, y, x + 12, y + 10], 'bbox_label': 0, 'ignore_flag': 0},
        {'bbox': [40, 30, 60, 50], 'bbox_label': 0, 'ignore_flag': 1},
    ]
    results['tasks'] = {}
    places = np.random.default_rng(0).random((20, 2))
    for place in places.tolist():
        copied = dict(results, img=results['img'].copy())
        out = zoomed(copied, 3.0, place, focus=1.0)
        box = out['gt_bboxes'].tensor[~out['gt_ignore_flags']][0].tolist()
        assert (box[2] - box[0], box[3] - box[1]) == pytest.approx((36, 30), abs=1e-3)


def test_an_object_larger_than_the_focused_crop_fills_it(results):
    box = {'bbox': [10, 10, 90, 70], 'bbox_label': 0, 'ignore_flag': 0}
    results['instances'], results['tasks'] = [box], {}
    out = zoomed(results, 4.0, (0.3, 0.9), focus=1.0)
    np.testing.assert_allclose(out['gt_bboxes'].tensor, [[0, 0, 100, 80]], atol=1e-3)


def test_without_labelled_objects_the_focused_crop_lies_anywhere(results):
    results['instances'], results['tasks'] = [], {}
    out = zoomed(results, 2.0, (1.0, 0.0), focus=1.0)
    np.testing.assert_allclose(out['homography_matrix'][:2, 2], [-100, 0])


def test_time_to_contact_shrinks_as_the_distance_does(results):
    for instance, time_s in zip(results['instances'], (3.0, 6.0), strict=False):
        instance['time_to_contact_s'] = time_s
    times_s = zoomed(results, 1.5, (0.2, 0.2), min_visible=0.0)['gt_instance_tasks'][
        'times_to_contact_s'
    ]
    np.testing.assert_allclose(times_s, [2.0, 4.0, np.nan][: len(times_s)])


SAFE = {
    'hazard_within': [0, 0, 0, 0],
    'time_to_hazard_s': [np.nan],
    'free_path': [1, 1, 1],
    'head_obstacle': [0],
}
DERIVE = ('navigation_difficulty', 'haptic_pattern', 'concepts', *SAFE)


def labels_with_the_hazard_at(results, place):
    """Object 2 is the only hazard; the crop at (0, 0.5) leaves it out."""
    for instance in results['instances']:
        instance.update(
            urgency=0, time_to_contact_s=9.0, distance_m=40.0, moving=False, zone=2
        )
    results['instances'][2].update(urgency=3, time_to_contact_s=0.2, distance_m=1.0)
    results['classes'] = ('person', 'low branch', 'pole')
    out = zoomed(results, 2.0, place)
    derive = {'type': 'DeriveTaskLabels', 'labels': DERIVE}
    return TRANSFORMS.build(derive)(out)['gt_tasks']


def test_scene_is_not_called_safe_where_an_object_was_cropped_away(results):
    tasks = labels_with_the_hazard_at(results, (0.0, 0.5))
    for name, safe in SAFE.items():
        assert np.isnan(tasks[name]).all(), name
        assert len(tasks[name]) == len(safe)
    assert 'navigation_difficulty' not in tasks
    assert 'haptic_pattern' not in tasks
    # Nothing near, driving or urgent: unknown. Who is in the picture is known.
    assert np.isnan(tasks['concepts'][-3:]).all()
    assert tasks['concepts'][0] == 1


def test_hazard_that_stays_in_view_is_told(results):
    tasks = labels_with_the_hazard_at(results, (1.0, 0.5))
    np.testing.assert_array_equal(tasks['hazard_within'], [1, 1, 1, 1])
    assert tasks['haptic_pattern'] > 0


def test_labels_made_before_the_crop_do_not_outlive_their_objects(results):
    results['tasks'].update(
        {name: np.float32(values) for name, values in SAFE.items()}, glare=0.5
    )
    tasks = zoomed(results, 2.0, (1.0, 0.5))['gt_tasks']
    assert not set(SAFE) & set(tasks)
    assert tasks['glare'] == 0.5
