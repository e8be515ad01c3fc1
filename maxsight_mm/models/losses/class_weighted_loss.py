"""What losses with class weights share: weights given, or by a policy from the data."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from .functional import FREQUENCY_POLICIES, class_weight_tensor, class_weights

ClassWeight = str | Sequence[float] | Mapping[str, Any] | None


class ClassWeightedLoss(nn.Module):
    """Base of losses that take ``class_weight``.

    Args:
        class_weight: One number a class; or the name of a policy
            (:func:`~.functional.class_weights`), or ``dict(policy=..., cap=...)`` with
            its options. A policy is worked out when :class:`ClassWeightHook` gives the
            counts of the training data, before training.
        reduction: ``none``, ``mean`` or ``sum``. A mean divides by the number of
            examples, not by the sum of their weights.
        loss_weight: Factor on the result.

    Attributes:
        class_weight: (K,) float32, or ``None`` without weights. Not saved in
            checkpoints: it is a setting of the training.

    Raises:
        ValueError: If a number is not finite or negative.
    """

    class_weight: Tensor | None

    def __init__(
        self,
        class_weight: ClassWeight = None,
        reduction: str = 'mean',
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.reduction = reduction
        self.loss_weight = loss_weight
        self.policy: dict[str, Any] | None = None
        weight = None
        if isinstance(class_weight, str):
            self.policy = dict(policy=class_weight)
        elif isinstance(class_weight, Mapping):
            self.policy = dict(class_weight)
        elif class_weight is not None:
            weight = class_weight_tensor(
                list(class_weight), len(class_weight), type(self).__name__
            )
        if self.policy is not None and 'policy' not in self.policy:
            raise ValueError(f'class_weight has no policy: {self.policy}')
        self.register_buffer('class_weight', weight, persistent=False)

    @property
    def by_frequency(self) -> bool:
        """Whether the weights make up for classes that are seen less often."""
        return self.policy is not None and self.policy['policy'] in FREQUENCY_POLICIES

    def set_class_counts(
        self, counts: Sequence[int], names: Sequence[str]
    ) -> list[float]:
        """Work the policy out.

        Args:
            counts: (K,) examples a class in the training data.
            names: (K,) names of the classes.

        Returns:
            (K,) weights.

        Raises:
            ValueError: As :func:`~.functional.class_weights`.
        """
        assert self.policy is not None
        weights = class_weights(counts=counts, names=list(names), **self.policy)
        device = next((b.device for b in self.buffers()), None)
        self.class_weight = torch.tensor(weights, dtype=torch.float32, device=device)
        return weights.tolist()

    def weight_of(self, num_classes: int, num_extra: int = 0) -> Tensor | None:
        """(K + extra,) weights for logits of K classes, those of extra ones are 1.

        Raises:
            ValueError: If they are not K, or a policy was given and not worked out.
        """
        if self.class_weight is None:
            if self.policy is not None:
                raise ValueError(
                    f'{type(self).__name__}: class_weight {self.policy["policy"]!r} '
                    "needs the counts of the data: add dict(type='ClassWeightHook') "
                    'to custom_hooks'
                )
            return None
        weight = self.class_weight
        if len(weight) == num_classes - num_extra and num_extra:
            return torch.cat([weight, weight.new_ones(num_extra)])
        if len(weight) != num_classes:
            raise ValueError(
                f'{type(self).__name__}: class_weight must hold {num_classes} numbers, '
                f'got {len(weight)}'
            )
        return weight
