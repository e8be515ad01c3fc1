"""What is written there: a CRNN (arXiv 1507.05717) with CTC on straightened crops.

Differs from the paper: GRU in place of LSTM; group norm in place of batch norm, since
the crops of a batch are few and jittered; each crop is brought to mean 0 and
variance 1, since signs stand in shade and in light; and each step's features also
go straight to the characters. Without that way past the recurrent layers, CTC stays
for long where it reads ``STP`` for ``STOP``: with 500 steps of 16 crops of the
street world, 0.5 of the characters were wrong in place of 0.1.
"""

import torch
import torch.nn.functional as F
from mmcv.cnn import ConvModule
from torch import Tensor, nn

from maxsight_mm.models.heads import BaseHead
from maxsight_mm.models.losses.functional import connected_zero
from maxsight_mm.models.task_modules.quad_crops import quad_crops
from maxsight_mm.models.task_modules.text_decoder import TextDecoder
from maxsight_mm.models.task_modules.text_quads import grow_quads, quad_heights
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle
from maxsight_mm.taxonomy.characters import BLANK, LOWER, NUM_CHARACTERS, collapse

CROP_SIZE = (32, 128)
# A crop is read in steps of four pixels.
NUM_STEPS = CROP_SIZE[1] // 4
# Of the normalised image; keeps the noise of an even crop from becoming letters.
_MIN_SPREAD = 0.05


