"""The context stage at its edges: what is missing, empty, broken, single or uneven."""

import copy

import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.structures import InstanceData
from torch import Tensor

from maxsight_mm.registry import MODELS
from maxsight_mm.taxonomy.vocabulary import UNK
from tests.models.toy_context import (
    AUDIO_SAMPLES,
    CLIP,
    OBJECTS,
    SMALL_HEADS,
    TEXTS,
    build_toy_t5,
    toy_caption,
    toy_inputs,
    toy_sample,
    toy_samples,
    toy_t5_config,
    toy_text_regions,
)

CLIP_TASKS = {'motion', 'predictive_alert', 'time_to_hazard'}
SOUND_TASKS = {'sound_event', 'sound_direction'}
OBJECT_FIELDS = (
    'roi_priority_scores',
    'findability_scores',
    'personalisation_scores',
    'personalisation_labels',
)


@pytest.fixture(scope='module')
def trained():
    model = build_toy_t5()
    with torch.no_grad():
        model.train().loss(toy_inputs(), toy_samples())
    model.decoder.score_thr = 0.0
    return model


@pytest.fixture
def model(trained):
    return copy.deepcopy(trained)


def losses_of(model, inputs=None, samples=None) -> dict[str, Tensor]:
    """Losses of a training step, all finite, and each parameter's gradient too."""
    inputs = toy_inputs() if inputs is None else inputs
    samples = samples or toy_samples()
    torch.manual_seed(0)
    losses = model.train().loss(inputs, samples)
    for name, value in losses.items():
        assert value.isfinite(), name
    sum(losses.values()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all(), name
    return losses


def answers_of(model, inputs=None, samples=None) -> list:
    inputs = toy_inputs() if inputs is None else inputs
    with torch.no_grad():
        found = model.eval().predict(inputs, samples or toy_samples())
    for sample in found:
        assert sample.pred_tasks.get('context_error') is None
        for name, value in sample.pred_tasks.items():
            if isinstance(value, Tensor):
                assert value.isfinite().all(), name
    return found


def tasks_of(model, sample) -> set[str]:
    names = {*sample.pred_tasks.keys(), *sample.pred_instances.keys()}
    return {
        head.task
        for head in model.context_stage.heads
        if any(name.startswith(f'{head.task}_') for name in names)
    }


def all_tasks(model) -> set[str]:
    return {head.task for head in model.context_stage.heads}


def assert_close(one, other, but: set[str] = frozenset()) -> None:
    """Equal image answers, those of the tasks ``but`` aside."""
    compared = 0
    for name, value in other.pred_tasks.items():
        if isinstance(value, Tensor) and not name.startswith(tuple(but) or '-'):
            torch.testing.assert_close(one.pred_tasks.get(name), value)
            compared += 1
    assert compared > 5


def with_objects(samples, count: int):
    return [toy_sample(seed, num_objects=count) for seed in range(len(samples))]


def test_everything_given_is_answered_and_learned(model):
    # Of two images, each has but one neighbour: there is no order of them.
    losses = losses_of(model, toy_inputs(3), toy_samples(3))
    names = {n for head in model.context_stage.heads for n in head.loss_names}
    assert names <= losses.keys()
    assert all(losses[name] != 0 for name in names)
    assert tasks_of(model, answers_of(model)[0]) == all_tasks(model)


class TestClip:
    def test_first_frame_of_a_video(self, model):
        """Padding repeats the frame and is marked; what it shows is not read."""
        inputs = toy_inputs()
        inputs['frames'][:] = inputs['img'][:, None]
        inputs['frames_valid'][:, :-1] = False
        losses_of(copy.deepcopy(model), inputs)
        found = answers_of(model, inputs)
        inputs['frames'][:, :-1] = torch.rand(2, CLIP - 1, 3, 64, 96)
        for one, other in zip(answers_of(model, inputs), found, strict=True):
            assert_close(one, other, but={'motion'})
        assert tasks_of(model, found[0]) == all_tasks(model)

    def test_short_and_whole_clips_in_one_batch(self, model):
        inputs = toy_inputs()
        whole = answers_of(model, inputs)[1]
        inputs['frames_valid'][0, :-1] = False
        assert_close(answers_of(model, inputs)[1], whole)
        losses_of(model, inputs)

    def test_no_clip_leaves_its_tasks_out(self, model):
        inputs = toy_inputs(3)
        del inputs['frames'], inputs['frames_valid']
        found = answers_of(model, inputs, toy_samples(3))[0]
        assert tasks_of(model, found) == all_tasks(model) - CLIP_TASKS
        losses = losses_of(model, inputs, toy_samples(3))
        for head in model.context_stage.heads:
            for name in head.loss_names:
                assert (losses[name] == 0) == (head.task in CLIP_TASKS), name
            assert all(p.grad is not None for p in head.parameters()), head.task

    def test_plain_images(self, model):
        """Neither clip nor sound."""
        images = toy_inputs()['img']
        found = answers_of(model, images)[0]
        assert tasks_of(model, found) == all_tasks(model) - CLIP_TASKS - SOUND_TASKS
        losses_of(model, images)


class TestSound:
    @pytest.mark.parametrize('kind', ['silence', 'nan', 'missing'])
    def test_sound_without_content(self, model, kind):
        inputs = toy_inputs()
        inputs['audio'][0] = float('nan') if kind == 'nan' else 0.0
        inputs['audio_valid'][0] = kind != 'missing'
        heard = answers_of(model, inputs)
        assert [bool(s.pred_tasks.sound_event_available) for s in heard] == [
            kind == 'silence',
            True,
        ]
        losses_of(model, inputs)

    def test_broken_sound_is_as_good_as_none(self, model):
        broken, missing = toy_inputs(), toy_inputs()
        broken['audio'][0] = float('nan')
        missing['audio_valid'][0] = False
        pairs = zip(answers_of(model, broken), answers_of(model, missing), strict=True)
        for one, other in pairs:
            assert_close(one, other)

    def test_an_unheard_sample_answers_as_without_sound(self, model):
        """But for what is asked of the sound itself."""
        inputs, silent = toy_inputs(), toy_inputs()
        inputs['audio_valid'][0] = False
        del silent['audio'], silent['audio_valid']
        mixed, without = answers_of(model, inputs)[0], answers_of(model, silent)[0]
        assert_close(mixed, without, but=SOUND_TASKS)
        assert tasks_of(model, without) == all_tasks(model) - SOUND_TASKS

    def test_no_sample_of_the_batch_has_sound(self, model):
        inputs = toy_inputs()
        inputs['audio_valid'][:] = False
        for sample in answers_of(model, inputs):
            assert not sample.pred_tasks.sound_event_available
        losses_of(model, inputs)


class TestText:
    def test_caption_with_unknown_words(self, model):
        samples = toy_samples()
        samples[0].gt_tasks.caption_ids = toy_caption('a xylophone zzyzx')
        assert (samples[0].gt_tasks.caption_ids == UNK).any()
        losses = losses_of(model, samples=samples)
        assert losses['loss_scene_description'] > 0
        for sample in answers_of(model):
            caption = sample.pred_tasks.scene_description_captions
            assert isinstance(caption, str) and '<' not in caption

    def test_image_without_words(self, model):
        samples = toy_samples()
        for sample in samples:
            sample.gt_tasks.text_regions = torch.zeros(TEXTS, 9)
            sample.gt_tasks.text_quads = torch.full((TEXTS, 4, 2), float('nan'))
            sample.gt_tasks.text_ids = torch.full_like(sample.gt_tasks.text_ids, -1)
        losses = losses_of(model, samples=samples)
        assert losses['loss_text_recognition'] == 0
        assert losses['loss_text_detection_score'] > 0
        assert losses['loss_text_detection_quad'] == 0

    def test_nothing_found_reads_nothing(self, model):
        for head in model.context_stage.heads:
            if head.task.startswith('text'):
                head.decoder.score_thr = 1.1
        tasks = answers_of(model)[0].pred_tasks
        assert tasks.text_recognition_texts == []
        assert tasks.text_detection_quads.shape == (0, 4, 2)

    def test_text_is_read_for_each_quad(self, model):
        for head in model.context_stage.heads:
            if head.task.startswith('text'):
                head.decoder.score_thr = 0.0
                head.decoder.max_texts = TEXTS
        tasks = answers_of(model)[0].pred_tasks
        assert len(tasks.text_recognition_texts) == len(tasks.text_detection_quads) > 0

    def test_illegible_text_alone(self, model):
        samples = toy_samples()
        regions = toy_text_regions()
        regions[:, 8] = 2
        for sample in samples:
            sample.gt_tasks.text_regions = regions
        assert losses_of(model, samples=samples)['loss_text_detection_quad'] == 0


class TestObjects:
    @pytest.mark.parametrize('count', [0, 1])
    def test_few_labelled_objects(self, model, count):
        losses = losses_of(model, samples=with_objects(toy_samples(), count))
        for task in ('roi_priority', 'findability', 'semantic_relation'):
            assert (losses[f'loss_{task}'] == 0) == (count == 0), task

    def test_one_image_of_two_has_no_object(self, model):
        samples = [toy_sample(0), toy_sample(1, num_objects=0)]
        alone = losses_of(copy.deepcopy(model), samples=samples)
        assert alone['loss_roi_priority'] > 0

    def test_nothing_detected_in_the_whole_batch(self, model):
        model.decoder.score_thr = 1.0
        for sample in answers_of(model):
            assert len(sample.pred_instances) == 0
            for name in OBJECT_FIELDS:
                assert sample.pred_instances[name].shape == (0,)
            assert sample.pred_tasks.semantic_relation_labels.shape == (0, 0)
            assert tasks_of(model, sample) == all_tasks(model)

    @pytest.mark.parametrize('most', [1, 4, 1000])
    def test_detections_beyond_the_most_are_unknown(self, model, most):
        model.context_stage.max_objects = most
        for sample in answers_of(model):
            found = sample.pred_instances
            assert len(found) > 4
            known = min(most, len(found))
            for name in OBJECT_FIELDS:
                values = found[name]
                assert values.shape == (len(found),)
                rest = values[known:]
                if values.is_floating_point():
                    assert values[:known].isfinite().all() and rest.isnan().all()
                else:
                    assert (values[:known] >= 0).all() and (rest == -1).all()
            labels = sample.pred_tasks.semantic_relation_labels
            assert labels.shape == (known, known)

    def test_the_answered_ones_do_not_depend_on_the_rest(self, model):
        few, many = copy.deepcopy(model), model
        few.context_stage.max_objects = 1
        for one, other in zip(answers_of(few), answers_of(many), strict=True):
            own, wanted = one.pred_instances, other.pred_instances
            torch.testing.assert_close(
                own.roi_priority_scores[:1], wanted.roi_priority_scores[:1]
            )

    def test_uneven_numbers_of_objects_are_not_mixed_up(self, model):
        """Padding of one image changes no answer of the other."""
        stage = model.eval().context_stage
        inputs, samples = toy_inputs(), toy_samples()
        boxes = [s.gt_instances for s in samples]
        few = [boxes[0][:1], boxes[1]]
        none = [boxes[0][:1], boxes[1][:0]]
        with torch.no_grad():
            features = model.extract_feat(inputs, samples)
            model.safety_heads(features)
            with_other, without = (
                stage.predict(inputs, features, samples, found, model.safety_pass)
                for found in (few, none)
            )
        for part in (0, 1):
            for name, value in without[0][part].items():
                if isinstance(value, Tensor):
                    torch.testing.assert_close(with_other[0][part][name], value)
        assert with_other[1][1]['roi_priority_scores'].shape == (OBJECTS,)
        assert without[1][1]['roi_priority_scores'].shape == (0,)

    def test_box_without_area(self, model):
        samples = toy_samples()
        samples[0].gt_instances = copy.deepcopy(samples[0].gt_instances)
        samples[0].gt_instances.bboxes[0] = torch.tensor([10.0, 10, 10, 10])
        inputs = toy_inputs()
        features = model.train().extract_feat(inputs, samples)
        model.safety_heads(features)
        losses = model.context_stage.loss(inputs, features, samples, model.safety_pass)
        assert all(value.isfinite() for value in losses.values())


class TestUser:
    def test_a_user_changes_only_the_personal_answers(self, model):
        plain, personal = toy_samples(), toy_samples()
        for sample in plain:
            sample.gt_tasks.user = torch.zeros(8)
        for sample in personal:
            sample.gt_tasks.user = torch.ones(8)
        one, other = (
            answers_of(model, samples=plain),
            answers_of(model, samples=personal),
        )
        assert_close(one[0], other[0])
        assert not torch.equal(
            one[0].pred_instances.personalisation_scores[:8],
            other[0].pred_instances.personalisation_scores[:8],
        )

    def test_nobody_said_is_neutral(self, model):
        silent, neutral = toy_samples(), toy_samples()
        for sample in silent:
            del sample.gt_tasks.user
        for sample in neutral:
            sample.gt_tasks.user = torch.zeros(8)
        pairs = zip(
            answers_of(model, samples=silent),
            answers_of(model, samples=neutral),
            strict=True,
        )
        for one, other in pairs:
            for name in OBJECT_FIELDS[2:]:
                own, wanted = (s.pred_instances[name] for s in (one, other))
                assert torch.equal(own[:8], wanted[:8])

    def test_a_user_may_stand_in_the_metainfo(self, model):
        of_labels, of_meta = toy_samples(), toy_samples()
        for sample in of_meta:
            wish = sample.gt_tasks.user.tolist()
            del sample.gt_tasks.user
            sample.set_metainfo(dict(user=wish))
        one, other = (answers_of(model, samples=s)[0] for s in (of_labels, of_meta))
        assert torch.equal(
            one.pred_instances.personalisation_scores[:8],
            other.pred_instances.personalisation_scores[:8],
        )

    def test_samples_without_any_label(self, model):
        samples = toy_samples()
        for sample in samples:
            del sample.gt_tasks
            sample.gt_instances = InstanceData(
                bboxes=sample.gt_instances.bboxes, labels=sample.gt_instances.labels
            )
        losses = losses_of(model, samples=samples)
        for head in model.context_stage.heads:
            assert all(losses[name] == 0 for name in head.loss_names), head.task


class TestBatch:
    def test_batch_of_one(self, model):
        losses = losses_of(model, toy_inputs(1), toy_samples(1))
        # Likeness needs a second image.
        assert losses['loss_retrieval'] == 0
        assert losses['loss_retrieval_anchor'] > 0
        assert tasks_of(model, answers_of(model, toy_inputs(1), toy_samples(1))[0]) == (
            all_tasks(model)
        )

    def test_images_of_several_sizes(self, model):
        sizes = ((64, 96), (40, 50))
        data = []
        for seed, size in enumerate(sizes):
            clip = torch.randint(0, 256, (CLIP, 3, *size), dtype=torch.uint8)
            inputs = dict(
                img=clip[-1],
                clip=clip,
                clip_valid=torch.ones(CLIP, dtype=torch.bool),
                audio=torch.zeros(2, AUDIO_SAMPLES if seed else 0),
            )
            data.append(dict(inputs=inputs, data_samples=toy_sample(seed, size)))
        batch = model.data_preprocessor(pseudo_collate(data))
        assert batch['inputs']['img'].shape == (2, 3, 64, 96)
        samples = batch['data_samples']
        assert samples[1].gt_tasks.depth.shape == (1, 64, 96)
        losses = losses_of(model, batch['inputs'], samples)
        assert losses['loss_contrast_sensitivity'] > 0
        found = answers_of(model, batch['inputs'], samples)
        assert tasks_of(model, found[1]) == all_tasks(model)
        boxes = found[1].pred_instances.bboxes
        assert boxes[:, [0, 2]].max() <= 50 and boxes[:, [1, 3]].max() <= 40

    @pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
    def test_autocast_trains_and_answers(self, model, dtype):
        with torch.autocast('cpu', dtype=dtype):
            losses_of(copy.deepcopy(model))
            assert tasks_of(model, answers_of(model)[0]) == all_tasks(model)


def test_a_viewers_condition_reaches_the_context_pass():
    config = toy_t5_config()
    config['context_stage']['context_pass']['condition'] = {}
    model = MODELS.build(config).eval()
    film = model.context_stage.context_pass.pooled_film
    for parameter in film.parameters():
        torch.nn.init.normal_(parameter)
    seen = []
    model.context_stage.context_pass.register_forward_hook(
        lambda module, inputs, output: seen.append(inputs[0]['context_pooled'])
    )
    for severity in (0.0, 0.0, 1.0):
        samples = toy_samples()
        for sample in samples:
            sample.set_metainfo(dict(viewer_condition=[severity] * 13))
        with torch.no_grad():
            model.predict(toy_inputs(), samples)
    assert torch.equal(seen[0], seen[1])
    assert not torch.allclose(seen[0], seen[2])


@pytest.mark.parametrize('name', ['user', 'viewer_condition'])
@pytest.mark.parametrize('said', [[0.5], [[0.5] * 13]])
def test_a_profile_of_another_length_is_refused(model, name, said):
    samples = toy_samples()
    for sample in samples:
        del sample.gt_tasks.user
    samples[1].set_metainfo({name: said})
    with pytest.raises(ValueError, match=rf'{name} must be (8|13) numbers, got shape'):
        model.loss(toy_inputs(), samples)


@pytest.mark.parametrize(
    ('task', 'message'),
    [('glaer', "did you mean 'glare'"), ('depth', "no context head reads .*'depth'")],
)
def test_a_token_that_no_head_reads_is_refused(task, message):
    config = toy_t5_config()
    config['context_stage']['context_pass']['cross_task']['tasks'] = (task, 'haptic')
    with pytest.raises(ValueError, match=message):
        MODELS.build(config)


def test_a_head_that_was_dropped_may_leave_its_token():
    assert MODELS.build(toy_t5_config(glare=None)).context_stage is not None


def test_heads_name_the_labels_they_read(model):
    heads = {head.task: head.teacher_keys for head in model.context_stage.heads}
    assert {task: keys for task, keys in heads.items() if keys} == {
        'scene_description': ('caption_ids',),
        'text_recognition': ('text_quads',),
    }


@pytest.mark.parametrize('kept', ['glare', 'depth', 'motion', 'semantic_relation'])
def test_a_single_head_leaves_no_parameter_without_gradient(kept):
    """Else a training on several ranks waits for those that nobody reads."""
    others = {name: None for name in SMALL_HEADS if name != kept}
    model = build_toy_t5(**others).train()
    sum(model.loss(toy_inputs(), toy_samples()).values()).backward()
    idle = [name for name, p in model.named_parameters() if p.grad is None]
    assert idle == []


def test_features_that_nobody_reads_may_hold_anything(monkeypatch):
    others = {name: None for name in SMALL_HEADS if name != 'motion'}
    model = build_toy_t5(**others).train()
    fine = model.context_stage.context_pass.fine
    monkeypatch.setattr(fine, 'forward', lambda *args: fine.norm.weight * torch.nan)
    losses = model.loss(toy_inputs(), toy_samples())
    assert losses['loss_motion'].isfinite()


def test_the_gradient_scale_reaches_all_context_parameters_and_no_loss(model):
    other = copy.deepcopy(model)
    other.context_stage.gradient_scale = 0.5
    one, half = losses_of(model), losses_of(other)
    assert all(torch.equal(half[name], value) for name, value in one.items())
    ours = dict(model.named_parameters())
    for name, parameter in other.named_parameters():
        factor = 0.5 if name.startswith('context_stage') else 1.0
        torch.testing.assert_close(parameter.grad, ours[name].grad * factor)
