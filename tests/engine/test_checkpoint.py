import io
import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch
from mmengine.logging.history_buffer import HistoryBuffer
from mmengine.runner.checkpoint import CheckpointLoader
from torch import nn

from maxsight_mm.engine import checkpoint
from maxsight_mm.engine.checkpoint import (
    CheckpointError,
    check_fits,
    read_checkpoint,
)


@pytest.fixture
def loaders(monkeypatch):
    """mmengine's reader replaced for one test."""
    monkeypatch.setattr(CheckpointLoader, '_schemes', CheckpointLoader._schemes.copy())
    checkpoint.install()
    return CheckpointLoader


class Payload:
    """Creates a file when it is unpickled without care."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def save(content, path):
    torch.save(content, path)
    return path


def test_reads_weights_and_plain_training_state(tmp_path):
    history = HistoryBuffer([1.0, 2.0], [1, 1])
    content = dict(
        state_dict=OrderedDict(w=torch.arange(3.0)),
        meta=dict(epoch=2, dataset_meta=dict(classes=('a', 'b'))),
        message_hub=dict(
            log_scalars={'loss': history},
            runtime_info=dict(step=np.float64(1.5)),
            resumed_keys={},
        ),
    )
    read = read_checkpoint(save(content, tmp_path / 'a.pth'))
    assert torch.equal(read['state_dict']['w'], torch.arange(3.0))
    assert read['message_hub']['log_scalars']['loss'].mean() == 1.5
    assert read['meta']['dataset_meta']['classes'] == ('a', 'b')


def test_bare_state_dict_is_wrapped(tmp_path):
    read = read_checkpoint(save(dict(w=torch.ones(1)), tmp_path / 'a.pth'))
    assert set(read) == {'state_dict'}


def test_safetensors_are_read(tmp_path):
    safetensors = pytest.importorskip('safetensors.torch')
    safetensors.save_file(dict(w=torch.ones(2)), tmp_path / 'a.safetensors')
    read = read_checkpoint(tmp_path / 'a.safetensors')
    assert torch.equal(read['state_dict']['w'], torch.ones(2))


@pytest.mark.parametrize('place', ['top', 'state_dict', 'meta', 'message_hub'])
def test_payload_is_refused_and_never_runs(tmp_path, place, loaders):
    marker = tmp_path / 'ran'
    content = dict(state_dict=dict(w=torch.ones(1)), meta={}, message_hub={})
    if place == 'top':
        content = Payload(marker)
    else:
        content[place]['x'] = Payload(marker)
    path = save(content, tmp_path / 'bad.pth')
    with pytest.raises(CheckpointError, match='refused.*mkdir'):
        loaders.load_checkpoint(str(path), 'cpu')
    assert not marker.exists()


def test_getattr_gives_nothing_but_statistics(tmp_path):
    class Gadget:
        def __reduce__(self):
            return getattr, (np.ndarray, 'tofile')

    path = save(dict(state_dict={}, meta=dict(x=Gadget())), tmp_path / 'bad.pth')
    with pytest.raises(CheckpointError, match='getattr'):
        read_checkpoint(path)


def test_config_strings_are_taken_out(tmp_path):
    content = dict(
        state_dict=dict(w=torch.ones(1)),
        meta=dict(cfg='import os', config='import os', epoch=1),
        message_hub=dict(
            log_scalars={},
            runtime_info=dict(cfg='import os', epoch=1),
            resumed_keys=dict(cfg=True),
        ),
    )
    read = read_checkpoint(save(content, tmp_path / 'a.pth'))
    assert read['meta'] == dict(epoch=1)
    assert read['message_hub']['runtime_info'] == dict(epoch=1)
    assert read['message_hub']['resumed_keys'] == {}


@pytest.mark.parametrize(
    ('content', 'reason'),
    [(b'', 'damaged'), (b'<html>not found</html>', 'damaged|refused'), (None, 'exist')],
)
def test_unreadable_file_is_one_line(tmp_path, content, reason):
    path = tmp_path / 'a.pth'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CheckpointError, match=reason) as caught:
        read_checkpoint(path)
    assert '\n' not in str(caught.value) and str(path) in str(caught.value)


def test_truncated_file_is_damaged(tmp_path):
    buffer = io.BytesIO()
    torch.save(dict(state_dict=dict(w=torch.ones(1000))), buffer)
    path = tmp_path / 'a.pth'
    path.write_bytes(buffer.getvalue()[:1000])
    with pytest.raises(CheckpointError, match='damaged'):
        read_checkpoint(path)


@pytest.mark.parametrize('content', [[1, 2], dict(state_dict=dict(w=1)), 'text'])
def test_a_file_without_weights_is_refused(tmp_path, content):
    with pytest.raises(CheckpointError, match='weights'):
        read_checkpoint(save(content, tmp_path / 'a.pth'))


def test_plain_pickle_is_refused(tmp_path):
    marker = tmp_path / 'ran'
    path = tmp_path / 'a.pth'
    path.write_bytes(pickle.dumps(Payload(marker)))
    with pytest.raises(CheckpointError):
        read_checkpoint(path)
    assert not marker.exists()


@pytest.mark.parametrize('name', ['s3://a/b.pth', 'open-mmlab://x', 'mmcls://x'])
def test_other_schemes_are_refused(name, loaders):
    with pytest.raises(CheckpointError, match='only local files'):
        loaders.load_checkpoint(name, 'cpu')


class TestCheckFits:
    def test_own_weights_fit(self):
        model = nn.Linear(2, 3)
        check_fits(model.state_dict(), model, 'a.pth')

    def test_data_parallel_prefix_is_ignored(self):
        model = nn.Linear(2, 3)
        weights = {f'module.{k}': v for k, v in model.state_dict().items()}
        check_fits(weights, model, 'a.pth')

    def test_differences_are_counted_with_examples(self):
        weights = dict(weight=torch.ones(3, 5), extra=torch.ones(1))
        with pytest.raises(CheckpointError) as caught:
            check_fits(weights, nn.Linear(2, 3), 'a.pth')
        message = str(caught.value)
        assert '1 tensors missing (first: bias)' in message
        assert '1 unexpected (first: extra)' in message
        assert 'weight (3, 5) for (3, 2)' in message
