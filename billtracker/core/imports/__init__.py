"""One engine for every file that comes in: read, map its columns, preview, apply, undo.

``reading`` turns bytes into rows of text, ``columns`` guesses what they mean, ``rows`` reads their cells,
``handlers`` is
what an app has to answer for its kind of file, ``previews`` keeps what would happen, ``batches``
makes it happen and takes it back.
"""
