"""The law's records: suppressions, do-not-call lists, consents, exemptions, emergencies, evidence.

Read ``suppressions.py`` first. ``whatif.py`` asks the gate without any record. Nothing here commits.
"""
