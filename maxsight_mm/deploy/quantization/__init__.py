"""Static INT8 of the graph of scores, with the layers that suffer kept in float.

Activations are 8 bit a tensor, weights 8 bit a channel, ranges from the user's own
pictures. What follows the last convolution of a head, its decoding, stays in float.
"""
