"""What all tests share: those marked `bed` are carried out inside a booted test host."""

pytest_plugins = ["tests.bed.remote"]
