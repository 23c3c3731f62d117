"""The mail of two people who do not exist, for whoever tries Letterbox for the first time."""
