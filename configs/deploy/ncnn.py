"""Scores of all locations as .param and .bin, for ncnn on phones and small boards.

What it answers are raw logits, to be decoded as deploy/decode.py does with scores.
Weights are stored in float32; half=True with precision='fp16' halves the file.

Command: python tools/deploy.py configs/deploy/ncnn.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any CPU.
Result: see docs/deploy.md.
"""

# (H, W) in pixels; None takes the size that IMAGE gets in the test pipeline.
input_size = None
precision = 'fp32'
kind = 'scores'
backend_config = dict(type='ncnn')
