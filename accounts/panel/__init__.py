"""What the operator's panel is made of, beside the forms in `accounts.admin`."""
