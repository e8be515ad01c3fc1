"""A toy T5 whose safety scores are spread, so that it finds things, and a stream."""

import torch

from tests.models.toy_context import AUDIO_SAMPLES, HEIGHT, WIDTH, build_toy_t5

SIZE = (HEIGHT, WIDTH)


def spread_tier(**heads):
    """Detector in evaluation mode with more detections than objects are answered."""
    tier = build_toy_t5(**heads).eval()
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for name in ('objectness', 'classification', 'object_urgency', 'distance'):
            predictor = tier.safety_heads.heads[name].predictor
            noise = torch.randn(predictor.weight.shape, generator=generator)
            predictor.weight.copy_(noise * 0.3)
            predictor.bias.zero_()
        # New branches start at zero, which hides faults.
        for weight in tier.context_stage.parameters():
            noise = torch.randn(weight.shape, generator=generator)
            weight.add_(noise * 0.02)
    return tier


def stream_of(length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(T, 3, H, W) frames that move, and (1, 2, n) sound of half a second or less."""
    generator = torch.Generator().manual_seed(5)
    scene = torch.randn(3, *SIZE, generator=generator)
    frames = torch.stack([scene.roll(3 * t, dims=2) for t in range(length)])
    noise = torch.randn(frames.shape, generator=generator)
    sound = torch.rand(1, 2, AUDIO_SAMPLES, generator=generator) * 0.2 - 0.1
    return frames + 0.1 * noise, sound
