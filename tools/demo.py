"""The demonstration: make the data, train, test, report.

    python tools/demo.py            # the whole, minutes on a CPU
    python tools/demo.py --quick    # a handful of pictures, checks that all works

Every stage can be interrupted and the command given again. Data that are there stay.
Training that finished with exactly the same settings is kept, one that was
interrupted goes on where its last checkpoint is, and one with other settings starts
anew; ``--retrain`` starts anew always. What "the same settings" are is the text of
the whole config, kept in ``WORK_DIR/demo/``. Test and report are always made again.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

from mmengine.config import Config

from maxsight_mm.engine.config_loading import ConfigError, load_config
from maxsight_mm.engine.one_line_errors import one_line_errors
from maxsight_mm.visualization.headline import percent
from maxsight_mm.visualization.run_summary import STAGES_FILE, next_commands, portable

TOOLS = Path(__file__).resolve().parent
# name of the stage -> what it does
STAGES = {
    'data': 'draw the street world',
    'training': 'train the model',
    'test': 'test it and draw the pictures',
    'report': 'write the report',
}
QUICK = dict(train_images=8, val_images=4, size='160x120')
QUICK_BATCH = 4
LAST_LINES = 20
# A terminal gets one line that changes; a log gets one line each so many seconds.
PLAIN_INTERVAL_S = 30.0
PROGRESS = (
    re.compile(
        r'Epoch\(train\)\s+\[(?P<epoch>\d+)\]\[\s*(?P<done>\d+)/(?P<all>\d+)\]'
        r'.*?eta: (?P<eta>.+?)  .*?\sloss: (?P<loss>\S+)'
    ),
    re.compile(
        r'Epoch\((?P<what>val|test)\)\s+(?:\[\d+\])?\[\s*(?P<done>\d+)/(?P<all>\d+)\]'
        r'.*?eta: (?P<eta>\S+)'
    ),
    re.compile(r'^(?P<what>train|val) (?P<done>\d+)/(?P<all>\d+) images'),
)


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--config', default='configs/demo/street_t0.py')
    parser.add_argument('--data-dir', help="data folder (the config's data_root)")
    parser.add_argument('--work-dir', help="results folder (the config's work_dir)")
    parser.add_argument(
        '--quick', action='store_true', help='a few small pictures and one epoch'
    )
    parser.add_argument(
        '--retrain', action='store_true', help='train from the start in any case'
    )
    return parser.parse_args(argv)


def demo_config(args: argparse.Namespace) -> Config:
    """The config with the folders and, if asked, the quick sizes put in."""
    config = load_config(args.config)
    if args.quick:
        config.demo = dict(QUICK)
        config.train_cfg.update(max_epochs=1, val_interval=1)
        config.default_hooks.logger.interval = 1
    elif 'demo' not in config:
        raise ConfigError(f'{args.config} has no demo settings (images and size)')
    suffix = '_quick' if args.quick else ''
    default_root = config.train_dataloader.dataset.data_root.rstrip('/') + suffix
    config.work_dir = args.work_dir or config.work_dir + suffix
    evaluators = config.test_evaluator
    for metric in evaluators if isinstance(evaluators, list) else [evaluators]:
        metric.outfile_prefix = str(Path(config.work_dir, 'evaluation', 'test'))
    for split in ('train', 'val', 'test'):
        loader = config[f'{split}_dataloader']
        loader.dataset.data_root = args.data_dir or default_root
        if args.quick:
            loader.batch_size = QUICK_BATCH
    return config


class ProgressLine:
    """Shows where a stage is: one changing line, or now and then a line."""

    def __init__(self) -> None:
        self._changes = sys.stdout.isatty()
        self._next_s = 0.0
        self._width = 0
        self._waiting = ''

    def show(self, text: str) -> None:
        self._waiting = text
        if self._changes:
            print(f'\r   {text:<{self._width}}', end='', flush=True)
            self._width = len(text)
        elif time.monotonic() >= self._next_s:
            print(f'   {text}', flush=True)
            self._waiting = ''
            self._next_s = time.monotonic() + PLAIN_INTERVAL_S

    def end(self) -> None:
        if self._changes and self._width:
            print()
        elif not self._changes and self._waiting:
            print(f'   {self._waiting}', flush=True)


def progress_of(line: str, epochs: int) -> str | None:
    """What a line of a tool's output says about progress; None for all others."""
    for pattern in PROGRESS:
        if found := pattern.search(line):
            part = found.groupdict()
            text = f'{part["done"]}/{part["all"]}'
            if 'loss' in part:
                text = f'epoch {part["epoch"]}/{epochs}, iteration {text}'
                return f'{text}, loss {part["loss"]}, {part["eta"]} left'
            eta = f', {part["eta"]} left' if 'eta' in part else ''
            return f'{part["what"]} {text}{eta}'
    return None


