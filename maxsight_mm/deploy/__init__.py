"""From a trained checkpoint to files that other runtimes read, with proof.

Importing it needs nothing but the package's own requirements; each module says which
extra it needs. ``mmdeploy_plugin`` is what deploy configs name in
``codebase_config.module``.
"""
