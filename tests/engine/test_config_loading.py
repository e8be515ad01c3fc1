from pathlib import Path

import pytest

from maxsight_mm.engine.config_loading import ConfigError, check_schedule, load_config

CONFIGS = Path(__file__).parents[2] / 'configs'
TIER_T0 = str(CONFIGS / 'tier_t0.py')


def test_options_are_merged():
    cfg = load_config(TIER_T0, {'train_cfg.max_epochs': 2, 'randomness.seed': 5})
    assert cfg.train_cfg.max_epochs == 2
    assert cfg.randomness.seed == 5


def test_work_dir_is_named_after_the_file():
    assert load_config(TIER_T0).work_dir == 'work_dirs/tier_t0'


@pytest.mark.parametrize(
    ('option', 'suggestion'),
    [
        ('trian_cfg.max_epochs', 'train_cfg'),
        ('train_cfg.max_epoch', 'train_cfg.max_epochs'),
        ('model.safty_pass.depth', 'model.safety_pass'),
        ('model.safety_pass.dpeth', 'model.safety_pass.depth'),
        ('model.safety_heads.box.loss_weigth', 'model.safety_heads.box.loss_weight'),
    ],
)
def test_unknown_option_is_refused_with_the_nearest(option, suggestion):
    with pytest.raises(ConfigError, match=f'did you mean {suggestion}'):
        load_config(TIER_T0, {option: 1})


@pytest.mark.parametrize(
    'option',
    [
        'model.safety_pass.level_set',
        'model.safety_heads.box.loss',
        'train_dataloader.dataset.indices',
        'load_from',
        'param_scheduler.0.begin',
    ],
)
def test_argument_that_the_config_leaves_out_is_known(option):
    load_config(TIER_T0, {option: None})


def test_missing_config_suggests_the_nearest_file():
    with pytest.raises(ConfigError, match='tier_t0.py'):
        load_config(str(CONFIGS / 'teir_t0.py'))


def test_broken_config_is_one_line(tmp_path):
    path = tmp_path / 'broken.py'
    path.write_text('a = (1,\n')
    with pytest.raises(ConfigError, match='cannot be read') as caught:
        load_config(str(path))
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize(
    ('variable', 'place'),
    [
        ('data_root', 'train_dataloader.dataset.data_root'),
        ('warmup_epochs', 'none was found|param_scheduler'),
    ],
)
def test_variable_of_the_file_is_refused_with_its_places(variable, place):
    with pytest.raises(ConfigError, match=place):
        load_config(TIER_T0, {variable: 1})


def test_schedules_end_with_the_training(tmp_path):
    """A child that sets ``max_epochs`` has set the schedule too."""
    for scheduler in load_config(TIER_T0).param_scheduler[1:]:
        assert 'end' not in scheduler and 'T_max' not in scheduler


def test_training_shorter_than_its_warm_up_is_refused():
    config = load_config(TIER_T0, {'train_cfg.max_epochs': 3})
    with pytest.raises(ConfigError, match='param_scheduler.1 begins at epoch 5'):
        check_schedule(config)


def test_schedules_of_the_tiers_fit_their_training():
    check_schedule(load_config(TIER_T0))