class Demo:
    """Runs the stages and keeps what they took in ``demo/stages.json``."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.config = demo_config(args)
        self.work_dir = Path(self.config.work_dir)
        self.folder = self.work_dir / Path(STAGES_FILE).parent
        # In a folder of its own: mmengine writes its dump into the work directory.
        self.config_file = self.folder / Path(args.config).name
        self.epochs = self.config.train_cfg.max_epochs
        self.checkpoint = self.work_dir / f'epoch_{self.epochs}.pth'
        self.record = self._read_record()

    def run(self) -> None:
        """All stages, then the table of times and the headline."""
        demo = self.config.demo
        usual = demo.get('usual_minutes', {})
        for number, (stage, title) in enumerate(STAGES.items(), 1):
            minutes = f' (usually {usual[stage]} min)' if stage in usual else ''
            print(f'{number}/{len(STAGES)} {stage}: {title}{minutes}', flush=True)
            getattr(self, f'_{stage}')()
        self._print_end()

    def _data(self) -> None:
        demo = self.config.demo
        options = {
            '--train': demo.train_images,
            '--val': demo.val_images,
            '--size': demo.size,
            '--workers': min(2, os.cpu_count() or 1),
        }
        self._call(
            'data',
            'dataset_tools/make_synthetic.py',
            'street',
            self.config.train_dataloader.dataset.data_root,
            *(str(part) for option in options.items() for part in option),
        )

    def _training(self) -> None:
        text = self.config.pretty_text
        same = self.config_file.is_file() and self.config_file.read_text() == text
        if self.args.retrain or not same:
            # Else an interrupted start would resume from the other training.
            (self.work_dir / 'last_checkpoint').unlink(missing_ok=True)
            self.record = self._new_record()
            self.config_file.write_text(text)
        elif self.record['trained'] and self.checkpoint.is_file():
            print('   kept: it finished before with these settings')
            self.record['stages']['training']['reused'] = True
            return
        resume = (self.work_dir / 'last_checkpoint').is_file()
        options = ['--resume'] if resume else []
        if resume:
            print('   goes on from the last checkpoint')
        self._call('training', 'train.py', str(self.config_file), *options, add=resume)
        self.record['trained'] = True
        self._write_record()

    def _test(self) -> None:
        self._call(
            'test',
            'test.py',
            str(self.config_file),
            str(self.checkpoint),
            '--show-dir',
            'pictures',
        )

    def _report(self) -> None:
        self._write_record()
        self._call('report', 'analysis_tools/make_report.py', str(self.work_dir))

    def _call(self, stage: str, tool: str, *arguments: str, add: bool = False) -> None:
        """Runs a tool; its output goes to a log and its progress is shown."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / f'{stage}.log'
        command = (sys.executable, str(TOOLS / tool), *arguments)
        line_end = deque[str](maxlen=LAST_LINES)
        progress = ProgressLine()
        earlier = self.record['stages'].get(stage, {}).get('seconds', 0) if add else 0
        start = time.monotonic()
        with (
            log.open('w', encoding='utf-8') as file,
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors='replace',
                env=os.environ | {'PYTHONUNBUFFERED': '1'},
            ) as process,
        ):
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    file.write(line)
                    line_end.append(line.rstrip())
                    if told := progress_of(line, self.epochs):
                        progress.show(told)
            finally:
                progress.end()
                seconds = earlier + time.monotonic() - start
                self.record['stages'][stage] = dict(seconds=seconds, reused=False)
                self._write_record()
        if process.returncode:
            print('\n'.join(line_end), file=sys.stderr)
            print(f'demo: {stage} failed; all its output: {log}', file=sys.stderr)
            # A signal shows as a negative status.
            code = process.returncode
            sys.exit(code if code > 0 else 128 - code)

    def _print_end(self) -> None:
        report = json.loads((self.work_dir / 'report.json').read_text())
        print('\nTimes')
        for stage, taken in self.record['stages'].items():
            kept = '  (kept from before)' if taken['reused'] else ''
            print(f'   {stage:<10}{taken["seconds"] / 60:>7.1f} min{kept}')
        print('\nHeadline')
        for card in report['headline']:
            upper = card.get('upper95')
            bound = '' if upper is None else f' (true rate up to {percent(upper)})'
            print(f'   {card["label"]}: {card["shown"]}{bound}\n      {card["text"]}')
        print('   The street world is drawn: nothing here is about real streets.')
        print('\nGo on with')
        for item in next_commands(report, self.work_dir, str):
            print(f'   {item["text"]}:\n      {item["command"]}')
        print(f'\nReport: {self.work_dir / "report.html"}')

    def _read_record(self) -> dict[str, Any]:
        path = self.work_dir / STAGES_FILE
        return json.loads(path.read_text()) if path.is_file() else self._new_record()

    def _new_record(self) -> dict[str, Any]:
        """No stage done; those of this call are kept."""
        done = getattr(self, 'record', {}).get('stages', {})
        stages = {name: done[name] for name in ('data',) if name in done}
        return {
            'config': portable(self.args.config),
            'quick': self.args.quick,
            'trained': False,
            'stages': stages,
        }

    def _write_record(self) -> None:
        path = self.work_dir / STAGES_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.record, indent=1), encoding='utf-8')


def main(argv: list[str] | None = None) -> None:
    with one_line_errors('demo'):
        Demo(parse_args(argv)).run()


if __name__ == '__main__':
    main()
