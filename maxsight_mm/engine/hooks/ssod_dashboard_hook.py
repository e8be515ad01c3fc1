"""The dashboard of a semi-supervised training, drawn at its end."""

from pathlib import Path

from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner

from maxsight_mm.registry import HOOKS
from maxsight_mm.visualization.plot_style import paper, png_bytes
from maxsight_mm.visualization.ssod_dashboard import plot_ssod_dashboard

from ..ssod_monitor import read_run_records


@HOOKS.register_module()
class SsodDashboardHook(Hook):
    """Draws what the other hooks recorded, ``ssod_monitor/dashboard.png``.

    Args:
        dark: On dark paper.
    """

    # Behind the hooks that record.
    priority = 'LOWEST'

    def __init__(self, dark: bool = False) -> None:
        self.dark = dark

    @master_only
    def after_train(self, runner: Runner) -> None:
        try:
            records = read_run_records(Path(runner.work_dir))
        except ValueError as error:
            print_log(f'SsodDashboardHook: {error}', logger='current')
            return
        with paper(self.dark):
            picture = png_bytes(plot_ssod_dashboard(records, self.dark))
        out = Path(runner.work_dir, 'ssod_monitor', 'dashboard.png')
        out.write_bytes(picture)
        print_log(f'dashboard -> {out}', logger='current')
