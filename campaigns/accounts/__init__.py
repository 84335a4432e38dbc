"""People's accounts: passwords, second factors, sessions, what each role may do, who did what.

Read ``signing_in.py`` first.
"""
