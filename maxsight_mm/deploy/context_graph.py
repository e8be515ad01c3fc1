"""A whole tier as one module of tensors: safety answers, context answers and memory.

One frame and what is remembered go in, all answers and what is to be remembered come
out, so that a stream costs one frame's work a frame. Zeros are an empty memory. The
safety answers are computed by the modules of :class:`SafetyGraph` and from the image
alone; a memory that holds nan cannot reach them (our design).
"""

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from maxsight_mm.models.detectors import MaxSightDetector
from maxsight_mm.models.temporal import (
    AttentionMemory,
    TemporalEncoder,
    TemporalState,
)
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.conditions import CONDITIONS
from maxsight_mm.taxonomy.preferences import PREFERENCES

from .safety_graph import Detections, SafetyGraph

# What has no static form, by task, and what to do instead.
LEFT_OUT = {
    'text_recognition': (
        'reads as many crops as there are texts: text_detection gives the maps, '
        'reading them stays with PyTorch'
    ),
    'scene_description': (
        'speaks word by word until it ends: describe with PyTorch or from the answers'
    ),
}
# Tasks whose answers are lists of any length: their maps are the answer.
AS_MAPS = ('text_detection',)
AUDIO_INPUTS = ('audio_frames', 'audio_mfcc', 'audio_spatial', 'audio_valid')
AVAILABLE = 'context_available'
NEXT = 'next_'


