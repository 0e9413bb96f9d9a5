"""The query layer of the dashboard and of the API: what one reader may see and change.

Every function takes an :class:`monitor.access.base.Access`, which holds the counties of the reader. What lies
outside of them is not found, whoever asks for it by its number or code. Neither the pages nor the API read the
record in any other way.
"""