@MODELS.register_module()
class TextRecognitionHead(BaseHead):
    """Characters of the texts of an image.

    Reads the quads of the bundle's ``text_quads`` (B, M, 4, 2) pixels, nan for
    none, where it has them: the labelled ones. Else those that ``text_detection``
    finds, in its order, so that the answers of the two heads belong together.

    Targets: ``text_ids`` (B, M, S) int64 indices of ``taxonomy.characters``, padded
    with -1, and ``text_quads``, which must be labelled with them.

    Args:
        in_channels: Channels of the image.
        channels: Width of the first convolution; the last have eight times as
            many. 64 makes 9.8 million parameters with ``hidden_channels`` 384.
        hidden_channels: Width of each direction of the recurrent layers.
        num_layers: Recurrent layers.
        margin: What a crop shows around its quad, in heights of the letters.
        jitter: Most that a corner is moved in training, in heights of the letters.
        case_sensitive: Whether capitals are told from small letters; if not, all
            answers are in small letters.
        decoder: Settings of :class:`TextDecoder`; give the detection head the same.
        loss_weight: Factor on the loss.
    """

    task = 'text_recognition'
    criticality = 'enhancement'
    inputs = ('images', 'text_detection.logits', 'text_detection.offsets')
    targets = ('text_ids', 'text_quads')
    teacher_keys = ('text_quads',)

    def __init__(
        self,
        in_channels: int = 3,
        channels: int = 64,
        hidden_channels: int = 384,
        num_layers: int = 2,
        margin: float = 0.15,
        jitter: float = 0.1,
        case_sensitive: bool = True,
        decoder: dict | None = None,
        loss_weight: float = 0.4,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(loss_weight, init_cfg)
        self.margin = margin
        self.jitter = jitter
        self.case_sensitive = case_sensitive
        self.decoder = TextDecoder(**(decoder or {}))
        self.convs = _conv_stack(in_channels, channels)
        self.recurrent = nn.GRU(
            8 * channels,
            hidden_channels,
            num_layers,
            batch_first=True,
            bidirectional=True,
        )
        self.predictor = nn.Linear(2 * hidden_channels, NUM_CHARACTERS)
        self.direct = nn.Linear(8 * channels, NUM_CHARACTERS, bias=False)
        self.lower: Tensor
        self.register_buffer('lower', torch.tensor(LOWER), persistent=False)

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {
            'logits': ('B', 'M', NUM_STEPS, NUM_CHARACTERS),
            'present': ('B', 'M'),
        }

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        """``present``: bool, whether there is a text; logits are 0 where not."""
        images, *detection = (features[name].detach() for name in self.inputs)
        quads = features.get('text_quads')
        if quads is None:
            quads = self._found(*detection)
        present = quads.isfinite().all(-1).all(-1)
        logits = images.new_zeros(*present.shape, NUM_STEPS, NUM_CHARACTERS)
        if present.any():
            image_of = present.nonzero()[:, 0]
            read = self._read(images[image_of], quads[present])
            logits = logits.to(read.dtype).index_put((present,), read)
        else:
            # Keeps every parameter in the graph.
            logits = logits + connected_zero(self.parameters())
        return {'logits': logits, 'present': present}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """CTC over the present texts; a text longer than its steps costs nothing."""
        ids = targets['text_ids']
        taught = (ids >= 0).any(-1) & outputs['present']
        zero = connected_zero([outputs['logits']])
        if not taught.any():
            return {'loss_text_recognition': zero}
        # (K, M, S, C) -> (n, S, C) -> (S, n, C)
        log_probs = outputs['logits'][taught].float().log_softmax(-1).transpose(0, 1)
        ids = ids[taught]
        lengths = (ids >= 0).sum(-1)
        ids = ids.clamp(min=0)
        if not self.case_sensitive:
            ids = self.lower[ids]
        steps = torch.full_like(lengths, NUM_STEPS)
        loss = F.ctc_loss(
            log_probs, ids, steps, lengths, blank=BLANK, zero_infinity=True
        )
        return {'loss_text_recognition': loss + zero}

    def predict(self, outputs) -> dict[str, list[list[str]]]:
        """``texts``: for each image the words in its texts, the best path of each."""
        paths = outputs['logits'].argmax(-1)
        return {
            'texts': [
                [collapse(path) for path in of_image[present].tolist()]
                for of_image, present in zip(paths, outputs['present'], strict=True)
            ]
        }

    def _found(self, logits: Tensor, offsets: Tensor) -> Tensor:
        """(B, M, 4, 2) decoded quads, nan for none."""
        most = self.decoder.max_texts
        quads = offsets.new_full((len(logits), most, 4, 2), float('nan')).float()
        for row, (found, _) in zip(quads, self.decoder(logits, offsets), strict=True):
            row[: len(found)] = found
        return quads

    def _read(self, images: Tensor, quads: Tensor) -> Tensor:
        """(n, S, C) logits of one quad (n, 4, 2) of each image (n, 3, H, W)."""
        quads = grow_quads(quads, self.margin)
        if self.training and self.jitter:
            away = torch.rand_like(quads) * 2 - 1
            quads = quads + away * self.jitter * quad_heights(quads)[:, None, None]
        return self._characters(quad_crops(images, quads, CROP_SIZE))

    def _characters(self, crops: Tensor) -> Tensor:
        mean, spread = crops.mean((1, 2, 3)), crops.std((1, 2, 3))
        crops = (crops - mean[:, None, None, None]) / (
            spread[:, None, None, None] + _MIN_SPREAD
        )
        steps = (
            self.convs(crops).squeeze(2).transpose(1, 2)
        )  # (n, 8c, 1, S) -> (n, S, 8c)
        return self.predictor(self.recurrent(steps)[0]) + self.direct(steps)


def _conv_stack(in_channels: int, channels: int) -> nn.Sequential:
    """(n, in_channels, 32, 4 S) -> (n, 8 * channels, 1, S)."""

    def conv(before: int, after: int, **kwargs) -> ConvModule:
        kwargs = dict(kernel_size=3, padding=1) | kwargs
        norm_cfg = dict(type='GN', num_groups=min(8, after))
        return ConvModule(before, after, norm_cfg=norm_cfg, **kwargs)

    c = channels
    return nn.Sequential(
        conv(in_channels, c),
        nn.MaxPool2d(2),
        conv(c, 2 * c),
        nn.MaxPool2d(2),
        conv(2 * c, 4 * c),
        conv(4 * c, 4 * c),
        nn.MaxPool2d((2, 1)),
        conv(4 * c, 8 * c),
        conv(8 * c, 8 * c),
        nn.MaxPool2d((2, 1)),
        conv(8 * c, 8 * c, kernel_size=(2, 1), padding=0),
    )
