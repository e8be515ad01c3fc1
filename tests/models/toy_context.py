"""A bundle, labels and a T5 detector for the context heads, all small.

``toy_bundle`` has every feature key that a head may read. ``toy_sample`` labels an
image for every head. ``build_toy_t5`` and ``toy_inputs`` are a detector with every
head and its batch in the form of ``TaskDataPreprocessor``.
"""

import torch
from mmengine.registry import DefaultScope
from mmengine.structures import BaseDataElement, InstanceData
from torch import Tensor

from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle, TaskSample
from maxsight_mm.taxonomy.characters import encode
from maxsight_mm.taxonomy.concepts import CONCEPTS
from maxsight_mm.taxonomy.predicates import RELATIONS
from maxsight_mm.taxonomy.vocabulary import BOS, EOS, VOCABULARY
from tests.models.toy_detector import NUM_CLASSES, toy_config

BATCH, HEIGHT, WIDTH = 2, 64, 96
SAFETY, MAPS, POOLED = 8, 16, 24
OBJECTS, CLIP, WORDS, TEXTS, CHARACTERS = 3, 4, 8, 3, 6
AUDIO_SAMPLES = 4000
SPATIAL = 107
LEVELS = tuple((-(-HEIGHT // s), -(-WIDTH // s)) for s in (8, 16, 32))
LOCATIONS = sum(h * w for h, w in LEVELS)
# What the symbols of declared shapes stand for.
SIZES = dict(B=BATCH, N=LOCATIONS, M=OBJECTS, h=HEIGHT // 4, w=WIDTH // 4, S=WORDS)
BOXES = ((8.0, 8, 40, 48), (48, 20, 80, 60), (60, 4, 90, 30))

# Heads whose widths by default are not a toy's.
SMALL_HEADS = dict(
    depth=dict(type='DepthHead', hidden_channels=16),
    contrast_sensitivity=dict(type='ContrastSensitivityHead', hidden_channels=16),
    glare=dict(type='GlareHead'),
    lighting=dict(type='LightingHead'),
    roi_priority=dict(type='RoiPriorityHead'),
    navigation_difficulty=dict(type='NavigationDifficultyHead'),
    findability=dict(type='FindabilityHead'),
    free_path=dict(type='FreePathHead', place_channels=16),
    head_obstacle=dict(type='HeadObstacleHead', place_channels=16),
    motion=dict(type='MotionHead', hidden_channels=8),
    therapy_state=dict(type='TherapyStateHead'),
    text_detection=dict(type='TextDetectionHead', hidden_channels=16),
    text_recognition=dict(
        type='TextRecognitionHead',
        channels=4,
        hidden_channels=16,
        num_layers=1,
        decoder=dict(max_texts=TEXTS),
    ),
    scene_description=dict(
        type='SceneDescriptionHead',
        channels=32,
        num_layers=1,
        num_heads=2,
        max_length=WORDS,
        dropout=0.0,
    ),
    semantic_relation=dict(
        type='SemanticRelationHead',
        hidden_channels=24,
        edge_channels=8,
        num_layers=1,
        num_heads=2,
    ),
    sound_event=dict(type='SoundEventHead'),
    sound_direction=dict(type='SoundDirectionHead'),
    haptic=dict(type='HapticHead'),
    concept=dict(type='ConceptHead'),
    retrieval=dict(type='RetrievalHead', embedding_channels=16, hidden_channels=64),
    condition=dict(type='ConditionHead'),
    personalisation=dict(type='PersonalisationHead'),
    predictive_alert=dict(type='PredictiveAlertHead'),
    time_to_hazard=dict(type='TimeToHazardHead'),
)
CONTEXT_CHANNELS = dict(
    images=3,
    frames=3,
    context_fine=MAPS,
    context_pyramid=MAPS,
    context_tokens=POOLED,
    context_pooled=POOLED,
    instance_features=MAPS,
    temporal_pooled=POOLED,
    audio_pooled=POOLED,
)
SAFETY_CHANNELS = dict(semantic=SAFETY, geometric=SAFETY, pooled=2 * SAFETY)


def toy_bundle(dtype: torch.dtype = torch.float32, teach: bool = True) -> FeatureBundle:
    """Every key of a context bundle, random.

    Args:
        dtype: Of the features.
        teach: Whether the labels that heads read in training are there.
    """
    generator = torch.Generator().manual_seed(0)

    def rand(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).to(dtype)

    def levels(channels: int) -> tuple[Tensor, ...]:
        return tuple(rand(BATCH, channels, h, w) for h, w in LEVELS)

    bundle = FeatureBundle(
        images=rand(BATCH, 3, HEIGHT, WIDTH),
        pyramid=levels(SAFETY),
        semantic=levels(SAFETY),
        geometric=levels(SAFETY),
        pooled=rand(BATCH, 2 * SAFETY),
        points=torch.rand(LOCATIONS, 2, generator=generator) * 48,
        strides=torch.full((LOCATIONS,), 8.0),
        context_fine=rand(BATCH, MAPS, HEIGHT // 4, WIDTH // 4),
        context_pyramid=levels(MAPS),
        context_tokens=rand(BATCH, LEVELS[1][0] * LEVELS[1][1], POOLED),
        context_pooled=rand(BATCH, POOLED),
        instance_boxes=torch.tensor(BOXES).expand(BATCH, -1, -1),
        instance_mask=torch.ones(BATCH, OBJECTS, dtype=torch.bool),
        instance_labels=torch.tensor([0, 1, 2]).expand(BATCH, -1),
        instance_features=rand(BATCH, OBJECTS, MAPS),
        task_tokens=dict(glare=rand(BATCH, POOLED), haptic=rand(BATCH, POOLED)),
        frames=rand(BATCH, CLIP, 3, HEIGHT, WIDTH),
        frames_valid=torch.ones(BATCH, CLIP, dtype=torch.bool),
        clip_pyramid=tuple(rand(BATCH, CLIP, SAFETY, h, w) for h, w in LEVELS),
        temporal_pooled=rand(BATCH, POOLED),
        audio_pooled=rand(BATCH, POOLED),
        audio_valid=torch.ones(BATCH, dtype=torch.bool),
        audio_spatial=rand(BATCH, SPATIAL),
        user=torch.rand(BATCH, 8, generator=generator).to(dtype),
        viewer_condition=torch.rand(BATCH, 13, generator=generator).to(dtype),
    )
    bundle['objectness.logits'] = rand(BATCH, LOCATIONS, 1)
    bundle['classification.logits'] = rand(BATCH, LOCATIONS, 5)
    bundle['distance.logits'] = rand(BATCH, LOCATIONS, 3)
    bundle['urgency.logits'] = rand(BATCH, 4)
    bundle['text_detection.logits'] = rand(BATCH, 1, HEIGHT // 4, WIDTH // 4)
    bundle['text_detection.offsets'] = rand(BATCH, 8, HEIGHT // 4, WIDTH // 4) * 16
    if teach:
        samples = [toy_sample(seed) for seed in range(BATCH)]
        for name in ('text_quads', 'caption_ids'):
            bundle[name] = torch.stack([s.gt_tasks.get(name) for s in samples])
    return bundle


def toy_sample(
    seed: int = 0, size: tuple[int, int] = (HEIGHT, WIDTH), num_objects: int = OBJECTS
) -> TaskSample:
    """An image labelled for every head.

    Args:
        seed: Which labels.
        size: Height and width.
        num_objects: Objects, at most three.
    """
    generator = torch.Generator().manual_seed(seed)

    def share(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator)

    def choice(count: int, *shape: int) -> Tensor:
        return torch.randint(0, count, shape, generator=generator)

    height, width = size
    count = (num_objects,)
    sample = TaskSample(
        metainfo=dict(
            img_shape=size,
            ori_shape=size,
            pad_shape=size,
            batch_input_shape=size,
            scale_factor=(1.0, 1.0),
        )
    )
    sample.gt_instances = InstanceData(
        bboxes=torch.tensor(BOXES)[:num_objects].clamp(max=min(size)),
        labels=choice(NUM_CLASSES, *count),
        zones=choice(3, *count),
        urgencies=choice(4, *count),
        roi_priorities=share(*count),
        findabilities=share(*count),
        alerts=choice(2, *count),
        danger_alerts=choice(2, *count),
    )
    sample.gt_tasks = BaseDataElement(
        urgency=choice(4, 1),
        depth=share(1, height, width) * 20 + 1,
        contrast_map=share(1, height // 8, width // 8),
        flow=torch.tensor([2.0, -1])[:, None, None].expand(2, height, width).clone(),
        glare=share(1),
        lighting_label=choice(5, 1),
        navigation_difficulty=share(1),
        free_path=choice(2, 3).float(),
        head_obstacle=choice(2, 1).float(),
        fatigue=share(1),
        focus_depth_m=share(1) * 8 + 1,
        scene_contrast=share(1),
        text_regions=toy_text_regions(),
        text_quads=toy_quads(),
        text_ids=toy_text_ids('EXIT', 'stop', 'A1'),
        caption_ids=toy_caption('a car on the left'),
        relation_labels=choice(len(RELATIONS), *count, *count),
        sound_events=choice(2, 6).float(),
        sound_azimuth_deg=share(1) * 180 - 90,
        haptic_pattern=choice(10, 1),
        concepts=choice(2, len(CONCEPTS)).float(),
        scene_descriptor=share(32),
        condition_severity=share(13),
        user=share(8),
        hazard_within=torch.tensor([0.0, 0, 1, 1]),
        time_to_hazard_s=share(1) * 4 + 0.5,
    )
    return sample


def toy_quads() -> Tensor:
    """(3, 4, 2) float, one text below the other."""
    quad = torch.tensor([[4.0, 4], [44, 4], [44, 16], [4, 16]])
    return torch.stack([quad + torch.tensor([0.0, 16 * i]) for i in range(TEXTS)])


def toy_text_regions() -> Tensor:
    """(3, 9) float: the corners of ``toy_quads``, all legible."""
    return torch.cat([toy_quads().flatten(1), torch.ones(TEXTS, 1)], dim=1)


def toy_text_ids(*words: str) -> Tensor:
    """(3, 6) int64, -1 padded."""
    ids = torch.full((TEXTS, CHARACTERS), -1)
    for row, word in zip(ids, words, strict=False):
        row[: len(word)] = torch.tensor(encode(word))
    return ids


def toy_caption(text: str) -> Tensor:
    """(8,) int64, -1 padded."""
    words = [BOS, *VOCABULARY.encode(text)[0], EOS]
    return torch.tensor((words + [-1] * WORDS)[:WORDS])


def toy_t5_config(**heads: dict | None) -> dict:
    """Config of a detector with every part and head; ``heads`` changes some."""
    config = toy_config(channels=SAFETY)
    config['safety_pass'] |= dict(base_channels=16)
    config['data_preprocessor'] = dict(
        type='TaskDataPreprocessor',
        mean=[0.0] * 3,
        std=[255.0] * 3,
        pad_size_divisor=32,
        audio_length=AUDIO_SAMPLES,
    )
    config['context_stage'] = dict(
        context_pass=dict(
            type='ContextPass',
            channels=MAPS,
            pooled_channels=POOLED,
            attention=dict(num_blocks=1),
            hybrid=dict(
                depth=18,
                base_channels=16,
                vit=dict(image_size=64, embed_dims=32, depth=2, num_heads=2),
                link_blocks=(0, 1),
                dynamic_blocks=1,
                dynamic_kernels=2,
            ),
            temporal=dict(
                type='TemporalEncoder',
                num_layers=1,
                hidden_channels=8,
                embed_dims=16,
                num_heads=2,
                window=CLIP,
            ),
            audio=dict(
                type='AudioEncoder', token_channels=16, num_layers=1, num_heads=2
            ),
            audio_fusion=dict(
                type='AudioVisualFusion', num_heads=2, num_audio_tokens=2
            ),
            cross_task=dict(tasks=('glare', 'haptic'), num_layers=1, num_heads=2),
        ),
        instance_pooler=dict(type='InstancePooler', size=3),
        audio_features=dict(type='AudioFeatures'),
        heads=SMALL_HEADS | heads,
        max_objects=8,
    )
    return config


def build_toy_t5(**heads: dict | None):
    """Detector of ``toy_t5_config`` with the same weights at every call."""
    torch.manual_seed(0)
    model = _build(toy_t5_config(**heads))
    model.init_weights()
    return model


def build_toy_t0():
    """The safety part of ``toy_t5_config`` alone, with weights of its own."""
    config = toy_t5_config()
    del config['context_stage']
    return _build(config)


def _build(config: dict):
    # Also for fixtures of a module, which are made outside the tests' own scope.
    with DefaultScope.overwrite_default_scope('maxsight_mm'):
        return MODELS.build(config)


def toy_inputs(batch: int = BATCH, size: tuple[int, int] = (HEIGHT, WIDTH)) -> dict:
    """Batch as ``TaskDataPreprocessor`` gives it; the clip ends with the image."""
    generator = torch.Generator().manual_seed(3)
    frames = torch.rand(batch, CLIP, 3, *size, generator=generator)
    return dict(
        img=frames[:, -1].clone(),
        frames=frames,
        frames_valid=torch.ones(batch, CLIP, dtype=torch.bool),
        audio=torch.rand(batch, 2, AUDIO_SAMPLES, generator=generator) * 0.2 - 0.1,
        audio_valid=torch.ones(batch, dtype=torch.bool),
    )


def toy_samples(batch: int = BATCH, **kwargs) -> list[TaskSample]:
    return [toy_sample(seed, **kwargs) for seed in range(batch)]
