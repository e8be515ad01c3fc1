"""The context pass (stage B): features for all that is not a safety answer.

Tier 1 attends over the safety pyramid, which it reads detached; from tier 2 on a
hybrid backbone reads the images by itself; further tiers add clips, sound and a
token for each task. Every part is optional and adds to the features of the part
before it through a gate that starts at 0.1, so a tier starts near where the tier
below it ended.
"""

import inspect
from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule, ModuleList
from torch import Tensor, nn

from maxsight_mm.models.fusion.condition_film import ConditionFilm, modulate
from maxsight_mm.models.fusion.cross_layer_link import SigmoidScale
from maxsight_mm.models.losses.functional import connected_zero
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle

_STRIDES = (8, 16, 32)


@MODELS.register_module()
class ContextPass(BaseModule):
    """Safety pyramid, images and more -> features of the context heads.

    Args:
        safety_channels: Channels of each level of the safety pyramid.
        attention: Arguments of :class:`PyramidAttention`.
        channels: Channels of the maps.
        pooled_channels: Channels of tokens and pooled features.
        hybrid: Arguments of :class:`HybridCnnVit`.
        temporal: Config of a module ``(clip_pyramid, frames_valid) -> pooled``.
        audio: Config of a module ``(features) -> pooled``.
        audio_fusion: Config of a module ``(context_tokens, context_pooled,
            audio_pooled, audio_valid) -> addition`` to the pooled feature.
        cross_task: Arguments of :class:`CrossTaskAttention`.
        condition: Arguments of :class:`ConditionFilm`, which reads the optional
            feature ``viewer_condition`` (B, 13), severities in [0, 1].

    Raises:
        ValueError: If one of ``audio`` and ``audio_fusion`` is given alone.
    """

    def __init__(
        self,
        safety_channels: int,
        attention: dict,
        channels: int = 256,
        pooled_channels: int = 512,
        hybrid: dict | None = None,
        temporal: dict | None = None,
        audio: dict | None = None,
        audio_fusion: dict | None = None,
        cross_task: dict | None = None,
        condition: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if (audio is None) != (audio_fusion is None):
            raise ValueError('ContextPass: audio and audio_fusion go together')
        self.channels, self.pooled_channels = channels, pooled_channels
        widths = dict(channels=channels, pooled_channels=pooled_channels)
        self.attention = _build(
            'PyramidAttention', attention, in_channels=safety_channels, **widths
        )
        self.fine = FineMap(channels, from_images=hybrid is None)
        self.token_proj = nn.Linear(channels, pooled_channels)
        self.pool_proj = nn.Linear(2 * len(_STRIDES) * channels, pooled_channels)
        self.hybrid = _build('HybridCnnVit', hybrid, **widths)
        if self.hybrid is not None:
            self.level_proj = ModuleList(
                nn.Conv2d(channels, channels, 1) for _ in _STRIDES
            )
            self.level_gates = ModuleList(SigmoidScale() for _ in _STRIDES)
            self.token_gate, self.pooled_gate = SigmoidScale(), SigmoidScale()
        self.temporal = _build(None, temporal, in_channels=safety_channels, **widths)
        if self.temporal is not None:
            self.temporal_gate = SigmoidScale()
        self.audio = _build(None, audio, **widths)
        self.audio_fusion = _build(None, audio_fusion, **widths)
        self.cross_task = _build(
            'CrossTaskAttention', cross_task, embed_dims=pooled_channels
        )
        self.has_condition = condition is not None
        if condition is not None:
            self.map_film = ConditionFilm(channels, **condition)
            self.pooled_film = ConditionFilm(pooled_channels, **condition)
        # A tenth faster on a CPU, and what tensor cores want. Parts from elsewhere
        # keep theirs: a 3D convolution has no such format.
        for part in (self.attention, self.fine, self.hybrid):
            if part is not None:
                part.to(memory_format=torch.channels_last)

    @property
    def needs_clip(self) -> bool:
        """Whether ``clip_pyramid`` is read."""
        return self.temporal is not None

    @property
    def feature_channels(self) -> dict[str, int]:
        """Channels of the features that heads read."""
        maps, pooled = self.channels, self.pooled_channels
        return dict(
            images=3,
            context_fine=maps,
            context_pyramid=maps,
            context_tokens=pooled,
            context_pooled=pooled,
            instance_features=maps,
            temporal_pooled=pooled,
            audio_pooled=pooled,
        )

    def forward(self, features: FeatureBundle) -> None:
        """Add the context features to the bundle.

        Reads ``images``, ``pyramid`` and, where a part is configured and they are
        there, ``clip_pyramid`` with ``frames_valid``, keys of ``audio_``, and
        ``viewer_condition``. ``image_sizes`` (B, 2), height and width of each image in
        pixels, keep the padding of a batch out of ``context_pooled``. Adds
        ``context_fine``, ``context_pyramid``, ``context_tokens``, ``context_pooled``,
        and, with their parts and inputs, ``temporal_pooled``, ``audio_pooled``,
        ``task_tokens``
        (shapes: :class:`FeatureBundle`); a part without its inputs adds nothing.

        Raises:
            ValueError: If the safety pyramid has not three levels.
        """
        images = features['images'].contiguous(memory_format=torch.channels_last)
        levels = self.attention([level.detach() for level in features['pyramid']])
        sizes = features.get('image_sizes')
        if self.hybrid is None:
            fine = self.fine(images, levels[0])
            tokens, pooled = self._summary(levels, sizes)
        else:
            seen = self.hybrid(images)
            levels = tuple(
                level + gate() * proj(own)
                for level, gate, proj, own in zip(
                    levels,
                    self.level_gates,
                    self.level_proj,
                    seen.pyramid[1:],
                    strict=True,
                )
            )
            fine = self.fine(seen.pyramid[0], levels[0])
            tokens, pooled = self._summary(levels, sizes)
            tokens = tokens + self.token_gate() * seen.tokens
            pooled = pooled + self.pooled_gate() * seen.pooled
        pooled = pooled + self._temporal(features)
        pooled = pooled + self._sound(features, tokens, pooled)
        severity = features.get('viewer_condition')
        if self.has_condition and severity is not None:
            film = self.map_film(severity)
            fine = modulate(fine, *film)
            levels = tuple(modulate(level, *film) for level in levels)
            film = self.pooled_film(severity)
            tokens, pooled = modulate(tokens, *film), modulate(pooled, *film)
        features['context_fine'] = fine
        features['context_pyramid'] = levels
        features['context_tokens'] = tokens
        features['context_pooled'] = pooled
        if self.cross_task is not None:
            features['task_tokens'] = self.cross_task(tokens)

    def _summary(
        self, levels: tuple[Tensor, ...], sizes: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Tokens (B, L, D) of the stride-16 level, and pooled (B, D) of all."""
        # (B, C, H, W) -> (B, L, C)
        tokens = self.token_proj(levels[1].flatten(2).transpose(1, 2))
        pools = [_pool(x, s, sizes) for x, s in zip(levels, _STRIDES, strict=True)]
        means, peaks = zip(*pools, strict=True)
        return tokens, self.pool_proj(torch.cat(means + peaks, dim=1))

    def _temporal(self, features: FeatureBundle) -> Tensor | float:
        """Adds the clip's feature; returns what it adds to the pooled one."""
        if self.temporal is None:
            return 0.0
        if 'clip_pyramid' not in features:
            return connected_zero(_parameters(self.temporal, self.temporal_gate))
        clip = tuple(level.detach() for level in features['clip_pyramid'])
        pooled = self.temporal(clip, features['frames_valid'])
        features['temporal_pooled'] = pooled
        return self.temporal_gate() * pooled

    def _sound(
        self, features: FeatureBundle, tokens: Tensor, pooled: Tensor
    ) -> Tensor | float:
        """Adds the sound's feature; returns what it adds to the pooled one."""
        if self.audio is None:
            return 0.0
        if not any(key.startswith('audio_') for key in features):
            return connected_zero(_parameters(self.audio, self.audio_fusion))
        heard = self.audio(features)
        features['audio_pooled'] = heard
        valid = features.get('audio_valid')
        if valid is None:
            return 0.0
        return self.audio_fusion(tokens, pooled, heard, valid)


class FineMap(BaseModule):
    """A map at stride 4: what is fine, plus the stride-8 level brought up to it.

    Args:
        channels: Channels of the map and of the level.
        from_images: Whether the fine part is a small stem on the images, or a map of
            ``channels`` at stride 4.
    """

    def __init__(self, channels: int, from_images: bool) -> None:
        super().__init__()
        norm_cfg = dict(type='BN')
        self.stem = nn.Sequential()
        if from_images:
            self.stem = nn.Sequential(
                ConvModule(3, 32, 3, stride=2, padding=1, norm_cfg=norm_cfg),
                ConvModule(32, 64, 3, stride=2, padding=1, norm_cfg=norm_cfg),
            )
        self.detail = nn.Conv2d(64 if from_images else channels, channels, 1)
        self.lateral = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, source: Tensor, level: Tensor) -> Tensor:
        """(B, 3, H, W) images or (B, C, h, w), and (B, C, h/2, w/2) -> (B, C, h, w)."""
        detail = self.detail(self.stem(source))
        coarse = F.interpolate(
            self.lateral(level),
            size=detail.shape[-2:],
            mode='bilinear',
            align_corners=False,
        )
        return self.activation(self.norm(detail + coarse))


def _pool(level: Tensor, stride: int, sizes: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean and maximum (B, C) of (B, C, H, W), inside (B, 2) sizes in pixels."""
    if sizes is None:
        return level.mean(dim=(2, 3)), level.amax(dim=(2, 3))
    rows, columns = (
        torch.arange(side, device=level.device) * stride for side in level.shape[2:]
    )
    # (2, B, 1)
    height, width = sizes.T.unsqueeze(-1)
    inside = (rows < height)[:, None, :, None] & (columns < width)[:, None, None]
    peak = level.masked_fill(~inside, float('-inf')).amax(dim=(2, 3))
    mean = (level.float() * inside).sum(dim=(2, 3)) / inside.sum(dim=(2, 3))
    return mean.to(peak), peak


def _parameters(*parts: nn.Module) -> list[nn.Parameter]:
    return [parameter for part in parts for parameter in part.parameters()]


def _build(kind: str | None, config: dict | None, **defaults: int) -> Any:
    """Module of a config; of the defaults it gets those it knows and was not given."""
    if config is None:
        return None
    config = dict(config)
    config.setdefault('type', kind)
    module = MODELS.get(config['type'])
    if module is not None:
        known = inspect.signature(module).parameters
        config = {k: v for k, v in defaults.items() if k in known} | config
    return MODELS.build(config)
