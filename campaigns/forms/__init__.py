"""Questionnaires: forms in versions, the engine that decides what is asked, answers, files.

Pure: ``form.py`` and ``questions.py`` (what a version is), ``expressions/`` (the language of conditions),
``answering/`` (what is asked next, what an answer may be, what reaches the result), ``checks/`` (what bars
a version from being published), ``versions.py`` and ``merging.py``. With a database: ``models.py``,
``publishing.py``, ``interviews.py``. ``files/`` reads and writes YAML and XLSForm. Read ``form.py`` first.
"""
