"""The engine: pure functions of a form, a person and the answers given so far.

``engine.py`` decides what is asked next and what counts; ``settling.py`` turns what somebody entered into
an answer or says why not; ``piping.py`` puts answers into texts; ``rotation.py`` orders what rotates.
"""
