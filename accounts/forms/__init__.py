"""What people fill in about themselves and their accounts."""

from accounts.forms.account import AccountForms, DeleteAccountForm
from accounts.forms.settings import IdentityFormSet, SettingsForm

__all__ = ["AccountForms", "DeleteAccountForm", "IdentityFormSet", "SettingsForm"]
