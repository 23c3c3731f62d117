"""Messages as octets and as values: pure functions from one to the other.

Reading never raises, whatever the octets: what is wrong is recorded as a defect and the rest is shown.
Nothing here knows Django, settings or a network; every limit is an argument (see `limits`).
"""
