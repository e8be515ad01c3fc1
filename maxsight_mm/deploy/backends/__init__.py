"""Converters from the graph of scores to the files of each runtime.

Every module has ``convert(detector, out_dir, size, **options) -> Path`` of the graph,
and where the runtime works on this platform ``run(path, images)`` with the outputs by
name. Importing one needs nothing; calling it needs the extra it names.
"""
