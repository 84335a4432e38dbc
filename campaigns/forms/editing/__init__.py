"""Forms changed step by step in the browser: each step is a function from a form to a form.

Pure: ``edits.py`` and ``section_edits.py`` (what a step does), ``kinds.py`` (what a fresh question is),
``renaming.py``, ``conditions.py`` (conditions as rows of a table), ``fingerprints.py``. With a database:
``drafts.py`` (a step at a time, none lost, none done twice, each can be undone), ``listing.py``. Read
``drafts.py`` first.
"""
