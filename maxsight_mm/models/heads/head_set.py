"""All heads of a pass: routing, unlabelled samples, weights, broken losses."""

import inspect
from collections.abc import Mapping, Sequence

import torch
from mmengine.model import BaseModule, ModuleDict
from torch import Tensor

from maxsight_mm.models.losses.functional import connected_zero
from maxsight_mm.registry import MODELS
from maxsight_mm.structures import FeatureBundle, Target
from maxsight_mm.taxonomy import nearest_names

from .base_head import BaseHead

Outputs = dict[str, dict[str, Tensor]]


class NonFiniteLossError(FloatingPointError):
    """A loss is not a finite number; the message names the task."""


@MODELS.register_module()
class HeadSet(BaseModule):
    """Named heads over one :class:`FeatureBundle`.

    Args:
        heads: Head configs by name. A child config adds, changes or drops one by
            its name; ``None`` drops it. Heads run in the order in which their
            inputs become available.
        feature_channels: Channels of each feature; a head that is given no
            ``in_channels`` takes those of the first feature it reads.
        may_lack_inputs: Leave a head out of a batch that lacks a feature it reads
            (no clip, no sound) in place of failing.

    Raises:
        ValueError: If a head has no type, two heads share a task or a loss name, a
            loss name does not start with ``loss_<task>``, or a head reads the
            output of a head that is not in the set or that reads its own.
    """

    def __init__(
        self,
        heads: Mapping[str, dict | None],
        feature_channels: Mapping[str, int] | None = None,
        may_lack_inputs: bool = False,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.may_lack_inputs = may_lack_inputs
        built = {
            name: MODELS.build(_with_channels(name, config, feature_channels or {}))
            for name, config in heads.items()
            if config is not None
        }
        _check_dropped([name for name in heads if name not in built], built)
        tasks = [head.task for head in built.values()]
        names = [name for head in built.values() for name in head.loss_names]
        twice = sorted({x for x in tasks + names if (tasks + names).count(x) > 1})
        if twice:
            raise ValueError(f'two heads share a task or loss: {", ".join(twice)}')
        for head in built.values():
            if not all(n.startswith(f'loss_{head.task}') for n in head.loss_names):
                raise ValueError(f'{head.task}: bad loss names {head.loss_names}')
        self.heads = ModuleDict(
            {name: built[name] for name in _in_running_order(built)}
        )

    def __iter__(self):
        return iter(self.heads.values())

    def forward(self, features: FeatureBundle) -> Outputs:
        """Run every head; outputs are also added to ``features``.

        Returns:
            Outputs by task, each a dict of the head's declared outputs.
        """
        outputs: Outputs = {}
        for head in self:
            if self.may_lack_inputs and any(k not in features for k in head.inputs):
                continue
            outputs[head.task] = head(features)
            for name, value in outputs[head.task].items():
                features[f'{head.task}.{name}'] = value
        return outputs

    def loss(self, outputs: Outputs, targets: Mapping[str, Target]) -> dict:
        """Weighted losses of all heads.

        A head whose targets are missing, or labelled nowhere in the batch, costs
        a zero that stays connected to the graph. A place counts where all targets of
        its head are labelled, or any of them for a head with ``each_target_counts``.

        Args:
            outputs: What :meth:`forward` returned.
            targets: Targets by name.

        Returns:
            Scalar losses by name.

        Raises:
            NonFiniteLossError: If a loss is nan or infinite.
        """
        losses: dict[str, Tensor] = {}
        for head in self:
            own = self._head_losses(head, outputs, targets)
            for name in head.loss_names:
                losses[name] = own[name] * head.loss_weight
        _raise_if_not_finite(losses)
        return losses

    @staticmethod
    def _head_losses(
        head: BaseHead, outputs: Outputs, targets: Mapping[str, Target]
    ) -> dict[str, Tensor]:
        if head.task not in outputs:
            return dict.fromkeys(head.loss_names, connected_zero(head.parameters()))
        own = outputs[head.task]
        wanted = {name: targets[name] for name in head.targets if name in targets}
        if head.each_target_counts and wanted:
            wanted = _with_unknown(wanted, head.targets)
        if len(wanted) == len(head.targets):
            valid = torch.stack([t.valid for t in wanted.values()])
            valid = valid.any(0) if head.each_target_counts else valid.all(0)
            if valid.any():
                return head.loss(
                    {name: value[valid] for name, value in own.items()},
                    {name: target.values[valid] for name, target in wanted.items()},
                )
        return dict.fromkeys(head.loss_names, connected_zero(own.values()))

    def predict(self, outputs: Outputs) -> Outputs:
        """Answers of every head, by task."""
        return {
            head.task: head.predict(outputs[head.task])
            for head in self
            if head.task in outputs
        }


def _with_unknown(wanted: dict[str, Target], names: Sequence[str]) -> dict[str, Target]:
    """The targets in the order of ``names``, nan for those that nobody labelled."""
    like = next(iter(wanted.values()))
    unknown = Target(
        torch.full_like(like.valid, torch.nan, dtype=torch.float32),
        torch.zeros_like(like.valid),
    )
    return {name: wanted.get(name, unknown) for name in names}


def _check_dropped(dropped: Sequence[str], heads: Mapping[str, BaseHead]) -> None:
    """A dropped name that is nearly that of a head drops nothing.

    Raises:
        ValueError: If there is one.
    """
    tasks = {
        kind.task
        for kind in MODELS.module_dict.values()
        if inspect.isclass(kind) and issubclass(kind, BaseHead)
    }
    for name in dropped:
        near = nearest_names(name, heads, 1)
        if near and name not in tasks:
            raise ValueError(f'no head {name!r} to drop; did you mean {near[0]!r}?')


def _with_channels(
    name: str, config: dict, feature_channels: Mapping[str, int]
) -> dict:
    if 'type' not in config:
        raise ValueError(
            f'head {name!r} has no type; to change a head of the base config, write '
            'its name as it stands there'
        )
    head = MODELS.get(config['type'])
    if head is None or 'in_channels' in config:
        return config
    channels = feature_channels.get(head.inputs[0])
    return config if channels is None else dict(config, in_channels=channels)


def _in_running_order(heads: Mapping[str, BaseHead]) -> list[str]:
    """Names ordered so that a head follows those whose outputs it reads."""
    owners = {head.task: name for name, head in heads.items()}
    order: list[str] = []
    waiting = list(heads)
    while waiting:
        ready = [
            name
            for name in waiting
            if all(
                owners.get(key.split('.')[0]) in order
                for key in heads[name].inputs
                if '.' in key
            )
        ]
        if not ready:
            wants = {n: [k for k in heads[n].inputs if '.' in k] for n in waiting}
            raise ValueError(f'heads read outputs that no earlier head gives: {wants}')
        order += ready
        waiting = [name for name in waiting if name not in ready]
    return order


def _raise_if_not_finite(losses: Mapping[str, Tensor]) -> None:
    if not losses:
        return
    # One device synchronisation for all tasks.
    finite = torch.isfinite(torch.stack([v.detach() for v in losses.values()]))
    if not finite.all():
        broken = [
            name for name, ok in zip(losses, finite.tolist(), strict=True) if not ok
        ]
        values = ', '.join(f'{name} = {losses[name].item()}' for name in broken)
        raise NonFiniteLossError(f'non-finite loss: {values}')
