from .audio_encoder import AudioEncoder
from .dynamic_conv import DynamicConv
from .hybrid_cnn_vit import HybridCnnVit, HybridFeatures
from .vision_transformer import VisionTransformer

__all__ = [
    'AudioEncoder',
    'DynamicConv',
    'HybridCnnVit',
    'HybridFeatures',
    'VisionTransformer',
]
