import pytest
import torch
from mmengine.structures import BaseDataElement, InstanceData

from maxsight_mm.inference.template_describer import Sighting, TemplateDescriber
from maxsight_mm.structures import TaskSample
from maxsight_mm.taxonomy.vocabulary import VOCABULARY

# With a field of view of 120 degrees, the border is at 60.
DESCRIBER = TemplateDescriber(image_width=640, hfov_deg=120)


def at(x, **fields):
    return Sighting(fields.pop('name', 'car'), (x - 10, 100, x + 10, 140), **fields)


@pytest.mark.parametrize(
    ('x', 'hour'), [(320, 12), (640, 2), (0, 10), (320 + 106.7, 1), (320 - 106.7, 11)]
)
def test_hours_follow_the_bearing(x, hour):
    # 320 / tan(60 deg) = 184.75 px focal length; 106.7 px aside is 30 degrees.
    assert DESCRIBER.hour(at(x).box) == hour


def test_focal_length_and_field_of_view_agree():
    other = TemplateDescriber(640, focal_px=184.752)
    assert [other.hour(at(x).box) for x in range(0, 641, 16)] == [
        DESCRIBER.hour(at(x).box) for x in range(0, 641, 16)
    ]


def test_phrases_run_by_urgency_then_distance():
    seen = [
        at(320, name='bench', urgency=0, zone=0),
        at(640, urgency=2, zone=2, moving=True),
        at(0, name='person', urgency=2, distance_m=3.54),
        at(320, name='open manhole', urgency=3, zone=0),
    ]
    assert DESCRIBER.phrases(seen) == [
        "open manhole, 12 o'clock, near",
        "person, 10 o'clock, 3.5 m",
        "moving car, 2 o'clock, far",
        "bench, 12 o'clock, near",
    ]


def test_the_sentence_opens_with_the_worst_level():
    seen = [
        at(320, urgency=3, distance_m=2.0),
        at(640, name='dog', urgency=0, moving=True),
    ]
    text = DESCRIBER.sentence(seen)
    assert text == "Danger: car, 12 o'clock, 2.0 m; moving dog, 2 o'clock."
    assert VOCABULARY.encode(text)[1] == 0


def test_without_danger_the_sentence_has_no_level():
    assert (
        DESCRIBER.sentence([at(320, urgency=0, zone=1)]) == "Car, 12 o'clock, medium."
    )


def test_an_unknown_urgency_is_unavailable_and_not_safe():
    text = DESCRIBER.sentence([at(320, zone=1)])
    assert text == "Car, 12 o'clock, medium. Urgency unavailable."
    seen = [at(320, urgency=u, name=str(u)) for u in (0, 2, None, 3)]
    assert [p[0] for p in DESCRIBER.phrases(seen)] == ['3', '2', 'N', '0']
    assert DESCRIBER.sentence(seen).startswith('Danger: 3')


@pytest.mark.parametrize('urgency', [2, 3])
def test_every_alert_is_named_however_short_the_list(urgency):
    short = TemplateDescriber(640, hfov_deg=66, max_phrases=2)
    seen = [at(x, urgency=urgency) for x in range(0, 640, 64)]
    assert len(short.phrases([*seen, at(320, urgency=1)])) == len(seen)


def test_unknown_urgencies_push_no_warning_out():
    seen = [at(320, name='bus', urgency=2), *[at(x) for x in range(0, 640, 100)]]
    text = DESCRIBER.sentence(seen)
    assert text.startswith('Warning: bus') and text.endswith('Urgency unavailable.')


def test_a_box_that_is_no_place_keeps_its_danger():
    nowhere = Sighting('car', (float('nan'),) * 4, urgency=3, zone=0)
    text = DESCRIBER.sentence([nowhere, at(320, name='dog', urgency=0, zone=1)])
    assert text.startswith('Danger: car, place unavailable, near; dog')


def test_a_score_that_is_no_number_hides_nothing():
    assert len(DESCRIBER.phrases([at(320, urgency=3, score=float('nan'))])) == 1


