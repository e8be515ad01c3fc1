"""The caption as word indices of the closed vocabulary."""

import numpy as np

from ...taxonomy.vocabulary import BOS, EOS, VOCABULARY
from .registry import derives

MAX_TOKENS = 64


@derives('caption_ids')
def caption_ids(results: dict) -> np.ndarray | None:
    """(64,) int64: ``<bos>``, the words, ``<eos>``, then -1.

    A longer caption is cut, and then has no ``<eos>``. None without a caption.
    """
    caption = results['gt_tasks'].get('caption')
    if caption is None:
        return None
    words, _ = VOCABULARY.encode(caption)
    tokens = [BOS, *words, EOS][:MAX_TOKENS]
    return np.array(tokens + [-1] * (MAX_TOKENS - len(tokens)), dtype=np.int64)
