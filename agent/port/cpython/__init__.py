"""The port on CPython: the field's libraries behind the port's narrow interface."""
