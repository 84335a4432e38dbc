"""The operator's desk: what an agent sees now, and what the agent does about it."""
