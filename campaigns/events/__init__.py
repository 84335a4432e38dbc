"""Events: what happened to a client's campaigns, in an order that never changes, for programs."""
