"""What is left of a pruned model is a smaller one that answers, trains and exports."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner.checkpoint import CheckpointLoader

from maxsight_mm.deploy.pruning import channels_to_keep, prune_detector
from maxsight_mm.deploy.safety_graph import SafetyScoresGraph
from maxsight_mm.inference import load_detector
from maxsight_mm.models.backbones.inner_channels import inner_convs
from maxsight_mm.registry import MODELS
from tests.engine.squares import make_config, write_squares
from tests.models.toy_detector import toy_sample
from tests.tools.test_dataset_tools import load_tool

SIZE = (64, 96)


@pytest.fixture(autouse=True)
def own_loaders(monkeypatch):
    monkeypatch.setattr(CheckpointLoader, '_schemes', CheckpointLoader._schemes.copy())


@pytest.fixture(params=[18, 50])
def place(request, tmp_path):
    """Config and checkpoint of a detector with statistics of noise."""
    config = make_config(write_squares(tmp_path / 'data'), tmp_path / 'work', 1)
    config.model.safety_pass.update(depth=request.param, base_channels=32)
    torch.manual_seed(0)
    detector = MODELS.build(config.model)
    detector.init_weights()
    for module in detector.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            # At its first step a block gives nothing: its last norm has weight 0.
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.2)
    with torch.no_grad():
        detector.train()._forward(torch.randn(4, 3, *SIZE))
    save(detector, config, tmp_path)
    return tmp_path


def save(detector, config, folder):
    torch.save(dict(state_dict=detector.state_dict()), folder / 'toy.pth')
    config.dump(folder / 'toy.py')


def resnet_of(detector):
    return detector.safety_pass.backbone


def weak_channels(resnet, share):
    """Let channels drawn at random give 0 after the ReLU; their number by name."""
    generator = torch.Generator().manual_seed(1)
    counts = {}
    for name, inner in inner_convs(resnet).items():
        norm = resnet.get_submodule(inner.norm)
        counts[name] = int(norm.num_features * share)
        weak = torch.randperm(norm.num_features, generator=generator)[: counts[name]]
        with torch.no_grad():
            norm.weight[weak] = 0
            norm.bias[weak] = 0
    return counts


def parameters(detector):
    return sum(p.numel() for p in detector.parameters())


@pytest.mark.parametrize('criterion', ['l2', 'norm_scale'])
def test_channels_that_give_nothing_are_not_missed(place, criterion):
    config = Config.fromfile(place / 'toy.py')
    detector = load_detector(config, place / 'toy.pth')
    counts = weak_channels(resnet_of(detector), 0.25)
    save(detector, config, place)
    _, pruned = prune_detector(config, place / 'toy.pth', 0.25, criterion)
    for name, gone in counts.items():
        before = resnet_of(detector).get_submodule(name).out_channels
        assert resnet_of(pruned).get_submodule(name).out_channels == before - gone
    images = torch.randn(2, 3, *SIZE)
    with torch.no_grad():
        wanted, found = (SafetyScoresGraph(d)(images) for d in (detector, pruned))
    for one, other in zip(wanted, found, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-4)
    assert parameters(pruned) < 0.8 * parameters(detector)


def test_the_strongest_channels_stay_in_their_order(place):
    resnet = resnet_of(load_detector(place / 'toy.py', place / 'toy.pth'))
    with torch.no_grad():
        resnet.layer1[0].conv1.weight[[3, 30]] *= 100
    kept = channels_to_keep(resnet, {'layer1.0.conv1': 0.5})
    assert list(kept) == ['layer1.0.conv1']
    indices = kept['layer1.0.conv1'].tolist()
    assert {3, 30} <= set(indices)
    assert indices == sorted(indices)
    assert len(indices) == 16


def test_the_longest_name_decides_and_counts_are_rounded_up(place):
    resnet = resnet_of(load_detector(place / 'toy.py', place / 'toy.pth'))
    ratios = {'layer': 0.3, 'layer3': 0.0, 'layer3.1': 0.5, 'layer4': 0.7}
    counts = {name: len(k) for name, k in channels_to_keep(resnet, ratios).items()}
    assert 'layer3.0.conv1' not in counts
    # 0.7 of 32 are 22.4, half of 128, and 0.3 of 256 are 76.8.
    assert counts['layer1.0.conv1'] == 24
    assert counts['layer3.1.conv1'] == 64
    assert counts['layer4.0.conv1'] == 80


@pytest.mark.parametrize(
    ('ratios', 'message'),
    [
        (0.8, 'leaves 8 of 32 channels of layer1.0.conv1; at least 16'),
        (1.0, r'must lie in \[0, 1\)'),
        (-0.1, r'must lie in \[0, 1\)'),
        ({'layer9': 0.5}, "'layer9' begins no name"),
    ],
)
def test_ratios_that_do_not_fit_are_refused(place, ratios, message):
    resnet = resnet_of(load_detector(place / 'toy.py', place / 'toy.pth'))
    with pytest.raises(ValueError, match=message):
        channels_to_keep(resnet, ratios)


def test_a_pruned_model_is_pruned_again(place):
    config = Config.fromfile(place / 'toy.py')
    config, once = prune_detector(config, place / 'toy.pth', {'layer4': 0.25})
    save(once, config, place)
    config, twice = prune_detector(config, place / 'toy.pth', {'layer3': 0.5})
    counts = config.model.safety_pass.inner_channels
    assert (counts['layer4.0.conv1'], counts['layer3.0.conv1']) == (192, 64)
    assert parameters(twice) < parameters(once)


def test_a_pruned_model_trains_a_step(place):
    config = Config.fromfile(place / 'toy.py')
    _, pruned = prune_detector(config, place / 'toy.pth', 0.5)
    pruned.train()
    losses = pruned.loss(torch.rand(3, 3, 64, 64), [toy_sample() for _ in range(3)])
    total, _ = pruned.parse_losses(losses)
    total.backward()
    for name in inner_convs(resnet_of(pruned)):
        gradient = resnet_of(pruned).get_submodule(name).weight.grad
        assert gradient.isfinite().all() and gradient.any()


def test_a_pruned_model_exports(place):
    pytest.importorskip('onnxruntime', reason='needs the export extra')
    from maxsight_mm.deploy.backends import onnx_scores

    config = Config.fromfile(place / 'toy.py')
    _, pruned = prune_detector(config, place / 'toy.pth', 0.5)
    images = torch.randn(1, 3, *SIZE)
    found = onnx_scores.run(
        onnx_scores.convert(pruned, place / 'export', SIZE), images.numpy()
    )
    with torch.no_grad():
        wanted = SafetyScoresGraph(pruned)(images)
    np.testing.assert_allclose(found['scores'], wanted.scores, rtol=1e-4, atol=1e-5)


def run_tool(place, *more):
    load_tool('model_tools/prune.py').main(
        [str(place / 'toy.py'), str(place / 'toy.pth'), *map(str, more)]
    )


def test_the_tool_writes_what_trains_and_loads(place, capsys):
    out = place / 'pruned' / 'small.pth'
    run_tool(place, '--ratio', 0.25, '--layer-ratio', 'layer4=0.5', '--out', out)
    assert ' M -> ' in capsys.readouterr().out
    config = Config.fromfile(out.with_suffix('.py'))
    assert config.load_from == str(out)
    assert config.model.safety_pass.inner_channels['layer4.0.conv1'] == 128
    assert not resnet_of(load_detector(config, out)).training


@pytest.mark.parametrize('name', ['toy.pth', 'other.pth'])
def test_files_that_are_there_are_not_overwritten(place, capsys, name):
    (place / 'other.py').write_text('mine')
    before = (place / 'toy.pth').read_bytes()
    with pytest.raises(SystemExit) as stopped:
        run_tool(place, '--ratio', 0.25, '--out', place / name)
    assert stopped.value.code == 2
    assert 'exists: give another name' in capsys.readouterr().err
    assert (place / 'toy.pth').read_bytes() == before
    assert (place / 'other.py').read_text() == 'mine'


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (['--ratio', 0.9, '--out', 'x.pth'], 'at least 16 must be left'),
        (['--out', 'x.pth'], 'no channel goes'),
        (['--out', 'x.txt'], 'must end in .pth'),
        (['--layer-ratio', 'layer4', '--out', 'x.pth'], 'takes NAME=NUMBER'),
    ],
)
def test_wrong_input_ends_in_one_line(place, capsys, arguments, words):
    with pytest.raises(SystemExit) as stopped:
        run_tool(place, *arguments)
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith('prune: ') and words in line
