"""Forms as files: our YAML, which says everything, and XLSForm, which other programs read too.

Reading is all or nothing: ``UnreadableForm`` names every fault with its place, or there is a form.
"""