class ContextGraph(nn.Module):
    """Tensors by name in, tensors by name out.

    Inputs are ``input`` (1, 3, H, W) float, normalised; ``user`` (1, 8) and
    ``viewer_condition`` (1, 13) where they are read, zeros being neutral; the four of
    ``AudioFeatures`` where the tier hears; and the memory, see :attr:`memory_names`.

    Outputs are the fields of :class:`Detections`; ``context_available`` (1,) bool,
    without which no context answer means anything; ``<task>_<answer>`` of every
    context head, one row for each of the first ``max_objects`` detections where it
    answers for objects (0 or -1 as padding); and the memory under ``next_<name>``.

    Args:
        detector: A tier with a context stage; it is not changed.

    Attributes:
        left_out: Why a task has no answer here, by task.

    Raises:
        ValueError: If there is no context stage, or a safety head is missing.
    """

    def __init__(self, detector: MaxSightDetector) -> None:
        super().__init__()
        if detector.context_stage is None:
            raise ValueError(
                'the model has no context stage: export its detections instead'
            )
        own: Any = deepcopy(detector).eval()
        self.safety = SafetyGraph(own)
        self.stage = own.context_stage
        self.left_out = {
            head.task: LEFT_OUT[head.task]
            for head in self.stage.heads
            if head.task in LEFT_OUT
        }
        for name, head in list(self.stage.heads.heads.items()):
            if head.task in self.left_out:
                del self.stage.heads.heads[name]
        self.temporal: TemporalEncoder | None = self.stage.context_pass.temporal
        if self.temporal is not None:
            self.stage.context_pass.temporal = _Known()
        self.compares_frames = 'frames' in self.stage.reads
        self.max_objects = min(self.stage.max_objects, own.decoder.max_per_img)

    @property
    def memory_names(self) -> tuple[str, ...]:
        """Inputs that the outputs ``next_<name>`` of the frame before fill."""
        names: tuple[str, ...] = ()
        if self.compares_frames:
            names += ('previous_frame',)
        if self.temporal is not None:
            layers = range(len(self.temporal.timesformer.layers))
            names += ('lstm_hidden', 'lstm_cell')
            names += tuple(f'{kind}_{i}' for i in layers for kind in ('keys', 'values'))
        return ('frames_seen', *names) if names else ()

    def example_inputs(self, size: tuple[int, int]) -> dict[str, Tensor]:
        """Noise as the first frame of a stream, the memory empty.

        Args:
            size: (H, W) of the frames in pixels.
        """
        generator = torch.Generator().manual_seed(0)
        inputs = dict(input=torch.randn(1, 3, *size, generator=generator))
        if 'user' in self.stage.reads:
            inputs['user'] = torch.zeros(1, len(PREFERENCES))
        if self.stage.context_pass.has_condition:
            inputs['viewer_condition'] = torch.zeros(1, len(CONDITIONS))
        if self.stage.audio_features is not None:
            second = torch.zeros(1, 2, self.stage.audio_features.sample_rate_hz)
            inputs |= self.stage.audio_features(second)
        return inputs | self._empty_memory(inputs['input'])

    @torch.no_grad()
    def _empty_memory(self, image: Tensor) -> dict[str, Tensor]:
        if not self.memory_names:
            return {}
        memory = dict(frames_seen=torch.zeros(1, dtype=torch.int64))
        if self.compares_frames:
            memory['previous_frame'] = torch.zeros_like(image)
        if self.temporal is not None:
            level = self.safety.scores.safety_pass.extract_pyramid(image)[1]
            _, state = self.temporal.step(level)
            flat = _flat_memory(state)
            memory |= {name: torch.zeros_like(value) for name, value in flat.items()}
        return memory

    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        images = inputs['input']
        features, found = self.safety.scores.features_and_scores(images)
        detections = self.safety.decide(found, images)
        bundle = FeatureBundle(features)
        bundle['images'] = images
        memory = self._remember(bundle, inputs)
        for name in ('user', 'viewer_condition', *AUDIO_INPUTS):
            if name in inputs:
                bundle[name] = inputs[name]
        self.stage.context_pass(bundle)
        there = self._add_objects(bundle, detections)
        outputs = self.stage.heads(bundle)
        numbers = [x for task in outputs.values() for x in task.values()]
        finite = [x.isfinite().all() for x in numbers if x.is_floating_point()]
        answers = detections._asdict()
        answers[AVAILABLE] = torch.stack(finite).all().reshape(1)
        answers |= self._answers(outputs, there)
        return answers | {f'{NEXT}{name}': value for name, value in memory.items()}

    def _remember(
        self, bundle: FeatureBundle, inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Adds what the memory says of this frame; returns the new memory."""
        if not self.memory_names:
            return {}
        seen = inputs['frames_seen']
        memory = dict(frames_seen=seen + 1)
        if self.compares_frames:
            image = bundle['images']
            # A first frame has not moved.
            before = torch.where(seen > 0, inputs['previous_frame'], image)
            bundle['frames'] = torch.stack([before, image], dim=1)
            memory['previous_frame'] = image
        if self.temporal is not None:
            state = _state_of(inputs, len(self.temporal.timesformer.layers))
            pooled, state = self.temporal.step(bundle['pyramid'][1], state)
            bundle['clip_pyramid'], bundle['frames_valid'] = (pooled,), None
            memory |= _flat_memory(state)
        return memory

    def _add_objects(self, bundle: FeatureBundle, detections: Detections) -> Tensor:
        """Adds the best detections as objects; (1, M) bool, where there is one."""
        labels = detections.labels[:, : self.max_objects]
        there = labels >= 0
        if self.stage.instance_pooler is not None:
            boxes = detections.dets[:, : self.max_objects, :4]
            bundle['instance_boxes'], bundle['instance_mask'] = boxes, there
            bundle['instance_labels'] = labels.clamp(min=0)
            bundle['instance_features'] = self.stage.instance_pooler(
                bundle['context_pyramid'],
                boxes,
                there,
                tuple(bundle['images'].shape[-2:]),
                bundle['instance_labels'],
            )
        return there

    def _answers(self, outputs: dict, there: Tensor) -> dict[str, Tensor]:
        answers = {}
        for head in self.stage.heads:
            if head.task not in outputs:
                continue
            own = outputs[head.task]
            if head.task not in AS_MAPS:
                own = head.predict(own)
            objects = tuple(head.outputs.values())[0].count('M')
            for key, value in own.items():
                answers[f'{head.task}_{key}'] = _of_objects(value, there, objects)
        return answers


class _Known(nn.Module):
    """Stands where the clip's encoder stood: its answer is known already."""

    def forward(self, clip: tuple[Tensor, ...], valid: Any) -> Tensor:
        return clip[0]


def _state_of(inputs: dict[str, Tensor], num_layers: int) -> TemporalState:
    attention = AttentionMemory(
        tuple(inputs[f'keys_{i}'] for i in range(num_layers)),
        tuple(inputs[f'values_{i}'] for i in range(num_layers)),
        inputs['frames_seen'].reshape(()),
    )
    return TemporalState((inputs['lstm_hidden'], inputs['lstm_cell']), attention)


def _flat_memory(state: TemporalState) -> dict[str, Tensor]:
    memory = dict(zip(('lstm_hidden', 'lstm_cell'), state.lstm, strict=True))
    for index, pair in enumerate(
        zip(state.attention.keys, state.attention.values, strict=True)
    ):
        memory[f'keys_{index}'], memory[f'values_{index}'] = pair
    return memory


def _of_objects(value: Tensor, there: Tensor, sides: int) -> Tensor:
    """The answer with its padding marked; ``sides`` of it count objects."""
    if not sides:
        return value
    real = there if sides == 1 else there[:, :, None] & there[:, None]
    real = real.reshape(*real.shape, *[1] * (value.ndim - real.ndim))
    padding = torch.full_like(value, 0 if value.is_floating_point() else -1)
    return torch.where(real, value, padding)
