"""What bars a form from being published: each finding with its place, a sentence and a remedy.

``checking.py`` puts the checks together. ``structure.py`` looks at codes, limits, skips and rotation;
``wording.py`` at languages and slots; ``referring.py`` at what expressions look at; ``kinds.py`` at what they
compare; ``reach.py`` tries whether a question can be come to at all.
"""
