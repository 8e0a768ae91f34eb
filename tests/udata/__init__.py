"""The real udata, for tests: its environment and its server, and a stand-in portal that misbehaves on demand."""
