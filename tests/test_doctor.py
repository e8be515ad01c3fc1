import copy
import json

import pytest

from maxsight_mm import doctor
from maxsight_mm.__main__ import main

HEALTHY = {
    'python': '3.11.7',
    'cpu_count': 2,
    'torch': {'version': '2.13.0', 'build': 'CPU', 'threads': 2, 'gpus': []},
    'opencv': {'version': '4.12.0'},
    'mmengine': {'version': '0.10.12', 'distribution': 'onedl-mmengine 0.10.12'},
    'mmcv': {'version': '2.3.6', 'distribution': 'onedl-mmcv 2.3.6'},
    'mmcv_ops': {'devices': ['cpu']},
    'mmdet': {'version': '3.5.1', 'distribution': 'onedl-mmdetection 3.5.1'},
    'torchvision': {'state': 'absent'},
    'extras': {
        'web': {'missing': [], 'command': None},
        'tune': {'missing': ['optuna==5.0.0'], 'command': 'make install EXTRAS=tune'},
    },
    'working': True,
}


def _missing(requires, installed):
    return doctor.missing_by_extra(requires, installed.get)


def test_probe_returns_the_last_line_as_json():
    assert doctor.probe('print("noise"); print(\'{"version": "1"}\')') == {
        'version': '1'
    }


def test_probe_reports_the_reason_of_a_failed_import():
    assert doctor.probe('import no_such_module') == {
        'error': "ModuleNotFoundError: No module named 'no_such_module'"
    }


def test_probe_survives_the_death_of_its_process():
    report = doctor.probe('import os; os.abort()')
    assert report['error'].startswith('ended with status')


def test_distribution_that_provides_a_module_is_named():
    name, version = doctor.distribution_of('_pytest').split()
    assert (name, version) == ('pytest', pytest.__version__)
    assert doctor.distribution_of('no_such_module') is None


def test_extra_lacks_what_is_absent_or_at_another_version():
    requires = [
        'numpy<2.3',
        'flask==3.1.3; extra == "web"',
        'waitress==3.0.2; extra == "web"',
        'optuna==5.0.0; extra == "tune"',
    ]
    installed = {'flask': '3.1.3', 'waitress': '2.0.0', 'optuna': '5.0.0'}
    assert _missing(requires, installed) == {'web': ['waitress==3.0.2'], 'tune': []}


def test_requirement_for_another_python_is_not_missed():
    requires = ['old==1; python_version < "3" and extra == "ocr"']
    assert _missing(requires, {}) == {'ocr': []}


def test_export_lacks_mmdeploy_which_no_extra_can_name():
    requires = ['onnx==1.23.2; extra == "export"']
    assert _missing(requires, {'onnx': '1.23.2'}) == {'export': ['mmdeploy==1.3.1']}
    installed = {'onnx': '1.23.2', 'mmdeploy': '1.3.1'}
    assert _missing(requires, installed) == {'export': []}


def test_mmdeploy_is_the_version_that_the_setup_installs():
    listed = (doctor.CHECKOUT / 'requirements/export-nodeps.txt').read_text()
    assert doctor.WITHOUT_PINS['export'] in listed.splitlines()


def test_command_in_a_checkout_is_the_makefile_target():
    command = doctor.install_command('web', ['flask==3.1.3'], checkout=True)
    assert command == 'make install EXTRAS=web'


def test_command_elsewhere_installs_mmdeploy_without_its_requirements():
    missing = ['onnx==1.23.2', 'mmdeploy==1.3.1']
    command = doctor.install_command('export', missing, checkout=False)
    first, second = command.split(' && ')
    assert first.endswith('-m pip install onnx==1.23.2')
    assert second.endswith('-m pip install --no-deps mmdeploy==1.3.1')


@pytest.mark.parametrize(
    'part', ['torch', 'opencv', 'mmengine', 'mmcv', 'mmcv_ops', 'mmdet']
)
def test_core_does_not_work_when_a_part_of_it_fails(part):
    report = copy.deepcopy(HEALTHY)
    assert doctor.is_working(report)
    report[part]['error'] = 'ImportError: undefined symbol'
    assert not doctor.is_working(report)
    assert any('undefined symbol' in line for line in doctor.lines_of(report))


def test_broken_torchvision_is_told_but_the_core_works():
    report = copy.deepcopy(HEALTHY)
    report['torchvision'] = {'state': 'broken', 'error': 'no operator nms'}
    assert doctor.is_working(report)
    assert 'torchvision broken no operator nms' in doctor.lines_of(report)


def test_lines_say_what_is_missing_and_how_to_add_it():
    lines = doctor.lines_of(HEALTHY)
    at = lines.index('extra tune      lacks optuna==5.0.0')
    assert lines[at + 1].endswith('make install EXTRAS=tune')
    assert lines[-1] == 'The core works.'


def test_json_of_this_environment_says_that_nms_ran(capsys):
    assert main(['doctor', '--json']) == 0
    report = json.loads(capsys.readouterr().out)
    assert report['mmcv_ops']['devices'][0] == 'cpu'
    assert report['mmdet']['distribution']


def test_exit_status_is_one_when_the_core_fails(monkeypatch, capsys):
    broken = {**HEALTHY, 'working': False}
    monkeypatch.setattr(doctor, 'examine', lambda: broken)
    assert main(['doctor']) == 1
    assert 'does NOT work' in capsys.readouterr().out


def test_no_command_prints_the_usage(capsys):
    assert main([]) == 0
    assert 'doctor' in capsys.readouterr().out
