"""Where the list of each register is."""

PATHS = {
    "trunk": "/trunks",
    "caller_id": "/caller-ids",
    "day_off": "/days-off",
    "disposition_set": "/disposition-sets",
    "retry_set": "/retry-sets",
    "contact_list": "/lists",
    "form": "/forms",
    "script": "/scripts",
    "user": "/users",
}
