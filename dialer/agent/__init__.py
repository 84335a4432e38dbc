"""An agent's shift, pure: ``machine.step(agent, event) -> Step``. Same shape as ``dialer.call``."""
