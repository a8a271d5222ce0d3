"""A whole file of addresses through the geocoder: on every processor, and resumed where it stopped.

The Danes, who do it best, call it washing addresses.
"""
