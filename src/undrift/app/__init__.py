"""The use cases: run tests in a mode, check, accept, compare.

They decide what happens and return what came of it; showing it is for the command line
and the plugin.
"""
