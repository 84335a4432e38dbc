"""The builder of forms in the browser: what its pages show, and what they send.

A question's form in the page is a flat mapping of names to texts (``options.0.text.en``), made of the
question by ``fields.py``, changed by the page's buttons in ``listed.py``, and made into a question again by
``reading.py``. ``conditions.py`` does the same for conditions; ``view.py`` puts together what the page
shows.
"""