class TestRelations:
    def test_named_objects_lie_to_each_other(self):
        seen = [
            at(100, name='bench', urgency=0, zone=1),
            at(300, urgency=2, zone=0),
            at(500, name='person', urgency=1, zone=1),
        ]
        assert DESCRIBER.relations(seen) == [
            'car in front of person',
            'car in front of bench',
        ]
        assert DESCRIBER.sentence(seen).endswith(
            'Car in front of person. Car in front of bench.'
        )

    def test_sides_in_one_zone_and_nothing_without_zones(self):
        seen = [at(100, urgency=1, zone=0), at(500, name='dog', urgency=0, zone=0)]
        assert DESCRIBER.relations(seen) == ['car left of dog']
        assert DESCRIBER.relations([at(100), at(500)]) == []
        assert DESCRIBER.relations([]) == []

    def test_a_metre_gives_the_zone(self):
        seen = [
            at(100, urgency=0, distance_m=9.0),
            at(500, name='dog', urgency=0, distance_m=1.0),
        ]
        assert DESCRIBER.relations(seen) == ['dog in front of car']

    def test_what_is_inside_is_the_subject(self):
        seen = [
            Sighting('bus', (0, 0, 400, 400), urgency=1),
            Sighting('person', (100, 100, 150, 200), urgency=0),
        ]
        assert DESCRIBER.relations(seen) == ['person inside bus']

    def test_no_more_than_asked_for(self):
        quiet = TemplateDescriber(640, hfov_deg=66, max_relations=0)
        assert quiet.relations([at(0, zone=0), at(600, zone=2)]) == []


class TestSample:
    CLASSES = ('car', 'person')

    def sample(self, *labels, **tasks):
        count = len(labels)
        sample = TaskSample(pred_tasks=BaseDataElement(**tasks))
        sample.pred_instances = InstanceData(
            bboxes=torch.tensor([[300.0, 100, 340, 140]] * count).reshape(-1, 4),
            labels=torch.tensor(labels, dtype=torch.int64),
            scores=torch.ones(count),
        )
        return sample

    def test_all_answers_are_said(self):
        sample = self.sample(1, urgency=torch.tensor([2]))
        sample.pred_instances.urgencies = torch.tensor([2])
        sample.pred_instances.zones = torch.tensor([0])
        text = DESCRIBER.describe(sample, self.CLASSES)
        assert text == "Warning: person, 12 o'clock, near."

    def test_answers_of_no_head_are_unavailable(self):
        sample = self.sample(0)
        expected = "Car, 12 o'clock. Urgency unavailable."
        assert DESCRIBER.describe(sample, self.CLASSES) == expected
        del sample.pred_tasks
        assert DESCRIBER.describe(sample, self.CLASSES) == expected

    def test_a_lost_context_is_said(self):
        sample = self.sample(urgency=torch.tensor([0]), context_error='RuntimeError: x')
        text = DESCRIBER.describe(sample, self.CLASSES)
        assert text == 'Nothing detected. All else unavailable.'

    @pytest.mark.parametrize(('level', 'word'), [(2, 'Warning'), (3, 'Danger')])
    def test_an_alert_of_the_image_is_said_without_its_place(self, level, word):
        sample = self.sample(urgency=torch.tensor([level]))
        text = DESCRIBER.describe(sample, self.CLASSES)
        assert text == f'{word}, place unavailable. Nothing detected.'

    def test_nothing_detected_without_an_urgency_is_no_all_clear(self):
        text = DESCRIBER.describe(self.sample(), self.CLASSES)
        assert text == 'Nothing detected. Urgency unavailable.'


def test_nothing_and_the_unsure_are_not_named():
    assert DESCRIBER.phrases([]) == [] and DESCRIBER.sentence([]) == 'Nothing detected.'
    assert DESCRIBER.phrases([at(320, score=0.1)]) == []


def test_no_more_is_said_than_asked_for():
    short = TemplateDescriber(640, hfov_deg=66, max_phrases=2)
    assert len(short.phrases([at(x) for x in range(0, 640, 64)])) == 2


def test_an_infinite_distance_falls_back_to_the_zone():
    seen = at(320, distance_m=float('inf'), zone=2)
    assert DESCRIBER.phrases([seen]) == ["car, 12 o'clock, far"]


@pytest.mark.parametrize(
    'settings', [{}, dict(focal_px=1, hfov_deg=1), dict(hfov_deg=180), dict(focal_px=0)]
)
def test_bad_cameras_are_refused(settings):
    with pytest.raises(ValueError):
        TemplateDescriber(640, **settings)


@pytest.mark.parametrize('fields', [dict(urgency=4), dict(zone=-1)])
def test_bad_levels_are_refused(fields):
    with pytest.raises(ValueError, match='must be'):
        at(320, **fields)
