import subprocess
import sys


def _output(code: str) -> str:
    run = subprocess.run(
        (sys.executable, '-c', code), capture_output=True, text=True, check=True
    )
    return run.stdout + run.stderr


def test_notice_is_dropped_and_every_other_message_kept():
    out = _output(
        'from maxsight_mm.quiet import drop_onedl_notice\n'
        'drop_onedl_notice()\n'
        'drop_onedl_notice()\n'
        'import mmdet.datasets\n'
        'from mmengine.logging import print_log\n'
        "print_log('another message')\n"
        "print_log('with a logger', logger='silent')\n"
    )
    assert 'OneDL' not in out
    assert 'another message' in out
    assert 'with a logger' not in out


def test_importing_through_our_registries_prints_no_notice():
    out = _output(
        'from maxsight_mm.registry import TRANSFORMS\n'
        "print(TRANSFORMS.get('mmdet.PackDetInputs').__name__)\n"
    )
    assert 'OneDL' not in out
    assert 'PackDetInputs' in out


def test_importing_our_data_sets_prints_nothing():
    assert _output('import maxsight_mm.datasets') == ''
