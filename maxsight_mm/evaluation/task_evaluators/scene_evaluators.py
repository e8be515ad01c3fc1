"""Judges relations between objects, and an embedding by its neighbours."""

import zlib
from collections.abc import Sequence

import numpy as np

from ..functional.neighbours import neighbour_similarity
from ..functional.relations import predicate_scores
from .task_evaluator import UNLABELLED, Figure, Record, TaskEvaluator, stacked
from .task_view import TaskView


class RelationEvaluator(TaskEvaluator):
    """Macro F1 and recall of predicates; a case is a labelled pair of objects.

    Labels are (N, N) of the true objects and answers (M, M) of the first M
    detections, 0 for no relation. Pairs of which an object was not found count as
    answered "no relation". Against it stands the best answer that is the same for
    every pair: one predicate always, which earns recall one of that predicate.
    """

    def read(self, view: TaskView) -> Record:
        label = view.label(self.label)
        if label is None:
            return UNLABELLED
        known = np.isfinite(label) & ~np.eye(len(label), dtype=bool)
        answer = view.answer(self.answer)
        if answer is None:
            return Record(None, 0, int(known.sum()))
        if len(view.found_by) != len(label):
            raise view.error(
                'gt_tasks',
                self.label,
                f'{len(label)} objects related, but {len(view.found_by)} boxes',
            )
        found = np.flatnonzero((view.found_by >= 0) & (view.found_by < len(answer)))
        answers = np.zeros(label.shape)
        own = view.found_by[found]
        answers[np.ix_(found, found)] = answer[np.ix_(own, own)].clip(min=0)
        # Pairs unrelated on both sides are most of them and enter no figure but the
        # baseline's, which needs their number.
        pairs = np.stack([label[known], answers[known]], axis=1).astype(np.int8)
        kinds, counts = np.unique(pairs, axis=0, return_counts=True)
        return Record(np.c_[kinds, counts].astype(np.int32), int(known.sum()))

    def figures(self, data: Sequence[np.ndarray]) -> list[Figure]:
        rows = stacked(data, (3,)).astype(np.int64)
        truth, answers = (np.repeat(rows[:, i], rows[:, 2]) for i in (0, 1))
        f1, recall = predicate_scores(answers, truth)
        constants = [
            predicate_scores(np.full(len(truth), p), truth)
            for p in np.unique(truth[truth > 0])
        ]
        base = np.max(constants, axis=0).tolist() if constants else [float('nan')] * 2
        against = 'one predicate'
        return [
            Figure('macro_f1', f1, base[0], against, True),
            Figure('macro_recall', recall, base[1], against, True),
        ]


class RetrievalEvaluator(TaskEvaluator):
    """Likeness of each image's nearest neighbour; other frames of a video are none.

    Against it stands a random neighbour; ``of_best`` is the share of the way from
    there to the neighbour that is most alike.
    """

    def read(self, view: TaskView) -> Record:
        label = view.label(self.label)
        if label is None:
            return UNLABELLED
        answer = view.answer(self.answer)
        if answer is None:
            return Record(None, 0, 1)
        video = view.sample.get('video_id')
        image = f'image {view.sample.get("img_id")}'
        group = zlib.crc32((image if video is None else f'video {video}').encode())
        kept = (answer.ravel(), np.nan_to_num(label).ravel())
        return Record((group, *(part.astype(np.float32) for part in kept)), 1)

    def figures(self, data: Sequence[tuple]) -> list[Figure]:
        if data:
            groups, embeddings, descriptors = (
                np.stack(c) for c in zip(*data, strict=True)
            )
            near, random, best = neighbour_similarity(embeddings, descriptors, groups)
        else:
            near = random = best = float('nan')
        way = (near - random) / (best - random) if best > random else float('nan')
        against = 'random neighbour'
        return [
            Figure('neighbour_similarity', near, random, against, True),
            Figure('of_best', way, 0.0 if way == way else way, against, True),
        ]
