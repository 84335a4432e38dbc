"""Where the program sees the rows of all clients: every place, and why it has to."""

import ast

from tests.architecture.sources import calls, functions, places, sources

#: Functions that leave the client's rows for a moment in a person's request, and why.
OVER_ALL = {
    "campaigns/leads/client_facts.py": "which clients are of the same legal entity",
    "campaigns/leads/history.py": "the law counts the calls of a legal entity, whichever client made them",
    "campaigns/law/suppressions.py": "calls of the legal entity to a suppressed number are cancelled",
    "campaigns/lists/writing/listed.py": "suppressions of the legal entity",
    "campaigns/law/emergencies.py": "an emergency stops everybody's calls, and its end wakes them",
    "campaigns/accounts/listing.py": "logins are unique over the whole installation",
    "campaigns/tenancy/access.py": "a person's clients; asked before what the person may",
    "campaigns/tenancy/clients.py": "a new client, and those for which a person works",
    "campaigns/registers/changing.py": "trunks without a client are the installation's",
    "campaigns/registers/trunks.py": "the same, and their lines are used by all clients",
    "campaigns/setup/virtual.py": "the simulated trunk is everybody's",
    "campaigns/tenancy/bootstrap.py": "whether anybody runs the installation yet",
    "campaigns/tenancy/looks.py": "addresses are unique over the whole installation",
}

#: Transactions of the web process that say no client, and why.
NO_CLIENT = {
    "api/deps.py:_session": "begins before the person is known; api/auth.py then names the client",
    "api/pages/sign_in.py:sign_out": "by the token, whoever it was: ends that session only",
    "api/routes/service.py:_database": "asks for nothing but an answer",
    "api/browsers.py:is_still_in": "finds the session of a live page again, by its id",
    "api/desks.py:_check_browsers": "the same, for all live desks at once",
    "api/desks.py:_look": "one look serves the desks of all clients; each row goes to its own desk",
    "api/desks.py:_count": "the same",
    "api/uploading.py:_require": "finds who holds the token, before the file is taken",
    "api/pages/wall_screens.py:screen_stream": "finds a screen by its secret: nobody is signed in",
    "api/pages/wall_screens.py:may": "the same, while it is shown",
    "api/looks.py:look_of_host": "nobody has signed in: the look of the address",
    "api/looks.py:row_for": "the look of a session's client, else of the address",
}


def test_requests_leave_their_clients_rows_only_where_it_is_said() -> None:
    found = {
        source.path
        for source in sources()
        for name, _ in calls(source)
        if name.split(".")[-1] == "over_all_clients" and source.path != "dialer/rows.py"
    }
    assert found == set(OVER_ALL), "name the place here, with its reason"


def test_every_transaction_of_the_web_names_its_client() -> None:
    found = set()
    for source in sources("api"):
        for function in functions(source):
            for node in ast.walk(function):
                if not isinstance(node, ast.Call):
                    continue
                name = ast.unparse(node.func)
                opened = name.endswith("transaction") or name.endswith(".sessions")
                if opened and "whose" not in {one.arg for one in node.keywords}:
                    found.add(f"{source.path}:{function.name}")
    assert found == set(NO_CLIENT), "name the client (whose=who.whose), or the place here"


def test_only_the_foundation_takes_the_role() -> None:
    found = [
        (source.path, line, name)
        for source in sources()
        if source.path not in {"dialer/rows.py", "dialer/row_policies.py"}
        for name, line in calls(source)
        if name.split(".")[-1] == "bind" and "rows" in name
    ]
    assert not found, places(found)
