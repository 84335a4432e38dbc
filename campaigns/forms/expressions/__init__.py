"""The language of conditions and calculations: small, typed, total, and never handed to Python.

``parsing.py`` turns text into the nodes of ``nodes.py``; ``evaluating.py`` gives their value, three-valued
where an answer is missing; ``writing.py`` turns nodes back into text. docs/forms.md tells the language.
"""
