"""The screens of the mail."""


urlpatterns: list = []
