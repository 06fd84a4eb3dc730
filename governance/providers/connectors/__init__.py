"""The socket for providers' own systems: one protocol, plug-ins, and a guard around every call."""
