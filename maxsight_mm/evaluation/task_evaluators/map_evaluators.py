"""Judges maps at the label's resolution, keeping sums and no maps."""

from collections.abc import Sequence

import numpy as np

from ..functional.dense import (
    DEPTH_EDGES,
    SHARE_EDGES,
    ConstantCost,
    depth_sums,
    endpoint_sums,
    resize_bilinear,
)
from ..functional.flow import constant_flow_error, flow_cells
from .task_evaluator import UNLABELLED, Figure, Record, TaskEvaluator, stacked
from .task_view import TaskView

NAN = float('nan')


class MapEvaluator(TaskEvaluator):
    """Base: brings the answer to the label's size; a case is one image.

    An answer covers the network's input with the padding of the batch, a label the
    image: of both, what lies in the padding is cut off. Values are not scaled with the
    size, so that a flow in pixels of the network's input stays one.

    Args:
        label: Field of ``gt_tasks``.
        answer: Field of ``pred_tasks``.
        cell_px: Pixels of the network's input that a number of the label is wide and
            high. The label leaves out cells that the image fills only in part.
    """

    def __init__(self, label: str, answer: str, cell_px: int = 1) -> None:
        super().__init__(label, answer)
        self.cell_px = cell_px

    def read(self, view: TaskView) -> Record:
        label = view.label(self.label)
        if label is None:
            return UNLABELLED
        answer = view.answer(self.answer)
        if answer is None:
            return Record(None, 0, 1)
        if label.ndim != 3 or answer.ndim != 3 or len(label) != len(answer):
            raise view.error(
                'pred_tasks',
                self.answer,
                f'shape {answer.shape} does not fit the label {label.shape}',
            )
        label = view.without_padding(label)
        share = view.covered_share(self.label, label.shape[1:], self.cell_px)
        answer = resize_bilinear(answer, label.shape[1:], share)
        return Record(self.sums(answer, label), 1)

    def sums(self, answer: np.ndarray, label: np.ndarray) -> object:
        """What is kept of (K, H, W) maps of one size."""
        raise NotImplementedError


class DepthEvaluator(MapEvaluator):
    """AbsRel, RMSE and the share within 1.25, each against its own best constant.

    All pixels of all images count alike, so that one constant fits them.
    """

    def sums(self, answer, label):
        known = label[np.isfinite(label) & (label > 0)]
        squares = np.array([known.sum(), (known**2).sum()])
        return depth_sums(answer[0], label[0]), squares, _kept(known, DEPTH_EDGES)

    def figures(self, data: Sequence) -> list[Figure]:
        total, squares = np.zeros(4), np.zeros(2)
        cost = ConstantCost.of(np.empty(0), DEPTH_EDGES)
        for sums, image_squares, kept in data:
            total, squares = total + sums, squares + image_squares
            cost += _restored(kept, DEPTH_EDGES)
        pixels = total[0]
        if not pixels:
            value, spread = np.full(3, NAN), NAN
        else:
            value = total[1:] / pixels
            value[1] = np.sqrt(value[1])
            variance = squares[1] / pixels - (squares[0] / pixels) ** 2
            spread = float(np.sqrt(max(variance, 0.0)))
        abs_rel, rmse, within = value.tolist()
        constant = 'best constant'
        return [
            Figure('abs_rel', abs_rel, cost.relative_error(), constant, False),
            Figure('rmse_m', rmse, spread, 'mean', False),
            Figure('delta_1.25', within, cost.within_ratio(), constant, True),
        ]


class ShareMapEvaluator(MapEvaluator):
    """Mean absolute error of a map of shares against the best constant."""

    def sums(self, answer, label):
        known = np.isfinite(label)
        error = np.abs(answer[known] - label[known]).sum()
        return float(error), _kept(label[known], SHARE_EDGES)

    def figures(self, data: Sequence) -> list[Figure]:
        error, cost = 0.0, ConstantCost.of(np.empty(0), SHARE_EDGES)
        for image_error, kept in data:
            error += image_error
            cost += _restored(kept, SHARE_EDGES)
        pixels = cost.count.sum()
        value = float(error / pixels) if pixels else NAN
        return [Figure('mae', value, cost.absolute_error(), 'best constant', False)]


class FlowEvaluator(MapEvaluator):
    """Mean endpoint error in px of the network's input.

    It stands against the one motion that fits all judged pixels best, which a camera
    that turns or a crowd that walks one way makes hard to beat, and as a share of what
    no motion at all would cost.
    """

    def sums(self, answer, label):
        return endpoint_sums(answer, label), flow_cells(label)

    def figures(self, data: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[Figure]:
        pixels, error, still = np.sum([np.zeros(3), *(s for s, _ in data)], axis=0)
        constant = constant_flow_error(stacked([cells for _, cells in data], (3,)))
        value = float(error / pixels) if pixels else NAN
        share = float(error / still) if still else NAN
        against = 'best constant'
        return [
            Figure('endpoint_error_px', value, constant, against, False),
            Figure('of_zero_flow', share, 1.0 if still else NAN, 'zero flow', False),
        ]


def _kept(values: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bins in use (n,) int16 and what they hold (3, n) float32."""
    cost = ConstantCost.of(values, edges)
    used = np.flatnonzero(cost.count)
    held = np.stack([cost.count, cost.total, cost.inverse])[:, used]
    return used.astype(np.int16), held.astype(np.float32)


def _restored(kept: tuple[np.ndarray, np.ndarray], edges: np.ndarray) -> ConstantCost:
    full = np.zeros((3, len(edges) + 1))
    full[:, kept[0]] = kept[1]
    return ConstantCost(edges, *full)
