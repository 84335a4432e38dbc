"""The client's portal: requests, uploads, samples of results, files. Read ``requests.py`` first."""
