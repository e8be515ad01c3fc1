"""Scores of all locations as .param and .bin, for ncnn on phones and small boards.

Float32 storage: with fp16 storage answers differ by more than the parity gate lets.

Command: python tools/deploy.py configs/deploy/ncnn.py CONFIG CHECKPOINT
    IMAGE --work-dir DIR
Hardware: any CPU.
Result: see docs/deploy.md.
"""

# (H, W) in pixels; None takes the size of the model's test pipeline.
input_size = None
precision = 'fp32'
kind = 'scores'
backend_config = dict(type='ncnn')
