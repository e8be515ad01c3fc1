"""Base of the heads that answer with a sequence of words."""

from abc import abstractmethod
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from maxsight_mm.structures import FeatureBundle

from .base_head import BaseHead
from .token_decoder import TokenDecoder


class SequenceHead(BaseHead):
    """A :class:`TokenDecoder` over what ``memory`` gives, output ``logits``.

    In training the words before are those of the label, the first target (teacher
    forcing); in evaluation the most likely ones so far. Both give the logits of
    ``max_length - 1`` words, those after ``<bos>``. After an end of its own a sequence
    goes on, and is cut in ``predict``.

    Args:
        num_words: Words of the vocabulary.
        bos: Index of the word that begins a sequence.
        eos: Index of the word that ends one.
        never_said: Indices that are never an answer.
        max_length: Words of the labels, ``<bos>`` included.
        decoder: Settings of :class:`TokenDecoder`.
        loss_weight: Factor on the loss.
    """

    inputs: ClassVar[tuple[str, ...]] = ('context_tokens',)

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        if 'targets' in vars(cls):
            cls.teacher_keys = cls.targets[:1]

    def __init__(
        self,
        num_words: int,
        bos: int,
        eos: int,
        never_said: tuple[int, ...] = (),
        max_length: int = 64,
        decoder: dict | None = None,
        loss_weight: float = 1.0,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(loss_weight, init_cfg)
        self.num_words = num_words
        self.bos = bos
        self.eos = eos
        self.max_length = max_length
        self.decoder = TokenDecoder(num_words, max_length - 1, **(decoder or {}))
        allowed = torch.ones(num_words, dtype=torch.bool)
        allowed[list(never_said)] = False
        self.allowed: Tensor
        self.register_buffer('allowed', allowed, persistent=False)

    @abstractmethod
    def memory(self, features: FeatureBundle) -> tuple[Tensor, Tensor | None]:
        """(B, L, C) what is talked about, and (B, L) bool, false for padding."""

    @property
    def outputs(self) -> dict[str, tuple[str | int, ...]]:
        return {'logits': ('B', self.max_length - 1, self.num_words)}

    def forward(self, features: FeatureBundle) -> dict[str, Tensor]:
        memory, mask = self.memory(features)
        if not self.training:
            return {'logits': self._greedy(memory, mask)}
        ids = features.get(self.targets[0])
        if ids is None:  # a batch without labels costs nothing, whatever it says
            size = (len(memory), self.max_length)
            ids = torch.full(size, self.bos, device=memory.device)
        elif ids.shape[1] != self.max_length:
            raise ValueError(
                f'{self.task}: {self.targets[0]} must have {self.max_length} words '
                f'(max_length), got {ids.shape[1]}'
            )
        said = torch.where(ids[:, :-1] < 0, self.eos, ids[:, :-1])
        return {'logits': self.decoder(said, memory, mask)}

    def loss(self, outputs, targets) -> dict[str, Tensor]:
        """Cross entropy of (K, S - 1, V) logits and (K, S) labels but their first."""
        logits = outputs['logits'].float().flatten(0, 1)
        wanted = targets[self.targets[0]][:, 1:].flatten()
        cost = F.cross_entropy(logits, wanted, ignore_index=-1, reduction='sum')
        return {f'loss_{self.task}': cost / (wanted >= 0).sum().clamp(min=1)}

    def choose(self, logits: Tensor) -> Tensor:
        """(...) int64 most likely words by (..., V) logits that can be said."""
        return logits.float().masked_fill(~self.allowed, float('-inf')).argmax(-1)

    def _greedy(self, memory: Tensor, mask: Tensor | None) -> Tensor:
        """(B, max_length - 1, V) logits of the most likely words one by one."""
        state = self.decoder.start(memory, mask)
        word = torch.full((len(memory),), self.bos, device=memory.device)
        ended = torch.zeros_like(word, dtype=torch.bool)
        steps: list[Tensor] = []
        while len(steps) < self.max_length - 1:
            logits = self.decoder.step(word, state)
            steps.append(logits)
            word = self.choose(logits)
            ended |= word == self.eos
            if ended.all():
                # Nothing behind the end is read.
                rest = self.max_length - 1 - len(steps)
                steps += [torch.zeros_like(logits)] * rest
        return torch.stack(steps, 1)
