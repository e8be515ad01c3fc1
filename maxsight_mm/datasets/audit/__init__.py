"""What a collection of pictures holds, before anything is trained on it."""
