import torch

from maxsight_mm.models.fusion import CBAM


def test_zero_weights_gate_by_a_quarter():
    """Two sigmoids of 0 are one half each."""
    cbam = CBAM(8)
    for parameter in cbam.parameters():
        parameter.data.zero_()
    feature = torch.randn(2, 8, 5, 6)
    torch.testing.assert_close(cbam(feature), feature / 4)


def test_channel_gate_is_that_of_the_paper():
    torch.manual_seed(0)
    cbam = CBAM(8, ratio=2)
    cbam.spatial_conv.weight.data.zero_()
    feature = torch.randn(1, 8, 5, 6)
    flat = feature.flatten(2)
    gate = (cbam.channel_mlp(flat.mean(2)) + cbam.channel_mlp(flat.amax(2))).sigmoid()
    torch.testing.assert_close(cbam(feature), feature * gate[..., None, None] / 2)


def test_spatial_gate_is_shared_by_the_channels():
    torch.manual_seed(0)
    cbam = CBAM(8)
    for parameter in cbam.channel_mlp.parameters():
        parameter.data.zero_()
    feature = torch.rand(1, 8, 5, 6) + 0.5
    gate = cbam(feature) / feature
    torch.testing.assert_close(gate, gate[:, :1].expand_as(gate))
    assert gate.std() > 0
