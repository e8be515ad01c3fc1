"""Draws the safety answers of a test on the pictures."""

from collections.abc import Sequence
from pathlib import Path

import mmcv
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS
from maxsight_mm.structures import TaskSample
from maxsight_mm.visualization import draw_safety


@HOOKS.register_module()
class SafetyVisualizationHook(Hook):
    """Boxes coloured by urgency, with class, zone and score, as picture files.

    Takes the settings that ``tools/test.py --show --show-dir`` makes, like
    MMDetection's hook of this purpose.

    Args:
        draw: Whether to do anything.
        score_thr: Detections below it are not drawn.
        show: Open a window for each picture.
        wait_time: Seconds a window stays.
        test_out_dir: Folder for the pictures, inside the run's time-stamped
            folder.
        max_pictures: Stop after so many; ``None`` draws all.
    """

    def __init__(
        self,
        draw: bool = False,
        score_thr: float = 0.3,
        show: bool = False,
        wait_time: float = 2.0,
        test_out_dir: str | None = None,
        max_pictures: int | None = None,
    ) -> None:
        self.draw = draw
        self.score_thr = score_thr
        self.show = show
        self.wait_time = wait_time
        self.test_out_dir = test_out_dir
        self.max_pictures = max_pictures
        self._num_drawn = 0

    def before_test(self, runner: Runner) -> None:
        self._num_drawn = 0

    def after_test(self, runner: Runner) -> None:
        if self._num_drawn and self.test_out_dir is not None:
            print_log(f'pictures: {self._folder(runner)}', logger='current')

    def _folder(self, runner: Runner) -> Path:
        return Path(runner.work_dir, runner.timestamp, str(self.test_out_dir))

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[TaskSample] = (),
    ) -> None:
        if not self.draw:
            return
        classes = runner.test_dataloader.dataset.metainfo['classes']
        left = (
            None if self.max_pictures is None else self.max_pictures - self._num_drawn
        )
        for sample in outputs[:left]:
            self._num_drawn += 1
            picture = draw_sample(sample, classes, self.score_thr)
            if self.test_out_dir is not None:
                folder = self._folder(runner)
                name = Path(sample.img_path).with_suffix('.png').name
                mmcv.imwrite(picture, str(folder / name))
            if self.show:
                runner.visualizer.show(
                    picture[..., ::-1], Path(sample.img_path).name, self.wait_time
                )


def draw_sample(sample: TaskSample, classes: Sequence[str], score_thr: float):
    """(H, W, 3) uint8 BGR picture of one predicted sample."""
    found = sample.pred_instances.cpu()
    found = found[found.scores >= score_thr]
    fields = {
        name: found[name].numpy() if name in found else None
        for name in ('zones', 'urgencies')
    }
    tasks = sample.get('pred_tasks')
    urgency = tasks.get('urgency') if tasks is not None else None
    return draw_safety(
        mmcv.imread(sample.img_path),
        found.bboxes.numpy(),
        found.labels.numpy(),
        classes,
        scores=found.scores.numpy(),
        image_urgency=None if urgency is None else int(urgency),
        **fields,
    )
