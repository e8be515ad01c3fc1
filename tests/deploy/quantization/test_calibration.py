import pytest
from mmengine.config import Config

from maxsight_mm.deploy.quantization.calibration import (
    prepared_batch,
    static_preparation,
    training_pictures,
)
from tests.engine.squares import make_config, write_squares


@pytest.fixture
def config(tmp_path):
    return make_config(write_squares(tmp_path / 'data'), tmp_path / 'work', 1)


def test_the_seed_decides_which_training_pictures_are_drawn(config):
    first = training_pictures(config, 5, seed=3)
    assert first == training_pictures(config, 5, seed=3)
    assert first != training_pictures(config, 5, seed=4)
    assert len(set(first)) == 5
    assert all(path.is_file() for path in first)


def test_fewer_pictures_than_asked_for_are_all_of_them(config):
    assert len(training_pictures(config, 100)) == 8


def test_pictures_are_those_of_the_training_set_inside_its_wrappers(config):
    data = config.train_dataloader.dataset
    config.train_dataloader.dataset = dict(type='RepeatDataset', times=3, dataset=data)
    config.test_dataloader.dataset.ann_file = 'none.json'
    assert len(training_pictures(config, 100)) == 8


def test_no_pictures_and_missing_data_are_refused(config):
    with pytest.raises(ValueError, match='at least 1 picture'):
        training_pictures(config, 0)
    config.train_dataloader.dataset.ann_file = 'none.json'
    with pytest.raises(FileNotFoundError, match='none.json'):
        training_pictures(config, 1)


def pipeline_config(*steps) -> Config:
    dataset = dict(pipeline=[dict(type='LoadSafeImage'), *steps])
    return Config(dict(model={}, test_dataloader=dict(dataset=dataset)))


def test_the_size_is_that_of_the_pipeline_in_multiples_of_32():
    resize = dict(type='Resize', scale=(250, 190), keep_ratio=True)
    assert static_preparation(pipeline_config(resize)).fixed_size == (192, 256)
    given = static_preparation(pipeline_config(resize), (64, 96))
    assert given.fixed_size == (64, 96)
    with pytest.raises(ValueError, match='give a size'):
        static_preparation(pipeline_config())


def test_inputs_are_float32_of_one_size(config):
    paths = training_pictures(config, 2)
    batch = prepared_batch(paths, static_preparation(config, (64, 96)))
    assert [x.shape for x in batch] == [(1, 3, 64, 96)] * 2
    assert batch[0].dtype == 'float32'
    with pytest.raises(FileNotFoundError):
        prepared_batch([paths[0].with_name('none.png')], static_preparation(config))
