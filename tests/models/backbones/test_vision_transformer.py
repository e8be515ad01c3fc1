import pytest
import torch
import torch.nn.functional as F

from maxsight_mm.models.backbones import VisionTransformer


def small_vit(**kwargs) -> VisionTransformer:
    torch.manual_seed(0)
    settings = dict(image_size=64, embed_dims=24, depth=3, num_heads=3) | kwargs
    vit = VisionTransformer(**settings)
    vit.init_weights()
    return vit


def test_default_is_vit_b_16_with_86_million_parameters():
    with torch.device('meta'):
        vit = VisionTransformer()
    assert sum(p.numel() for p in vit.parameters()) == 85_798_656


def test_parameters_are_named_as_in_public_checkpoints():
    names = set(small_vit().state_dict())
    assert {
        'cls_token',
        'pos_embed',
        'patch_embed.proj.weight',
        'blocks.2.norm1.weight',
        'blocks.2.attn.qkv.bias',
        'blocks.2.attn.proj.weight',
        'blocks.2.mlp.fc2.weight',
        'norm.bias',
    } <= names


def test_sdpa_equals_naive():
    images = torch.randn(2, 3, 64, 64)
    expected = small_vit(attention='naive').eval()(images)
    torch.testing.assert_close(small_vit(attention='sdpa').eval()(images), expected)


def test_block_equals_pytorchs_encoder_layer():
    """An independent pre-norm block with the same weights."""
    block = small_vit().blocks[0].eval()
    layer = torch.nn.TransformerEncoderLayer(
        24, 3, 96, 0.0, F.gelu, 1e-6, batch_first=True, norm_first=True
    ).eval()
    layer.self_attn.in_proj_weight.data = block.attn.qkv.weight.data
    layer.self_attn.in_proj_bias.data = block.attn.qkv.bias.data
    layer.self_attn.out_proj = block.attn.proj
    layer.linear1, layer.linear2 = block.mlp.fc1, block.mlp.fc2
    layer.norm1, layer.norm2 = block.norm1, block.norm2
    tokens = torch.randn(2, 5, 24)
    # Gradients on, so that PyTorch takes its plain path.
    torch.testing.assert_close(block(tokens), layer(tokens))


def test_position_embedding_at_its_own_size_is_the_parameter():
    vit = small_vit()
    assert vit.position_embedding((4, 4)) is vit.pos_embed


def test_position_embedding_resized_keeps_a_constant_and_the_class():
    vit = small_vit()
    vit.pos_embed.data[:, 1:] = 3.0
    resized = vit.position_embedding((6, 8))
    assert resized.shape == (1, 49, 24)
    torch.testing.assert_close(resized[:, 1:], torch.full((1, 48, 24), 3.0))
    assert torch.equal(resized[:, 0], vit.pos_embed[:, 0])


def test_position_embedding_varies_along_the_right_axis():
    vit = small_vit()
    rows = torch.arange(4.0).repeat_interleave(4)
    vit.pos_embed.data[:, 1:] = rows[None, :, None]
    plane = vit.position_embedding((4, 8))[0, 1:, 0].view(4, 8)
    torch.testing.assert_close(plane, torch.arange(4.0)[:, None].expand(4, 8))


@pytest.mark.parametrize('size', [(64, 64), (96, 128), (70, 51), (16, 16)])
def test_any_size_is_taken(size):
    vit = small_vit().eval()
    rows, columns = vit.grid(*size)
    assert vit(torch.randn(1, 3, *size)).shape == (1, 1 + rows * columns, 24)


def test_additions_reach_their_block_and_not_the_class_token():
    vit = small_vit().eval()
    images = torch.randn(1, 3, 64, 64)
    added = torch.randn(1, 16, 24)
    tokens = vit.run_block(0, vit.embed(images))
    tokens = torch.cat([tokens[:, :1], tokens[:, 1:] + added], dim=1)
    for index in (1, 2):
        tokens = vit.run_block(index, tokens)
    torch.testing.assert_close(vit(images, {1: added}), vit.norm(tokens))


def test_checkpointing_gives_equal_gradients():
    images = torch.randn(2, 3, 64, 64)
    gradients = []
    for with_cp in (False, True):
        vit = small_vit(with_cp=with_cp).train()
        vit(images).square().sum().backward()
        gradients.append([p.grad for p in vit.parameters()])
    for plain, recomputed in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, recomputed)


def test_half_precision_stays_finite():
    vit = small_vit().eval().to(torch.bfloat16)
    out = vit(torch.randn(1, 3, 64, 64, dtype=torch.bfloat16))
    assert out.dtype == torch.bfloat16
    assert out.isfinite().all()


def test_heads_that_do_not_divide_the_channels_are_refused():
    with pytest.raises(ValueError, match='5 heads do not divide 24'):
        small_vit(num_heads=5)
