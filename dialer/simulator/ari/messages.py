"""REST requests and responses as they travel over the websocket."""

import msgspec


class Pair(msgspec.Struct):
    """One query parameter of a request over the websocket."""

    name: str
    value: str


class RestRequest(msgspec.Struct):
    """What a client sends over the websocket. Source: Asterisk 22.5, ARI REST over websocket."""

    method: str
    uri: str
    type: str = "RESTRequest"
    request_id: str = ""
    transaction_id: str = ""
    content_type: str = ""
    message_body: str = ""
    query_strings: list[Pair] = []


class RestResponse(msgspec.Struct, omit_defaults=True):
    """What it gets back."""

    type: str
    request_id: str
    transaction_id: str
    status_code: int
    reason_phrase: str
    uri: str
    content_type: str = ""
    message_body: str = ""
