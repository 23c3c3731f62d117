"""Dates and times where Django writes them by itself, as in the panel: in the form that the other screens give them."""
